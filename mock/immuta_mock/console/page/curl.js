// Requests as lines for a shell. Without a key they name the variable that holds it.

const LEFT_OUT = new Set(["host", "content-length", "connection", "accept", "accept-encoding", "accept-language", "user-agent",
  "authorization", "x-mock-tenant", "transfer-encoding", "expect"]);

const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

export function curl({ method, url, headers = [], body = null, key }) {
  const parts = [`curl -sS ${method === "GET" ? "" : `-X ${method} `}${quoted(url)}`];
  if (key === undefined) parts.push('-H "Authorization: $IMMUTA_API_KEY"');
  else if (key !== null) parts.push(`-H ${quoted(`Authorization: ${key}`)}`);
  for (const [name, value] of headers) if (!LEFT_OUT.has(name)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body !== null) parts.push(`--data-raw ${quoted(typeof body === "string" ? body : JSON.stringify(body))}`);
  return parts.length > 3 ? parts.join(" \\\n  ") : parts.join(" ");
}

// That of a journal entry, as its user would send it with `key`.
export function curlOf(entry, origin, key) {
  const url = origin + entry.path + (entry.query ? `?${entry.query}` : "");
  const { headers, body } = entry.request;
  const named = headers.some(([name]) => name === "authorization");
  return curl({ method: entry.method, url, headers, body, key: named ? key : null });
}
