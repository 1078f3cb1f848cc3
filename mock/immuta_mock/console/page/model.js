// What the page knows of the tenant. It is read again when something may have changed, but never without a pause.

import { call } from "./api.js";
import { notice } from "./dom.js";

const SHORTEST_PAUSE = 300;
const MOST_ENTRIES = 1000;

export const model = { health: null, state: null, faults: [], snapshots: [], tenants: [], time: null, entries: [] };

const listeners = [];
let isStale = false;
let isResting = false;

export function whenChanged(listener) {
  listeners.push(listener);
}

export const changed = (what) => listeners.forEach((listener) => listener(what));

// Reads all again: at once, after the pause that the last reading earned, or when the page is looked at.
export function renewSoon() {
  isStale = true;
  if (!isResting && !document.hidden) renewNow();
}

document.addEventListener("visibilitychange", () => isStale && renewSoon());

async function renewNow() {
  isStale = false;
  isResting = true;
  const begun = performance.now();
  try {
    await read();
    changed("model");
  } catch (error) {
    if (error.status) notice(error.message, "bad"); // without a status nothing answered: the stream says so
  }
  setTimeout(() => {
    isResting = false;
    if (isStale) renewSoon();
  }, Math.max(SHORTEST_PAUSE, 4 * (performance.now() - begun)));
}

async function read() {
  const [state, { faults }, snapshots, tenants, time] = await Promise.all(
    ["state", "faults", "snapshots", "tenants", "time"].map((path) => call("GET", path)));
  Object.assign(model, { state, faults, snapshots, tenants, time: { ...time, at: performance.now() } });
}

export function begin() {
  model.entries = [];
}

export function add(entry) {
  model.entries.unshift(entry);
  model.entries.length = Math.min(model.entries.length, MOST_ENTRIES);
}

// Does something and says so, or says why not; true when it is done.
export async function act(method, path, value, done) {
  try {
    const answer = await call(method, path, value);
    if (done) notice(typeof done === "function" ? done(answer) : done);
    renewSoon();
    return true;
  } catch (error) {
    notice(error.status ? error.message : "The mock does not answer.", "bad");
    return false;
  }
}

export const userOf = (name) => model.state?.users.find((user) => user.name === name);
export const creator = () => model.state?.users.find((user) => user.permissions?.includes("CREATE_DATA_SOURCE"));
export const sourceOf = (id) => model.state?.dataSources.find((source) => source.id === id);
export const nameOfProfile = (id) => model.state?.users.find((user) => user.profile === id)?.name ?? `profile ${id}`;
