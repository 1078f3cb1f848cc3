// The search over the columns of all dictionaries, and where each column is.

import { origin } from "./api.js";
import { curl } from "./curl.js";
import { h } from "./dom.js";
import { plural } from "./format.js";
import { creator, model } from "./model.js";
import { empty, filterField, heading, shellLine } from "./parts.js";
import { table } from "./table.js";

const MOST_SHOWN = 300;

export const title = "Columns";
export const count = () => undefined;

const search = filterField("Search column names", () => renew());
const rows = table("Columns", [
  { head: "Column", cell: ({ column }) => column.name, kind: "main" },
  { head: "Type", cell: ({ column }) => column.dataType },
  { head: "Remote type", cell: ({ column }) => column.remoteType },
  { head: "Data source", cell: ({ source }) => source.name },
  { head: "Connector", cell: ({ source }) => source.connector },
], { keyOf: ({ column, source }) => `${source.id} ${column.name}`, href: ({ source }) => `#sources/${source.id}` });
const told = h("p", { class: "hint", role: "status" });
const none = empty(h("p", {}, h("strong", {}, "No columns yet."), " They are in the dictionaries of data sources: ",
  h("code", {}, "metadata.columns"), " of a create call, or ", h("code", {}, "POST /dictionary/{dataSourceId}"), "."));
const line = h("div", {});

export const element = h("section", {}, heading(title, search), told, rows.element, none, h("h3", {}, "As a client asks"), line);

export const show = () => renew();

export function renew() {
  if (!model.state) return;
  const all = model.state.dataSources.flatMap((source) => (source.dictionary?.columns ?? []).map((column) => ({ column, source })));
  const wanted = search.value.toLowerCase();
  const found = all.filter(({ column }) => column.name.toLowerCase().includes(wanted));
  found.sort((one, other) => compared(one.column.name.toLowerCase(), other.column.name.toLowerCase()) || compared(one.column.name, other.column.name));
  rows.show(found.slice(0, MOST_SHOWN));
  rows.element.hidden = !found.length;
  none.hidden = all.length > 0;
  told.hidden = !all.length;
  told.textContent = `${plural(found.length, "column")} with ${new Set(found.map(({ column }) => column.name)).size} different names`
    + (found.length > MOST_SHOWN ? `, ${MOST_SHOWN} shown` : "");
  const url = `${origin}/dictionary/columns` + (search.value ? `?searchText=${encodeURIComponent(search.value)}` : "");
  const [text, user] = [curl({ method: "GET", url }), creator()];
  if (line.dataset.text !== text) line.replaceChildren(shellLine(text, user && curl({ method: "GET", url, key: user.key }), user?.name));
  line.dataset.text = text;
}

const compared = (one, other) => (one < other ? -1 : Number(one > other));
