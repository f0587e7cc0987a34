-- SPDX-License-Identifier: MIT
-- Parties, events, contents, preferences, consents, profiles, times, CSV.
local support = require "support"
local cx = require "cx"
local raises, refuses, same = support.raises, support.refuses, support.same

-- People.
assert(cx.party.format_id(255) == "p00000000000000ff")
assert(cx.party.parse_id("p00000000000000ff") == 255)
local large = cx.party.parse_id("p7fffffffffffffff")
assert(tostring(large) == "9223372036854775807" and cx.party.format_id(large) == "p7fffffffffffffff")
raises("ERR_PARSE", cx.party.parse_id, "x")
raises("ERR_TYPE", cx.party.format_id, true)
local person, refused = cx.party.resolve({ { a = 1, b = 2, kind = "same" }, { a = 3, b = 4, kind = "same", time = 5 },
  { a = 2, b = 3, kind = "different", time = "2011-12-09" }, { a = 1, b = 4, kind = "same", time = 9 } }, 5)
same(person, { 1, 1, 3, 3, 5 })
assert(refused == 1)
raises("ERR_RANGE", cx.party.resolve, { { a = 1, b = 6, kind = "same" } }, 5)
raises("ERR_RANGE", cx.party.resolve, { { a = 0, b = 1, kind = "same" } }, 5)
raises("ERR_INVALID", cx.party.resolve, { { a = 1, b = 2, kind = "equal" } }, 5)
raises("ERR_TYPE", cx.party.resolve, { 1 }, 5)
raises("ERR_RANGE", cx.party.resolve, {}, -1)

