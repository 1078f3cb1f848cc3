// Who may log in, with keys that are shown and copied on demand.

import { button, copyButton, h } from "./dom.js";
import { MASK } from "./format.js";
import { act, model } from "./model.js";
import { chip, heading } from "./parts.js";
import { table } from "./table.js";

export const title = "Users";
export const count = () => model.state?.users.length;

const rows = table("Users", [
  { head: "Name", cell: (user) => user.name, kind: "main" },
  { head: "Key", cell: key, kind: "keys" },
  { head: "Profile", cell: (user) => String(user.profile), kind: "number" },
  { head: "Permissions", cell: (user) => (user.permissions.length ? h("span", {}, user.permissions.map((each) => chip(each))) : "") },
  { head: "Groups", cell: (user) => (user.groups ?? []).join(", ") },
  { head: "Actions", cell: (user, before) => before ?? expiry(user.name), kind: "actions" },
], { keyOf: (user) => `${user.profile} ${user.name}` });

const fields = {
  name: h("input", { required: true, name: "name" }),
  key: h("input", { required: true, name: "key", pattern: "[!-~]+", title: "Visible ASCII without spaces", autocomplete: "off" }),
  profile: h("input", { required: true, name: "profile", type: "number", min: "1" }),
  create: h("input", { type: "checkbox" }),
  govern: h("input", { type: "checkbox" }),
};
const form = h("form", { class: "fields", onsubmit: add },
  h("label", {}, "Name", fields.name), h("label", {}, "Key", fields.key), h("label", {}, "Profile", fields.profile),
  h("label", { class: "check" }, fields.create, "CREATE_DATA_SOURCE"), h("label", { class: "check" }, fields.govern, "GOVERNANCE"),
  h("button", {}, "Add user"));

export const element = h("section", {},
  heading(title, button("Expire all tokens", () => act("POST", "tokens/expire", {}, ({ expired }) => `${expired} expired.`))),
  h("p", { class: "hint" }, "A key, or a token got with it, goes into the header ", h("code", {}, "Authorization"), "."),
  rows.element, h("details", { class: "adding" }, h("summary", {}, "Add a user"), form));

export const show = () => renew();

export function renew() {
  if (model.state) rows.show(model.state.users);
}

function key(user, before) {
  if (before) return before;
  const current = () => model.state.users.find(({ profile }) => profile === user.profile)?.key ?? "";
  const code = h("code", { class: "secret" }, MASK);
  const reveal = button("Show", () => {
    const isShown = reveal.getAttribute("aria-pressed") === "true";
    code.textContent = isShown ? MASK : current();
    reveal.textContent = isShown ? "Show" : "Hide";
    reveal.setAttribute("aria-pressed", String(!isShown));
  }, { class: "quiet", "aria-pressed": "false", "aria-label": `Show the key of ${user.name}` });
  return h("span", {}, code, reveal, copyButton(current, "Copy", { "aria-label": `Copy the key of ${user.name}` }));
}

const expiry = (name) => button("Expire tokens", () => act("POST", "tokens/expire", { user: name }, ({ expired }) => `${expired} expired.`));

async function add(event) {
  event.preventDefault();
  const permissions = [fields.create.checked && "CREATE_DATA_SOURCE", fields.govern.checked && "GOVERNANCE"].filter(Boolean);
  const user = { name: fields.name.value, key: fields.key.value, profile: Number(fields.profile.value), permissions };
  if (await act("POST", "users", user, `${user.name} may log in.`)) form.reset();
}
