// What faults do: the fields that make an effect, and the words that tell it.

import { plural } from "./format.js";

const number = (name, label, value, more = {}) => ({ name, label, value, type: "number", min: 0, step: "any", ...more });
const whole = (name, label, value, more = {}) => number(name, label, value, { min: 1, step: 1, ...more });

export const EFFECTS = {
  latency: { label: "Answer late", fields: [number("seconds", "Seconds", 2, { max: 3600 })], make: ({ seconds }) => ({ latency: seconds }) },
  status: {
    label: "Answer with a status",
    fields: [whole("status", "Status", 503, { min: 200, max: 599 }), number("after", "Retry-After", "", { required: false, step: 1 })],
    make: ({ status, after }) => ({ status, ...(after === "" ? {} : { headers: { "Retry-After": String(after) } }) }),
  },
  rateLimit: {
    label: "Limit the rate (429)",
    fields: [whole("requests", "Requests", 10), number("seconds", "in seconds", 60, { min: 0.001 })],
    make: (values) => ({ rateLimit: values }),
  },
  resetRequest: { label: "Reset the connection before the request", fields: [], make: () => ({ reset: "request" }) },
  resetAnswer: { label: "Reset the connection after the request", fields: [], make: () => ({ reset: "answer" }) },
  truncate: { label: "Cut the body off", fields: [whole("bytes", "After bytes", 20, { min: 0 })], make: ({ bytes }) => ({ truncate: bytes }) },
  malformed: { label: "Send malformed JSON", fields: [], make: () => ({ malformed: true }) },
  contentType: {
    label: "Send another content type",
    fields: [{ name: "type", label: "Content type", value: "text/html", type: "text" }],
    make: ({ type }) => ({ contentType: type }),
  },
  drip: {
    label: "Send slowly",
    fields: [whole("bytes", "Bytes at a time", 16), number("seconds", "Pause in seconds", 0.2, { max: 60 })],
    make: (values) => ({ drip: values }),
  },
  expireTokens: { label: "Expire the caller's tokens", fields: [], make: () => ({ expireTokens: true }) },
};

export const WHEN = {
  always: { label: "Always", fields: [], make: () => undefined },
  nth: { label: "Only the n-th time", fields: [whole("nth", "n", 1)], make: ({ nth }) => ({ nth }) },
  after: { label: "Not the first times", fields: [whole("after", "Times", 1)], make: ({ after }) => ({ after }) },
  times: { label: "Only the first times", fields: [whole("times", "Times", 1)], make: ({ times }) => ({ times }) },
  probability: {
    label: "By chance",
    fields: [number("probability", "Probability", 0.5, { max: 1 }), whole("seed", "Seed", 0, { min: 0 })],
    make: (values) => values,
  },
};

const WORDS = {
  latency: (value) => `answers ${late(value)}`,
  status: (value) => `answers ${value}`,
  headers: (value) => `with ${Object.entries(value).map(([name, text]) => `${name}: ${text}`).join(", ")}`,
  body: () => "with a body of its own",
  rateLimit: ({ requests, seconds }) => `answers 429 above ${plural(requests, "request")} in ${seconds} s`,
  reset: (value) => `resets the connection ${value === "request" ? "before" : "after"} the request is carried out`,
  truncate: (value) => `cuts the body off after ${plural(value, "byte")}`,
  malformed: () => "sends malformed JSON",
  contentType: (value) => `sends it as ${value}`,
  drip: ({ bytes, seconds }) => `sends ${plural(bytes, "byte")} every ${seconds} s`,
  expireTokens: () => "expires the caller's tokens",
};

export function effectInWords(effect) {
  return Object.entries(effect).map(([name, value]) => WORDS[name](value)).join(", ");
}

function late(value) {
  if (typeof value === "number") return `${value} s late`;
  return "max" in value ? `${value.min ?? 0} to ${value.max} s late` : `about ${value.median} s late`;
}

export function matchInWords({ match = {}, when = {} }) {
  const { operationId, method, path, user, tenant } = match;
  const what = operationId ?? [method, path].filter(Boolean).join(" ");
  const parts = [what || "any request", user && `by ${user}`, tenant && `in ${tenant}`, when.nth && `only no. ${when.nth}`,
    when.after && `from no. ${when.after + 1} on`,
    when.times && `only ${plural(when.times, "time")}`, when.probability !== undefined && `with probability ${when.probability}`];
  return parts.filter(Boolean).join(", ");
}
