"""What the server does in one go, in Lua: nobody sees the half of it.

Under one prefix are kept `meta` (format, epoch, head: the number of the latest change), `log` (a stream: which records
each change named), `versions` (the latest change of each space), `tenants` (a sorted set, the least recently used
first), and for each space a hash of its records with a sorted set of their order. A space is what changes together:
`tenant/state` or `tenant/faults`. A journal is a list beside a hash of what is known of it.

Whoever asks says up to which change it knows all, and is told what came after: for each record its latest text.
"""

FORMAT = 1
"""The format in which all this is kept; a mock leaves alone what is of another one."""

MOST_NAMED = 200_000
"""How many records the log names at most; who has missed more reads its tenants anew."""

WHOLE, GONE, STEERED = "*", "-", "!"
"""Names in the log that are none of records: all of a space is other, a tenant is gone, somebody has steered it."""

_COMMON = """
local P, epoch, last = KEYS[1], ARGV[1], tonumber(ARGV[2])

local function news()
  local meta = redis.call('HMGET', P .. ':meta', 'epoch', 'head')
  local head = tonumber(meta[2] or 0)
  if meta[1] ~= epoch then return {-1} end
  if head == last then return {head} end
  local entries = redis.call('XRANGE', P .. ':log', '0-' .. (last + 1), '+')
  if head < last or #entries == 0 or entries[1][1] ~= '0-' .. (last + 1) then return {head, 'anew'} end
  local found, places = {head, 'since'}, {}
  for _, entry in ipairs(entries) do
    local number, space = tonumber(string.sub(entry[1], 3)), entry[2][2]
    for _, name in ipairs(cmsgpack.unpack(entry[2][4])) do
      local key = space .. ' ' .. name
      if not places[key] then
        places[key] = #found + 1
        found[#found + 1] = number
        found[#found + 1] = space
        found[#found + 1] = name
        found[#found + 1] = redis.call('HGET', P .. ':records:' .. space, name) or ''
      else
        found[places[key]] = number
      end
    end
  end
  return found
end

local function noted(space, names)
  local number = redis.call('HINCRBY', P .. ':meta', 'head', 1)
  redis.call('XADD', P .. ':log', '0-' .. number, 'space', space, 'names', cmsgpack.pack(names), 'count', #names)
  local named = redis.call('HINCRBY', P .. ':meta', 'named', #names)
  while named > tonumber(MOST_NAMED) do
    local oldest = redis.call('XRANGE', P .. ':log', '-', '+', 'COUNT', 1)[1]
    redis.call('XDEL', P .. ':log', oldest[1])
    named = redis.call('HINCRBY', P .. ':meta', 'named', -oldest[2][6])
  end
  return number
end

local function forget(tenant)
  for _, part in ipairs({'/state', '/faults'}) do
    local space = tenant .. part
    redis.call('DEL', P .. ':records:' .. space, P .. ':order:' .. space, P .. ':turn:' .. space)
    redis.call('HDEL', P .. ':versions', space)
  end
  redis.call('DEL', P .. ':journal:' .. tenant, P .. ':journal-meta:' .. tenant)
  redis.call('ZREM', P .. ':tenants', tenant)
  noted(tenant, {GONE})
end

local function is_there(tenant)
  return redis.call('HEXISTS', P .. ':versions', tenant .. '/state') == 1
end

local function use(tenant)
  local used = redis.call('HINCRBY', P .. ':meta', 'uses', 1)
  redis.call('ZADD', P .. ':tenants', used, tenant)
end
"""


def _script(text: str) -> str:
    values = {"MOST_NAMED": str(MOST_NAMED), "WHOLE": WHOLE, "GONE": GONE}
    return "".join(f"local {name} = '{value}'\n" for name, value in values.items()) + _COMMON + text


BEGIN = """
local P = KEYS[1]
if redis.call('EXISTS', P .. ':meta') == 0 then
  redis.call('HSET', P .. ':meta', 'format', ARGV[1], 'epoch', ARGV[2], 'head', 0)
end
return redis.call('HMGET', P .. ':meta', 'format', 'epoch', 'head')
"""
"""Make what is not there yet; answers what is."""

LOOK = _script("""
local at = 4
for _ = 1, tonumber(ARGV[3]) do
  if redis.call('ZSCORE', P .. ':tenants', ARGV[at]) and redis.call('ZRANGE', P .. ':tenants', -1, -1)[1] ~= ARGV[at]
  then use(ARGV[at]) end
  at = at + 1
end
while at < #ARGV and redis.call('HGET', P .. ':meta', 'epoch') == epoch do
  local tenant, entry, most, bytes = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local journal, meta = P .. ':journal:' .. tenant, P .. ':journal-meta:' .. tenant
  if is_there(tenant) then
    redis.call('RPUSH', journal, entry)
    redis.call('HINCRBY', meta, 'latest', 1)
    local held = redis.call('HINCRBY', meta, 'bytes', #entry)
    while redis.call('LLEN', journal) > most or held > bytes do
      held = redis.call('HINCRBY', meta, 'bytes', -#redis.call('LPOP', journal))
    end
  end
  at = at + 4
end
return news()
""")
"""Say which tenants are used, add entries to their journals, and hear what is new."""

