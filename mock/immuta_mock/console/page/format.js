// How values are written: times as the API has them (UTC), secrets masked, JSON indented.

const SECRETS = new Set(["password", "apikey", "token", "content", "key"]);
export const MASK = "••••••••";

export const time = (iso) => iso.slice(11, 23);
export const day = (iso) => iso.slice(0, 19).replace("T", " ");
export const seconds = (value) => (value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`);
export const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

export function json(value) {
  return typeof value === "string" ? value : JSON.stringify(masked(value), null, 2);
}

function masked(value) {
  if (Array.isArray(value)) return value.map(masked);
  if (value === null || typeof value !== "object") return value;
  const shown = ([name, inner]) => [name, SECRETS.has(name.toLowerCase()) && typeof inner === "string" ? MASK : masked(inner)];
  return Object.fromEntries(Object.entries(value).map(shown));
}
