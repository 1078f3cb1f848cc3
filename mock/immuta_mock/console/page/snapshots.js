// The state of the tenant as a whole: kept, brought back, loaded, written to a file.

import { open } from "./api.js";
import { button, confirmed, download, h, notice } from "./dom.js";
import { plural } from "./format.js";
import { act, model } from "./model.js";
import { empty, heading } from "./parts.js";
import { table } from "./table.js";

export const title = "Snapshots";
export const count = () => model.snapshots.length;

const rows = table("Snapshots", [
  { head: "Name", cell: (snapshot) => snapshot.name, kind: "main" },
  { head: "Data sources", cell: (snapshot) => String(snapshot.dataSources), kind: "number" },
  { head: "Actions", cell: (snapshot, before) => before ?? actions(snapshot.name), kind: "actions" },
], { keyOf: (snapshot) => snapshot.name });
const none = empty(h("p", {}, h("strong", {}, "No snapshots."), " Keep the state as it is now under a name, and bring it back later."));

const name = h("input", { required: true, maxlength: "200", name: "snapshot" });
const form = h("form", { class: "fields", onsubmit: save }, h("label", {}, "Name", name), h("button", {}, "Save snapshot"));
const file = h("input", { type: "file", accept: ".json,.yaml,.yml", class: "offscreen", tabindex: "-1", "aria-label": "Seed file", onchange: () => load() });

export const element = h("section", {},
  heading(title, button("Download state", () => write()), button("Load a state…", () => file.click()), file), form, rows.element, none);

export const show = () => renew();

export function renew() {
  rows.show(model.snapshots);
  rows.element.hidden = !model.snapshots.length;
  none.hidden = model.snapshots.length > 0;
}

const path = (snapshot) => `snapshots/${encodeURIComponent(snapshot)}`;

const actions = (snapshot) => h("span", {},
  button("Restore", () => restore(snapshot), { "aria-label": `Restore ${snapshot}` }),
  button("Remove", () => remove(snapshot), { "aria-label": `Remove ${snapshot}` }));

async function save(event) {
  event.preventDefault();
  const replaces = model.snapshots.some((snapshot) => snapshot.name === name.value);
  if (replaces && !(await confirmed(`Replace the snapshot ${name.value}?`, "Replace"))) return;
  if (await act("PUT", path(name.value), undefined, `${name.value} is saved.`)) form.reset();
}

async function restore(snapshot) {
  const question = `Put the state of ${snapshot} in place of the present one, with its ${plural(model.state.dataSources.length, "data source")}?`;
  if (await confirmed(question, "Restore")) await act("POST", `${path(snapshot)}/restore`, undefined, `The state is that of ${snapshot}.`);
}

async function remove(snapshot) {
  if (await confirmed(`Forget the snapshot ${snapshot}?`, "Remove")) await act("DELETE", path(snapshot), undefined, `${snapshot} is forgotten.`);
}

async function write() {
  try {
    download(await (await open("GET", "state")).blob(), `${model.health.tenant}.json`);
  } catch (error) {
    notice(error.message, "bad");
  }
}

async function load() {
  const [chosen] = file.files;
  if (!chosen) return;
  const body = await chosen.text();
  file.value = "";
  if (!(await confirmed(`Put the state of ${chosen.name} in place of the present one?`, "Load"))) return;
  const headers = { "Content-Type": /\.ya?ml$/i.test(chosen.name) ? "application/yaml" : "application/json" };
  try {
    await open("PUT", "state", { body, headers });
    notice("The state is loaded.");
  } catch (error) {
    notice(error.message, "bad");
  }
}
