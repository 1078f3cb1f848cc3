// The tenants of this server; each has a page of its own.

import { origin, pageOf, server } from "./api.js";
import { button, confirmed, h } from "./dom.js";
import { act, model } from "./model.js";
import { chip, heading } from "./parts.js";
import { table } from "./table.js";

export const title = "Tenants";
export const count = () => model.tenants.length;

const rows = table("Tenants", [
  { head: "Name", cell: (tenant) => tenant.name, kind: "main" },
  { head: "Page", cell: (tenant) => (tenant.name === model.health.tenant ? chip("shown here", "good") : ""), kind: "state" },
  { head: "Actions", cell: (tenant, before) => before ?? (tenant.name === "default" ? "" : button("Remove", () => remove(tenant.name), { "aria-label": `Remove ${tenant.name}` })), kind: "actions" },
], { keyOf: (tenant) => tenant.name, href: (tenant) => pageOf(tenant.name) });

const pattern = "[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}";
const name = h("input", { required: true, pattern, title: "1 to 64 letters, digits, '.', '_' or '-', a letter or digit first", name: "tenant" });
const form = h("form", { class: "fields", onsubmit: make }, h("label", {}, "Name", name), h("button", {}, "Open tenant"));

export const element = h("section", {},
  heading(title),
  h("p", { class: "hint" }, "A tenant has its own data sources, users, time, faults and journal, and is made by the first request to ",
    h("code", {}, `${location.origin}${server}/t/{tenant}`), " or with the header ", h("code", {}, "X-Mock-Tenant"), ". This page shows ", h("code", {}, origin), "."),
  form, rows.element);

export const show = () => renew();

export function renew() {
  if (model.health) rows.show(model.tenants);
}

function make(event) {
  event.preventDefault();
  location.assign(pageOf(name.value));
}

async function remove(tenant) {
  if (!(await confirmed(`Forget the tenant ${tenant}, and all it holds?`, "Remove"))) return;
  const isShown = tenant === model.health.tenant;
  if (isShown) return (await act("DELETE", `${server}/__mock__/tenants/${encodeURIComponent(tenant)}`)) && location.assign(pageOf("default"));
  return act("DELETE", `tenants/${encodeURIComponent(tenant)}`, undefined, `${tenant} is gone.`);
}
