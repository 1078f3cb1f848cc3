// The data sources, each with its handler and its dictionary.

import { origin } from "./api.js";
import { curl } from "./curl.js";
import { h } from "./dom.js";
import { day, plural } from "./format.js";
import { creator, model, nameOfProfile } from "./model.js";
import { chip, empty, facts, filterField, heading, jsonBlock, listAndPanel, shellLine } from "./parts.js";
import { table } from "./table.js";

const MOST_SHOWN = 500;
const EXAMPLE = {
  handler: { metadata: { hostname: "acme.snowflakecomputing.com", port: 443, username: "loader", password: "any", database: "SALES",
    schema: "CRM", table: "CLIENTS", columns: [{ name: "EMAIL", dataType: "text", remoteType: "varchar(80)" }] } },
  dataSource: { blobHandler: { scheme: "https", url: "" }, blobHandlerType: "Snowflake", recordFormat: "", type: "queryable",
    name: "Clients", sqlTableName: "clients" },
};

export const title = "Data sources";
export const count = () => model.state?.dataSources.length;

const filter = filterField("Filter by name, connection or table", () => renew());
const rows = table("Data sources", [
  { head: "Name", cell: (source) => source.name, kind: "main" },
  { head: "Id", cell: (source) => String(source.id), kind: "number" },
  { head: "Connector", cell: (source) => source.connector },
  { head: "Connection", cell: connection, kind: "mono" },
  { head: "Columns", cell: (source) => String(source.dictionary?.columns.length ?? "–"), kind: "number" },
  { head: "State", cell: state, kind: "state" },
], { keyOf: (source) => source.id, href: (source) => `#sources/${source.id}` });

const none = empty();
const more = h("p", { class: "hint" });
const pair = listAndPanel([rows.element, more, none], "Data source", () => {
  const id = chosen;
  location.hash = "#sources";
  setTimeout(() => rows.focus(id));
});
let chosen = "";

export const element = h("section", {}, heading(title, filter), pair.element);

export function show(id = "") {
  chosen = id;
  renew();
}

export function renew() {
  if (!model.state) return;
  const all = model.state.dataSources;
  const wanted = filter.value.trim().toLowerCase();
  const found = all.filter((source) => `${source.name} ${connection(source)} ${source.sqlTableName}`.toLowerCase().includes(wanted));
  rows.show(found.slice(0, MOST_SHOWN));
  rows.element.hidden = !found.length;
  more.hidden = found.length <= MOST_SHOWN;
  more.textContent = `${plural(found.length - MOST_SHOWN, "data source")} more; filter to see them.`;
  showNone(all.length, found.length);
  rows.mark(chosen);
  showPanel(all.find((source) => String(source.id) === chosen));
}

function state({ deleted, metadata }) {
  if (deleted) return chip("disabled");
  return metadata.hostname.toLowerCase().endsWith(".invalid") ? chip("unreachable", "bad") : chip("enabled", "good");
}

function connection({ metadata }) {
  return `${metadata.username ? `${metadata.username}@` : ""}${metadata.hostname}${metadata.port ? `:${metadata.port}` : ""}/${metadata.database}`;
}

function showNone(all, found) {
  const state = all ? (found ? "" : "filter") : "none";
  none.hidden = !state;
  if (none.dataset.state === state) return;
  none.dataset.state = state;
  if (state === "filter") none.replaceChildren(h("p", {}, "No data source matches the filter."));
  if (state !== "none") return;
  const user = creator();
  const asked = { method: "POST", url: `${origin}/snowflake/handler`, headers: [["content-type", "application/json"]], body: EXAMPLE };
  none.replaceChildren(
    h("p", {}, h("strong", {}, "No data sources yet."), " Point your client at ", h("code", {}, origin), ", or create one from a shell:"),
    shellLine(curl(asked), user && curl({ ...asked, key: user.key }), user?.name));
}

function showPanel(source) {
  if (!source) return pair.hide();
  pair.show(`${source.id}\n${JSON.stringify(source)}`, source.name, () => panel(source));
}

function panel(source) {
  const columns = source.dictionary?.columns;
  const read = { method: "GET", url: `${origin}/${source.connector}/handler/${source.handlerId}` };
  return [
    facts([
      ["Data source", String(source.id)], ["Handler", String(source.handlerId)], ["Connector", source.connector],
      ["Connection", connection(source)], ["SQL table", source.sqlTableName], ["Created", `${day(source.createdAt)} by ${nameOfProfile(source.createdBy)}`],
      ["Updated", day(source.updatedAt)], ["Owners", holders(source.owners)], ["Experts", holders(source.experts)],
      ["High cardinality", source.highCardinality && (source.highCardinality.column ?? "none")],
    ]),
    h("h4", {}, "Dictionary"),
    columns ? dictionary(columns) : h("p", { class: "hint" }, `There is none until POST /dictionary/${source.id}.`),
    jsonBlock("Handler metadata", source.metadata),
    jsonBlock("Data source fields", source.dataSource, { open: false }),
    h("h4", {}, "Read the handler"),
    shellLine(curl(read), creator() && curl({ ...read, key: creator().key }), creator()?.name),
  ];
}

const holders = (role) => [...(role?.profiles ?? []).map(nameOfProfile), ...(role?.groups ?? []).map((id) => `group ${id}`)].join(", ");

const notes = ({ nullable, isPrimaryKey, description, tags = [] }) =>
  [!nullable && "not null", isPrimaryKey && "primary key", description, ...tags.map((tag) => tag.name)].filter(Boolean).join(", ");

function dictionary(columns) {
  const rows = table("Dictionary", [
    { head: "Column", cell: (column) => column.name, kind: "main" },
    { head: "Type", cell: (column) => column.dataType },
    { head: "Remote type", cell: (column) => column.remoteType },
    ...(columns.some(notes) ? [{ head: "Notes", cell: notes, kind: "notes" }] : []),
  ], { keyOf: (column) => column.name });
  rows.show(columns);
  return rows.element;
}
