// The faults of the tenant: switched on and off, added and taken away.

import { call, origin } from "./api.js";
import { button, confirmed, h, renew as renewed } from "./dom.js";
import { EFFECTS, WHEN, effectInWords, matchInWords } from "./effects.js";
import { plural } from "./format.js";
import { act, model } from "./model.js";
import { empty, heading } from "./parts.js";
import { table } from "./table.js";

export const title = "Faults";
export const count = () => model.faults.filter((fault) => fault.enabled).length;

const rows = table("Faults", [
  { head: "On", cell: toggle, kind: "toggle" },
  { head: "Effect", cell: (fault) => effectInWords(fault.effect), kind: "main" },
  { head: "Requests", cell: matchInWords },
  { head: "Seen", cell: (fault) => String(fault.seen), kind: "number" },
  { head: "Happened", cell: (fault) => String(fault.applied), kind: "number" },
  { head: "Id", cell: (fault) => fault.id, kind: "mono" },
  { head: "Actions", cell: (fault, before) => before ?? button("Remove", () => remove(fault.id), { "aria-label": `Remove ${fault.id}` }), kind: "actions" },
], { keyOf: (fault) => fault.id });
const none = empty(h("p", {}, h("strong", {}, "Nothing goes wrong on purpose."), " Add a fault below, or ask for one with a single request: ",
  h("code", {}, "Prefer: mock-latency=0.5, mock-status=503"), "."));

const effect = choice("Effect", EFFECTS);
const when = choice("How often", WHEN);
const operation = h("select", { name: "operation" }, h("option", { value: "" }, "Any request"));
const user = h("select", { name: "user" });
const form = h("form", { class: "fields", onsubmit: add },
  effect.element, h("label", {}, "Requests", operation), h("label", {}, "User", user), when.element, h("button", {}, "Add fault"));

export const element = h("section", {},
  heading(title, button("Remove all", () => clear())), rows.element, none, h("h3", {}, "Add a fault"), form);

let isFilled = false;

export async function show() {
  renew();
  if (isFilled) return;
  isFilled = true;
  const { paths } = await call("GET", `${new URL(origin).pathname.replace(/\/$/, "")}/openapi.json`);
  const ids = Object.values(paths).flatMap((item) => Object.values(item)).map(({ operationId }) => operationId).filter(Boolean);
  operation.append(...ids.sort().map((id) => h("option", { value: id }, id)));
}

export function renew() {
  rows.show(model.faults);
  rows.element.hidden = !model.faults.length;
  none.hidden = model.faults.length > 0;
  renewed(user, [{ name: "" }, ...(model.state?.users ?? [])], ({ name }) => name, ({ name }) => {
    const option = h("option", { value: name }, name || "Anybody");
    option.renew = () => {};
    return option;
  });
}

function toggle(fault, before) {
  const element = before ?? h("button", { type: "button", role: "switch", class: "switch", onclick: (event) => flip(event.currentTarget.closest("tr").item) });
  element.setAttribute("aria-checked", String(fault.enabled));
  element.setAttribute("aria-label", `Fault ${fault.id}`);
  return element;
}

function flip({ seen, applied, ...fault }) {
  const enabled = !fault.enabled;
  return act("PUT", `faults/${encodeURIComponent(fault.id)}`, { ...fault, enabled }, `${fault.id} is ${enabled ? "on" : "off"}.`);
}

async function remove(id) {
  if (await confirmed(`Take the fault ${id} away?`, "Remove")) await act("DELETE", `faults/${encodeURIComponent(id)}`, undefined, `${id} is gone.`);
}

async function clear() {
  const much = plural(model.faults.length, "fault");
  if (model.faults.length && (await confirmed(`Take ${much} away?`, "Remove all"))) await act("DELETE", "faults", undefined, "Nothing goes wrong any more.");
}

// A select of what there is, and the fields of what is chosen.
function choice(label, choices) {
  const select = h("select", { onchange: () => fill() }, Object.entries(choices).map(([value, each]) => h("option", { value }, each.label)));
  const fields = h("span", { class: "fields" });
  const fill = () => fields.replaceChildren(...choices[select.value].fields.map(({ label: text, ...props }) => h("label", {}, text, h("input", { required: true, ...props }))));
  fill();
  const value = (input) => (input.type === "number" && input.value !== "" ? Number(input.value) : input.value);
  return {
    element: h("span", { class: "fields" }, h("label", {}, label, select), fields),
    made: () => choices[select.value].make(Object.fromEntries([...fields.querySelectorAll("input")].map((input) => [input.name, value(input)]))),
  };
}

function add(event) {
  event.preventDefault();
  const match = { ...(operation.value && { operationId: operation.value }), ...(user.value && { user: user.value }) };
  const fault = { effect: effect.made(), ...(Object.keys(match).length && { match }) };
  const often = when.made();
  return act("POST", "faults", often ? { ...fault, when: often } : fault, (added) => `${added.id} is on.`);
}
