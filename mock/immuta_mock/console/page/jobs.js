// The jobs of the tenant; a running one can be made to end.

import { button, h } from "./dom.js";
import { day } from "./format.js";
import { act, model, sourceOf } from "./model.js";
import { chip, empty, heading } from "./parts.js";
import { table } from "./table.js";

const KINDS = { create: "create", bulkUpdate: "bulk update", highCardinality: "high cardinality", nativeView: "native view" };
const LOOKS = { active: "busy", completed: "good", failed: "bad" };
const MOST_SHOWN = 500;

export const title = "Jobs";
export const count = () => model.state?.jobs.length;

const rows = table("Jobs", [
  { head: "Kind", cell: (job) => KINDS[job.kind], kind: "main" },
  { head: "Data source", cell: (job) => sourceOf(job.dataSourceId)?.name ?? `${job.dataSourceId} (removed)` },
  { head: "State", cell: (job) => chip(job.state, LOOKS[job.state]) },
  { head: "Ends", cell: (job) => day(job.completesAt), kind: "mono time" },
  { head: "Output", cell: (job) => job.output ?? "" },
  { head: "Id", cell: (job) => job.id, kind: "mono small" },
  { head: "Actions", cell: ends, kind: "actions" },
], { keyOf: (job) => job.id });
const none = empty(h("p", {}, h("strong", {}, "No jobs."), " Creating several data sources, bulk updates and the two ",
  h("code", {}, "…Job"), " calls start some. They end at once unless the mock was started with ", h("code", {}, "JOB_SECONDS="),
  "; then they can be completed or failed here, or by moving the time on."));

export const element = h("section", {}, heading(title), rows.element, none);

export const show = () => renew();

export function renew() {
  if (!model.state) return;
  const jobs = [...model.state.jobs].reverse();
  rows.show(jobs.slice(0, MOST_SHOWN));
  rows.element.hidden = !jobs.length;
  none.hidden = jobs.length > 0;
}

function ends(job, before) {
  if (job.state !== "active") return "";
  const path = `jobs/${encodeURIComponent(job.id)}`;
  return before ?? h("span", {},
    button("Complete", () => act("POST", `${path}/complete`, undefined, "The job is completed.")),
    button("Fail", () => act("POST", `${path}/fail`, {}, "The job has failed.")));
}
