// The journal: requests and answers as they come, each with its details and the line that sends it again.

import { open, origin } from "./api.js";
import { curlOf } from "./curl.js";
import { button, confirmed, download, h, notice } from "./dom.js";
import { plural, seconds, time } from "./format.js";
import { act, model, userOf } from "./model.js";
import { chip, empty, facts, filterField, heading, jsonBlock, listAndPanel, shellLine } from "./parts.js";
import { table } from "./table.js";

const MOST_SHOWN = 300;

export const title = "Journal";
export const count = () => model.entries.length;

let paused = null; // the entries as they were when it was paused
let chosen = "";

const filter = filterField("Filter by path, operation, user or status", () => renew());
const verdicts = h("select", { "aria-label": "Verdict", onchange: () => renew() },
  [["", "All verdicts"], ["valid", "valid"], ["invalid", "invalid"], ["unmatched", "unmatched"], ["unchecked", "unchecked"]]
    .map(([value, text]) => h("option", { value }, text)));
const pause = button("Pause", () => {
  paused = paused ? null : [...model.entries];
  renew();
}, { "aria-pressed": "false" });

const rows = table("Requests", [
  { head: "Request", cell: (entry) => `${entry.method} ${entry.path}${entry.query ? `?${entry.query}` : ""}`, kind: "main mono" },
  { head: "Status", cell: status, kind: "state" },
  { head: "Verdict", cell: verdict, kind: "state" },
  { head: "User", cell: (entry) => entry.user ?? "–" },
  { head: "Took", cell: (entry) => seconds(entry.seconds), kind: "number" },
  { head: "At", cell: (entry) => time(entry.at), kind: "mono time" },
], { keyOf: (entry) => entry.id, href: (entry) => `#journal/${entry.id}` });

const more = h("p", { class: "hint" });
const none = empty();
const pair = listAndPanel([rows.element, more, none], "Request", () => {
  const id = chosen;
  location.hash = "#journal";
  setTimeout(() => rows.focus(id));
});

export const element = h("section", {},
  heading(title, filter, verdicts, pause, button("Export HAR", () => save()), button("Clear", () => clear())), pair.element);

export function show(id = "") {
  chosen = id;
  renew();
}

export function renew() {
  const entries = paused ?? model.entries;
  const wanted = filter.value.trim().toLowerCase();
  const found = entries.filter((entry) => (!verdicts.value || entry.verdict === verdicts.value)
    && `${entry.method} ${entry.path} ${entry.operation ?? ""} ${entry.user ?? ""} ${entry.status}`.toLowerCase().includes(wanted));
  rows.show(found.slice(0, MOST_SHOWN));
  rows.element.hidden = !found.length;
  more.hidden = found.length <= MOST_SHOWN;
  more.textContent = `${plural(found.length - MOST_SHOWN, "older request")} not shown; filter to find them.`;
  pause.textContent = paused ? `Go on (${model.entries.filter((entry) => !paused[0] || entry.id > paused[0].id).length} new)` : "Pause";
  pause.setAttribute("aria-pressed", String(Boolean(paused)));
  showNone(entries.length, found.length);
  rows.mark(chosen);
  const entry = entries.find(({ id }) => String(id) === chosen);
  if (entry) pair.show(`${entry.id}\n${entry.at}`, `${entry.method} ${entry.path}`, () => panel(entry));
  else pair.hide();
}

function showNone(all, found) {
  none.hidden = found > 0;
  none.replaceChildren(h("p", {}, all ? "No request matches the filter." : h("strong", {}, "No requests yet."), all ? ""
    : ` What clients send to ${origin} shows here as it comes, with what the document says of it.`));
}

function status({ status: code }) {
  return chip(code ? String(code) : "broken off", code >= 500 || !code ? "bad" : code >= 400 ? "warn" : "good");
}

function verdict(entry) {
  const look = { valid: "", invalid: "warn", unmatched: "bad", unchecked: "" }[entry.verdict];
  return h("span", {}, chip(entry.verdict, look), entry.faults.length ? chip(plural(entry.faults.length, "fault"), "busy") : "");
}

function panel(entry) {
  const user = userOf(entry.user);
  return [
    h("p", { class: "chips" }, status(entry), chip(entry.verdict), entry.faults.map((id) => chip(`fault ${id}`, "busy"))),
    entry.problem && h("p", { class: "problem" }, entry.problem),
    entry.nearest && h("p", { class: "hint" }, "The nearest operation is ", h("code", {}, entry.nearest), "."),
    facts([["Operation", entry.operation], ["User", entry.user], ["At", entry.at], ["Took", seconds(entry.seconds)], ["Query", entry.query]]),
    h("h4", {}, "Send it again"),
    shellLine(curlOf(entry, origin), user && curlOf(entry, origin, user.key), user?.name),
    message("Request", entry.request),
    message("Answer", entry.response),
    entry.promises.length > 0 && h("details", {}, h("summary", {}, `Promises concerned (${entry.promises.length})`), h("p", { class: "hint" }, entry.promises.join(", "))),
  ].filter(Boolean);
}

function message(name, { headers, body }) {
  const lines = headers.map(([field, value]) => `${field}: ${value}`).join("\n");
  return h("div", { class: "message" },
    h("h4", {}, name),
    body === null ? h("p", { class: "hint" }, "No body.") : jsonBlock("Body", body),
    h("details", {}, h("summary", {}, `Headers (${headers.length})`), h("pre", { tabindex: "0", "aria-label": `${name} headers` }, lines)));
}

async function clear() {
  if (!(await confirmed("Forget all requests in the journal?", "Clear"))) return;
  paused = null;
  await act("DELETE", "journal", undefined, "The journal is empty.");
}

async function save() {
  try {
    const blob = await (await open("GET", "journal/har")).blob();
    download(blob, "journal.har");
  } catch (error) {
    notice(error.message, "bad");
  }
}
