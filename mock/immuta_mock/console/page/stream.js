// Follows the journal: server-sent events over fetch, since an EventSource cannot send a control key.

import { open, server } from "./api.js";

const SHORTEST = 500;
const LONGEST = 8000;

// Calls `onEvent(name, data)` and `onState(state, text)` for as long as the tenant is there.
export async function follow(tenant, onEvent, onState) {
  let last = "";
  let pause = SHORTEST;
  for (;;) {
    try {
      const answer = await open("GET", "journal/events", { headers: last ? { "Last-Event-ID": last } : {} });
      onState("live", "live");
      pause = SHORTEST;
      for await (const { event, id, data } of events(answer.body)) {
        if (id) last = id;
        onEvent(event, JSON.parse(data));
      }
      onState("waiting", "reconnecting");
    } catch (error) {
      onState("lost", error.status ? error.message : "no answer, trying again");
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, LONGEST);
    if (await isGone(tenant)) return onState("lost", `tenant ${tenant} was removed`);
  }
}

// A request to a tenant that was removed would make it anew, so that is asked of the default one.
async function isGone(tenant) {
  try {
    const tenants = await (await open("GET", `${server}/__mock__/tenants`)).json();
    return !tenants.some(({ name }) => name === tenant);
  } catch {
    return false;
  }
}

async function* events(stream) {
  let rest = "";
  for await (const text of chunks(stream.pipeThrough(new TextDecoderStream()))) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s, 2)));
      if (fields.event) yield fields;
    }
  }
}

// Not every browser can loop over a stream itself.
async function* chunks(stream) {
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}