WRITE = _script("""
local space, tenant, version, writer, limit, drop = ARGV[3], ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8]
local records, order = P .. ':records:' .. space, P .. ':order:' .. space
if redis.call('HGET', P .. ':meta', 'epoch') ~= epoch then return {-1} end
if (redis.call('HGET', P .. ':versions', space) or '0') ~= version then return news() end
local state = tenant .. '/state'
if space ~= state and not is_there(tenant) then return news() end
local turn = redis.call('GET', P .. ':turn:' .. space)
if turn and turn ~= writer then return 'turn' end
local names = {}
local place = redis.call('HINCRBY', P .. ':meta', 'place', #ARGV) - #ARGV  -- fails for want of memory before all else
if drop ~= '' then
  for _, name in ipairs(redis.call('HKEYS', records)) do
    local kind = string.match(name, '^[^ ]*')
    if string.find(drop, ' ' .. kind .. ' ', 1, true) then
      redis.call('HDEL', records, name)
      redis.call('ZREM', order, name)
    end
  end
  names[1] = WHOLE
end
for at = 9, #ARGV, 2 do
  local name, text = ARGV[at], ARGV[at + 1]
  place = place + 1
  if text == '' then
    redis.call('HDEL', records, name)
    redis.call('ZREM', order, name)
  else
    redis.call('HSET', records, name, text)
    redis.call('ZADD', order, 'NX', place, name)
  end
  if drop == '' then names[#names + 1] = name end
end
local number = noted(space, names)
redis.call('HSET', P .. ':versions', space, number)
if turn then redis.call('DEL', P .. ':turn:' .. space) end
if version == '0' and space == state then
  redis.call('HSET', P .. ':journal-meta:' .. tenant, 'latest', 0, 'bytes', 0, 'period', epoch .. '.' .. number)
  if limit > 0 then
    use(tenant)
    while redis.call('ZCARD', P .. ':tenants') > limit do
      forget(redis.call('ZRANGE', P .. ':tenants', 0, 0)[1])
    end
  end
end
return number
""")
"""Write records of a space that is still of a version; answers the number of the change, or what is new instead."""

READ = """
local P, space = KEYS[1], ARGV[1]
local names = redis.call('ZRANGE', P .. ':order:' .. space, 0, -1)
local version = tonumber(redis.call('HGET', P .. ':versions', space) or 0)
return {version, names, redis.call('HGETALL', P .. ':records:' .. space)}
"""
"""All of a space: its version, the names of its records in their order, the records."""

TURN = """
local key = KEYS[1] .. ':turn:' .. ARGV[1]
redis.call('SET', key, ARGV[2], 'NX', 'PX', ARGV[3])
return redis.call('GET', key)
"""
"""Let nobody else write to a space for a while, unless somebody does so already; answers who has the turn."""

END_TURN = """
local key = KEYS[1] .. ':turn:' .. ARGV[1]
return redis.call('GET', key) == ARGV[2] and redis.call('DEL', key)
"""
"""Let others write again."""

TENANTS = "return redis.call('ZRANGE', KEYS[1] .. ':tenants', 0, -1)"
"""The tenants beside the default one, the least recently used first."""

HAS = "return redis.call('HEXISTS', KEYS[1] .. ':versions', ARGV[1])"
"""Whether there is a space."""

REMOVE = _script("""
if not redis.call('ZSCORE', P .. ':tenants', ARGV[3]) then return 0 end
forget(ARGV[3])
return 1
""")
"""Forget a tenant; answers whether there was one."""

STEER = _script("return noted(ARGV[3], {ARGV[4]})")
"""Let everybody know that a tenant was steered."""

CLEAR = """
local journal, meta = KEYS[1] .. ':journal:' .. ARGV[3], KEYS[1] .. ':journal-meta:' .. ARGV[3]
if redis.call('EXISTS', meta) == 0 then return 0 end
redis.call('DEL', journal)
local clears = redis.call('HINCRBY', meta, 'clears', 1)
redis.call('HSET', meta, 'bytes', 0, 'period', redis.call('HGET', meta, 'period') .. '.' .. clears)
return 1
"""
"""Forget the entries of a journal, and begin another period of it."""

ENTRIES = """
local meta = redis.call('HMGET', KEYS[1] .. ':journal-meta:' .. ARGV[1], 'latest', 'period')
local entries = ARGV[2] == '0' and {} or redis.call('LRANGE', KEYS[1] .. ':journal:' .. ARGV[1], -ARGV[2], -1)
return {tonumber(meta[1] or 0), meta[2] or '', entries}
"""
"""The latest number and the period of a journal, and as many of its latest entries."""
