// The page: which view is shown, what all views share, and what happens when the mock tells of something new.

import { call, forgetKey, hasKey, pageOf } from "./api.js";
import * as columns from "./columns.js";
import { confirmed, h, notice, renew as renewed, setText } from "./dom.js";
import * as faults from "./faults.js";
import { day, plural } from "./format.js";
import * as jobs from "./jobs.js";
import * as journal from "./journal.js";
import { act, add, begin, model, renewSoon, whenChanged } from "./model.js";
import * as snapshots from "./snapshots.js";
import * as sources from "./sources.js";
import { follow } from "./stream.js";
import * as tenants from "./tenants.js";
import * as users from "./users.js";

const VIEWS = { sources, columns, jobs, users, journal, faults, snapshots, tenants };
const $ = (id) => document.getElementById(id);
const main = $("main");
let shown = sources;

const links = Object.entries(VIEWS).map(([name, view]) => {
  const counted = h("span", { class: "count" });
  return { view, counted, element: h("a", { href: `#${name}` }, view.title, counted) };
});
const reference = h("a", { href: "../ui/", class: "aside" }, "API reference");
document.querySelector("nav").append(...links.map(({ element }) => element), reference);

function showView() {
  const [name, id] = location.hash.slice(1).split("/");
  const view = VIEWS[name] ?? sources;
  if (view.element.parentNode !== main) main.replaceChildren(view.element);
  shown = view;
  view.show(id ?? "");
  for (const { view: each, element } of links) {
    if (each === view) element.setAttribute("aria-current", "page");
    else element.removeAttribute("aria-current");
  }
  document.title = `${view.title} · ${model.health?.tenant ?? "Immuta mock"}`;
}

function showCounts() {
  for (const { view, counted } of links) setText(counted, String(view.count() ?? ""));
}

function showTop() {
  renewed($("tenant"), model.tenants, ({ name }) => name, ({ name }) => {
    const option = h("option", { value: name, selected: name === model.health.tenant }, name);
    option.renew = () => {};
    return option;
  });
  setText($("freeze"), model.time.frozen ? "Let run" : "Freeze");
  $("forget-key").hidden = !hasKey();
  showClock();
}

function showClock() {
  if (!model.time) return;
  const passed = model.time.frozen ? 0 : performance.now() - model.time.at;
  const now = new Date(Date.parse(model.time.now) + passed).toISOString();
  setText($("clock"), `${day(now)} UTC${model.time.frozen ? ", frozen" : ""}`);
}

// Several entries that come at once are shown at once.
let isDrawing = false;
function drawSoon() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    showCounts();
    if (shown === journal) journal.renew();
  });
}

const TOLD = {
  begin,
  entry(entry) {
    add(entry);
    const wrote = entry.method !== "GET" && entry.status < 400; // what is refused changes nothing
    if (wrote || entry.faults.length) renewSoon();
  },
  changed: renewSoon,
};

$("tenant").addEventListener("change", (event) => location.assign(pageOf(event.target.value) + location.hash.split("/")[0]));
$("freeze").addEventListener("click", () => act("POST", model.time?.frozen ? "time/resume" : "time/freeze", model.time?.frozen ? undefined : {}));
$("advance").addEventListener("click", () => act("POST", "time/advance", { seconds: 3600 }, ({ now }) => `It is ${day(now)} UTC for the tenant.`));
$("forget-key").addEventListener("click", () => {
  forgetKey();
  location.reload();
});
$("reset").addEventListener("click", async () => {
  const much = plural(model.state?.dataSources.length ?? 0, "data source");
  const question = `Make the tenant ${model.health?.tenant} as it was at the start? It has ${much} now; faults and journal start anew too, snapshots stay.`;
  if (await confirmed(question, "Reset")) await act("POST", "reset", undefined, "The tenant is as at the start.");
});
addEventListener("hashchange", showView);
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, select, textarea, dialog")) return;
  const field = main.querySelector("input.filter");
  if (!field) return;
  event.preventDefault();
  field.focus();
});
setInterval(showClock, 1000);
whenChanged(() => {
  showTop();
  showCounts();
  shown.renew();
});

async function start() {
  for (;;) {
    try {
      model.health = await call("GET", "health");
      break;
    } catch (error) {
      $("live").dataset.state = "lost";
      setText($("live"), "no answer");
      if (error.status) notice(error.message, "bad");
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
  showView();
  renewSoon();
  await follow(model.health.tenant, (name, data) => {
    TOLD[name]?.(data);
    drawSoon();
  }, (state, text) => {
    $("live").dataset.state = state;
    setText($("live"), text);
    if (state === "live") renewSoon();
  });
}

showView();
start();
