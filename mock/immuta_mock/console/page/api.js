// Calls the control API of the tenant whose page this is. A control key is asked for when the mock wants one, and kept
// for this tab alone.

import { asked, h } from "./dom.js";

const STORED = "immuta-mock-control-key";
const HEADER = "X-Mock-Control-Key";

const prefix = location.pathname.replace(/\/__mock__\/ui$/, "");
export const server = prefix.replace(/\/t\/[^/]+$/, "");
export const origin = location.origin + prefix;
export const pageOf = (tenant) => `${server}${tenant === "default" ? "" : `/t/${encodeURIComponent(tenant)}`}/__mock__/ui`;

export class Refused extends Error {}

export const hasKey = () => sessionStorage.getItem(STORED) !== null;
export const forgetKey = () => sessionStorage.removeItem(STORED);

// `path` is that of the control document, or begins with `/` for any other of this server.
export async function open(method, path, { body, headers = {}, signal } = {}) {
  const url = path.startsWith("/") ? path : `${prefix}/__mock__/${path}`;
  const sent = { ...headers };
  const used = sessionStorage.getItem(STORED);
  if (used !== null) sent[HEADER] = used;
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const answer = await fetch(url, { method, headers: sent, body, signal, cache: "no-store", credentials: "omit" });
  if (answer.ok) return answer;
  const { message } = await answer.json().catch(() => ({ message: `The mock answered ${answer.status}.` }));
  if (answer.status !== 401) throw Object.assign(new Refused(message), { status: answer.status });
  await keyAskedFor(used);
  return open(method, path, { body, headers, signal });
}

export async function call(method, path, value) {
  const answer = await open(method, path, { body: value === undefined ? undefined : JSON.stringify(value) });
  return answer.json();
}

let asking = null;

// Several calls that are refused at once ask once; one that was sent with an older key just tries again.
async function keyAskedFor(used) {
  if (sessionStorage.getItem(STORED) !== used) return;
  asking ??= ask(used !== null).finally(() => (asking = null));
  await asking;
}

async function ask(again) {
  const input = h("input", { type: "password", autocomplete: "off", required: true, autofocus: true, "aria-label": "Control key" });
  const why = again ? "That is not the control key of this mock." : "This mock is steered with a control key.";
  const hint = h("p", { class: "hint" }, "It was set in IMMUTA_MOCK_CONTROL_KEY, and is kept in this tab until that is closed.");
  while ((await asked([h("h2", {}, "Control key"), h("p", {}, why), input, hint], [h("button", { value: "yes" }, "Use it")])) !== "yes");
  sessionStorage.setItem(STORED, input.value);
}