-- Validity.
assert(cx.event.kinds()[1] == "purchase" and #cx.event.kinds() == 13)
assert(cx.content.is_valid({ id = "a", valid_until = 10 }, 9) and not cx.content.is_valid({ id = "a", valid_until = 10 }, 10))
assert(not cx.content.is_valid({ id = "a", topics = { "tea" } }))
local liking = { who = "customer:1", topic = "tea", strength = 1, time = 10 }
assert(cx.preference.is_valid(liking, 10) and not cx.preference.is_valid(liking, 9))

-- A profile by hand.
local profile = cx.profile.new { person = "p00000000000000ff", time = "2020-01-02" }
assert(profile:person() == "p00000000000000ff" and profile:time() == 1577923200000000)
profile:set_person(nil)
assert(profile:person() == nil)
profile:set_time(2000000)
assert(profile:time() == 2000000)
profile:set_time(nil)
assert(profile:time() == nil)
assert(profile:add_identifier("cookie:c-1"))
assert(not profile:add_identifier { namespace = "cookie", value = "c-1" })
assert(profile:add_identifier { namespace = "email", value = "a:b", verified = true })
same(profile:identifiers(), { { namespace = "cookie", value = "c-1", verified = false },
  { namespace = "email", value = "a:b", verified = true } })
local event = { kind = "purchase", id = "m1", who = { "cookie:c-1", { namespace = "email", value = "x" } }, time = 10,
  name = "Order Completed", order = "o1", currency = "EUR", properties = "{}", channel = "web",
  lines = { { item = "tea", title = "Tea", quantity = 2, price = 12.5 }, { item = "pot", quantity = "0.50", price = "3" }, { item = "cup" } } }
assert(profile:add_event(event) and not profile:add_event(event))
assert(profile:add_event { kind = "view", id = "m2", who = "cookie:c-1", time = "1970-01-01T00:00:00.000020Z",
  lines = { { item = "pot", price = 0.25 } } })
local stored = profile:events()
same(stored[1], { kind = "purchase", id = "m1", time = 10, name = "Order Completed", order = "o1", currency = "EUR",
  properties = "{}", channel = "web",
  who = { { namespace = "cookie", value = "c-1", verified = false }, { namespace = "email", value = "x", verified = false } },
  lines = { { item = "tea", title = "Tea", quantity = "2", price = "12.5" }, { item = "pot", quantity = "0.50", price = "3" },
    { item = "cup", quantity = "1" } } })
assert(stored[2].time == 20 and stored[2].received == nil)
assert(profile:add_preference { who = "cookie:c-1", topic = "tea", strength = .5, time = 11, source = "form" })
local preference = profile:preferences()[1]
assert(preference.topic == "tea" and preference.strength == .5 and preference.who.value == "c-1" and preference.valid_until == nil)
assert(cx.permission.check(profile, { purpose = "personalisation", channel = "web", at = 100 }).decision == "deny")
assert(profile:add_consent { state = "granted", basis = "consent", who = "cookie:c-1", purpose = "personalisation",
  channel = "web", evidence = "banner v2", time = 5, valid_until = 1000 })
same(profile:consents()[1].basis, "consent")
local answer = cx.permission.check(profile, { purpose = "personalisation", channel = "web", at = 100 })
assert(answer.decision == "allow" and answer.reasons[1] == "granted" and answer.since == 5 and answer.until_ == 1000)
assert(answer.basis == "consent")
profile:set_time(100)
assert(cx.permission.check(profile, { purpose = "personalisation", channel = "web" }).decision == "allow")
same(cx.permission.check(nil, { purpose = "marketing", channel = "email", at = 0 }).reasons, { "unknown_person" })
raises("ERR_INVALID", cx.permission.check, profile, { purpose = "personalisation", channel = "any" })
raises("ERR_INVALID", cx.permission.check, profile, { channel = "web" })
refuses("table expected", cx.permission.check, profile)

-- Bytes and back.
local bytes = profile:write()
local again = cx.profile.read(bytes)
assert(again:write() == bytes and again:time() == 100)
same(again:events(), profile:events())
for cut = 0, #bytes - 1, 7 do
  local err = raises("ERR_CORRUPT", cx.profile.read, bytes:sub(1, cut))
  assert(err.byte == nil or err.byte >= 0)
end
raises("ERR_CORRUPT", cx.profile.read, bytes:sub(1, 40) .. "x" .. bytes:sub(42))
refuses("string expected", cx.profile.read)
again:clear()
assert(#again:events() == 0 and again:write() ~= bytes)

-- What no profile takes.
local function add(change)
  local copy = {}
  for key, value in pairs(event) do copy[key] = value end
  copy.id = "other"
  for key, value in pairs(change) do copy[key] = value end
  return profile:add_event(copy)
end
raises("ERR_INVALID", add, { id = "" })
raises("ERR_INVALID", add, { kind = "theft" })
raises("ERR_TYPE", add, { kind = 1 })
raises("ERR_INVALID", add, { colour = "red" })
raises("ERR_INVALID", add, { currency = "EURO" })
raises("ERR_TYPE", add, { currency = 5 })
raises("ERR_TYPE", add, { id = 5 })
raises("ERR_TYPE", add, { time = 1.5 })
raises("ERR_TYPE", add, { time = {} })
raises("ERR_PARSE", add, { time = "soon" })
raises("ERR_AMBIGUOUS", add, { time = "01/02/2011" })
raises("ERR_INVALID", add, { who = "no-namespace" })
raises("ERR_TYPE", add, { who = 5 })
raises("ERR_TYPE", add, { who = { 5 } })
raises("ERR_TYPE", add, { who = { { namespace = 1, value = "x" } } })
raises("ERR_TYPE", add, { lines = 5 })
raises("ERR_TYPE", add, { lines = { 5 } })
raises("ERR_INVALID", add, { lines = { { item = "a", colour = 1 } } })
raises("ERR_INVALID", add, { lines = { { item = "a", price = "1,5" } } })
raises("ERR_INVALID", add, { lines = { { item = "a", price = "1." } } })
raises("ERR_INVALID", add, { lines = { { item = "a", price = "" } } })
raises("ERR_INVALID", add, { lines = { { item = "a", price = "1.1234567890123456789" } } })
raises("ERR_INVALID", add, { lines = { { item = "a", quantity = 0 } } })
raises("ERR_INVALID", add, { lines = { { item = "a", quantity = "-1" } } })
raises("ERR_RANGE", add, { lines = { { item = "a", price = 1 / 3 } } })
raises("ERR_RANGE", add, { lines = { { item = "a", price = 0 / 0 } } })
raises("ERR_RANGE", add, { lines = { { item = "a", price = 1e300 } } })
raises("ERR_TYPE", add, { lines = { { item = "a", price = true } } })
raises("ERR_INVALID", profile.add_preference, profile, { who = "a:b", topic = "tea", strength = 2, time = 1 })
raises("ERR_INVALID", profile.add_consent, profile, { state = "maybe" })
raises("ERR_TYPE", profile.add_identifier, profile, 5)
raises("ERR_PARSE", profile.set_person, profile, "255")
raises("ERR_PARSE", cx.profile.new, { person = "255" })
raises("ERR_TYPE", cx.content.is_valid, { id = "a", topics = { 1 } }, 0)
raises("ERR_TYPE", cx.content.is_valid, { id = "a", topics = "tea" }, 0)
assert(#profile:events() == 2, "what was refused left nothing behind")

-- Times.
assert(cx.format.parse_time("2011-12-09T12:50:00Z") == 1323435000000000)
assert(cx.format.parse_time("09.12.2011 12:50", { format = "%d.%m.%Y %H:%M" }) == 1323435000000000)
assert(cx.format.parse_time("2011-07-01 12:00", { zone = "Europe/London" }) == cx.format.parse_time("2011-07-01T11:00:00Z"))
assert(cx.format.print_time(1323435000000000) == "2011-12-09T12:50:00Z")
raises("ERR_PARSE", cx.format.parse_time, "never")
raises("ERR_AMBIGUOUS", cx.format.parse_time, "01/02/2011")
raises("ERR_NOT_FOUND", cx.format.parse_time, "2011-07-01 12:00", { zone = "Nowhere/Land" })
raises("ERR_RANGE", cx.format.print_time, nil)

-- CSV from a file, from memory, and from a function in pieces of any size.
local text = "customer,time,value\na,2011-12-09,1.5\nb,,2\n"
local columns = { { column = "customer" }, { column = "time", type = "time", name = "at" }, { column = "value", type = "double" },
  { column = "none", optional = true } }
local function read(source, options)
  local reader = cx.format.open_csv(source, options or { columns = columns })
  local t = reader:read()
  assert(reader:read() == nil)
  reader:close()
  raises("ERR_INVALID", reader.read, reader)
  return t
end
local function pieces(size)
  local at = 1
  return function(n)
    assert(n > 0)
    local piece = text:sub(at, at + size - 1)
    at = at + size
    return #piece > 0 and piece or nil
  end
end
for _, source in ipairs { { data = text }, { data = text, name = "memory" }, pieces(1), pieces(7), { read = pieces(1000) } } do
  local t = read(source)
  assert(#t == 2 and t:column("customer")[2] == "b" and t:column("at", "text")[1] == "2011-12-09T00:00:00Z")
  assert(t:column("at")[2] == nil and t:column("value")[2] == 2)
end
local file = assert(io.open("records.csv", "wb"))
file:write(text)
file:close()
assert(#read("records.csv") == 2 and #read({ path = "records.csv", name = "x" }) == 2)
local handle = assert(io.open("records.csv", "rb"))
assert(#read(function(n) return handle:read(n) end) == 2)
handle:close()
local big = string.rep("some text;17\n", 100000)
local at = 1
local reader = cx.format.open_csv(function()
  if at > 1 then return nil end
  at = 2
  return big -- more than was asked for
end, { header = false, separator = ";" })
local rows, parts, calls = 0, 0, 0
while true do
  local t = reader:read(30000, { progress = function() calls = calls + 1 end })
  if not t then break end
  collectgarbage()
  rows, parts = rows + #t, parts + 1
  assert(t:column(2)[1] == "17")
end
assert(rows == 100000 and parts == 4 and calls > 0)
local err = raises("ERR_PARSE", read, { data = text .. "c,2011-12-09,many\n", name = "orders" })
assert(err.row == 4 and err.byte and err.input == "orders" and err.message:find("value"))
raises("ERR_NOT_FOUND", cx.format.open_csv, { data = text }, { columns = { { column = "missing" } } })
raises("ERR_IO", cx.format.open_csv, "does-not-exist.csv")
raises("ERR_TYPE", cx.format.open_csv, 5 and true)
raises("ERR_TYPE", cx.format.open_csv, {})
raises("ERR_TYPE", cx.format.open_csv, { data = 5 })
raises("ERR_INVALID", cx.format.open_csv, { data = text, read = pieces(1) })
raises("ERR_INVALID", cx.format.open_csv, { path = "a", data = text })
raises("ERR_INVALID", cx.format.open_csv, { data = text }, { separator = "::" })
raises("ERR_TYPE", cx.format.open_csv, { data = text }, { header = 1 })
raises("ERR_TYPE", cx.format.open_csv, { data = text }, { columns = 1 })
raises("ERR_TYPE", cx.format.open_csv, { data = text }, { columns = { 1 } })
raises("ERR_TYPE", cx.format.open_csv, function() return 5 end)
refuses("no more", cx.format.open_csv, function() error("no more") end)
raises("ERR_BUSY", cx.format.open_csv, function() profile:write() end)
local count = 0
reader = cx.format.open_csv(function()
  count = count + 1
  if count > 100 then error("broken pipe") end
  return string.rep("a,b\n", 10000)
end)
refuses("broken pipe", reader.read, reader)
raises("ERR_RANGE", reader.read, reader, -1)
reader:close()
os.remove("records.csv")
