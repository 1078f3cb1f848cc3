-- Sends one request over and over; in its body every @@@@@@@@ becomes a number of its own. At the end: figures as JSON.
local method, path, key, file = os.getenv("BENCH_METHOD"), os.getenv("BENCH_PATH"), os.getenv("BENCH_KEY"), os.getenv("BENCH_BODY")
local headers = { Authorization = key }
local parts, number = nil, tonumber(os.getenv("BENCH_FIRST"))

if file ~= "" then
  headers["Content-Type"] = "application/json"
  local body, at = io.open(file):read("*a"), 1
  parts = {}
  repeat
    local start, stop = body:find("@@@@@@@@", at, true)
    table.insert(parts, body:sub(at, (start or 0) - 1))
    at = (stop or 0) + 1
  until not start
end

request = function()
  number = number + 1
  local body = parts and table.concat(parts, string.format("%08d", number))
  return wrk.format(method, path, headers, body)
end

done = function(summary, latency)
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "broken": %d, "refused": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, broken, summary.errors.status,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
