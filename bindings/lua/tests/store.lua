-- SPDX-License-Identifier: MIT
-- The store and the base.
local support = require "support"
local cx = require "cx"
local raises, refuses, near, same = support.raises, support.refuses, support.near, support.same
local DAY = 86400 * 1000000

raises("ERR_NOT_FOUND", cx.store.open, "shop.cx")
refuses("string expected", cx.store.open)
raises("ERR_INVALID", cx.store.open, "shop.cx", { crate = true })
local store = cx.store.open("shop.cx", { create = true, wait = 500 })
local info = store:info()
assert(info.events == 0 and info.first == nil and #info.id == 32 and info.version >= 1)

-- Adding, in a transaction and without one; what is there already.
local function event(id, who, time, item)
  return { kind = "purchase", id = id, who = who, time = time, currency = "EUR", lines = { { item = item, price = "2.50" } } }
end
assert(store:add_event(event("e1", "customer:1", DAY, "tea")) and not store:add_event(event("e1", "customer:1", DAY, "tea")))
store:begin()
raises("ERR_INVALID", store.begin, store)
assert(store:add_event(event("e2", "cookie:x", 2 * DAY, "pot")))
assert(store:add_content { id = "tea", title = "Tea", topics = { "drink", "warm" }, time = DAY })
assert(store:add_preference { who = "customer:1", topic = "drink", strength = .5, time = DAY })
assert(store:add_consent { state = "granted", basis = "consent", who = "customer:1", purpose = "personalisation",
  channel = "web", evidence = "form", time = DAY })
store:commit()
raises("ERR_INVALID", store.commit, store)
store:begin()
store:add_event(event("e3", "customer:9", 3 * DAY, "cup"))
store:rollback()
raises("ERR_NOT_FOUND", store.find_person, store, "9")
info = store:info()
assert(info.events == 2 and info.contents == 1 and info.preferences == 1 and info.consents == 1 and info.last == 2 * DAY)

-- People: an assertion joins two identifiers, and taking it back parts them.
local one, other = store:find_person("customer:1"), store:find_person("cookie:x")
assert(one:match("^p%x+$") and #one == 17 and one ~= other)
assert(store:add_assertion { kind = "same", id = "a1", a = "customer:1", b = { namespace = "cookie", value = "x" }, time = 3 * DAY, source = "login" })
assert(store:find_person("x") == store:find_person("1"))
local profile = store:read_profile(store:find_person("1"))
assert(#profile:events() == 2 and #profile:identifiers() == 2 and #profile:consents() == 1)
assert(#store:read_profile(store:find_person("1"), DAY):events() == 1)
assert(store:read_profile(store:find_person("1"), "1970-01-02", profile) == profile and #profile:events() == 1)
assert(store:add_assertion { kind = "retract", id = "a2", retracts = "a1", time = 4 * DAY, source = "desk" })
assert(store:find_person("x") ~= store:find_person("1"))
raises("ERR_PARSE", store.read_profile, store, "1")
raises("ERR_NOT_FOUND", store.read_profile, store, "p00000000000000ff")
raises("ERR_INVALID", store.add_assertion, store, { kind = "same", a = "customer:1" })
raises("ERR_INVALID", store.add_event, store, { kind = "purchase" })

-- Importing: from a file, from memory, from a function; a row that is bad.
local text = "customer,time,order,item,quantity,price\n1,1970-01-05,o1,tea,2,2.5\n2,1970-01-06,o2,pot,1,9\n3,never,o3,pot,1,9\n"
local stages = {}
local report = store:import({ data = text, name = "orders.csv" },
  { kind = "orders", currency = "EUR", progress = function(stage) stages[stage] = true end })
assert(report.read == 3 and report.stored == 2 and report.quarantined == 1 and report.kind == "orders")
assert(report.first_bad_reason == "bad_time" and report.first_bad > 0 and stages.import)
local quarantine = store:read_quarantine()
assert(#quarantine == 1 and quarantine:row(1).reason == "bad_time" and quarantine:row(1).source == "orders.csv")
local sent = false
report = store:import(function()
  if sent then return nil end
  sent = true
  return "who;when;what\n4;1970-01-07;tea\n"
end, { kind = "orders", map = { customer = "who", time = "when", item = "what" }, currency = "EUR", separator = ";",
  grant = "marketing:email", basis = "consent", evidence = "import", batch = 10 })
assert(report.stored == 1 and report.consents == 1 and report.first_bad_reason == nil)
report = store:import({ data = "who;when;what\n5;1970-01-07;tea\n" }, { kind = "orders", map = "customer=who,time=when,item=what", currency = "EUR" })
assert(report.stored == 1)
raises("ERR_NOT_FOUND", store.import, store, { data = text }, { kind = "orders", map = { customer = "nobody" } })
raises("ERR_INVALID", store.import, store, { data = text }, { kind = "order" })
raises("ERR_TYPE", store.import, store, { data = text }, { map = { 1 } })
raises("ERR_INVALID", store.import, store, { data = text }, { grant = "marketing:email" })
assert(raises("ERR_IO", store.import, store, "missing.csv", { kind = "orders" }).input)
refuses("broken pipe", store.import, store, function() error("broken pipe") end)
raises("ERR_BUSY", store.import, store, function() store:close() end)
raises("ERR_CANCELLED", store.import, store, { data = text .. "7,1970-01-09,o9,tea,1,1\n" }, { kind = "orders", currency = "EUR", progress = function() return true end })
assert(store:info().events == 6, "the store is open, and nothing came of what failed")

-- Feeds, and a whole export.
local purchases, left_out = store:read_purchases()
assert(#purchases == 6 and left_out == 0 and purchases:column("customer", "id")[1]:match("^p%x+$"))
assert(#store:read_purchases { until_ = "1970-01-05T23:00:00Z" } == 3)
assert(#store:read_purchases { ["until"] = 1 } == 0)
local interactions = store:read_interactions { purpose = false, progress = function() end }
assert(#interactions == 6 and interactions:column("item")[1] == "tea")
assert(#store:read_contents() == 2 and #store:read_people() == 5)
store:add_consent { state = "denied", basis = "consent", who = "customer:2", purpose = "analytics", channel = "any", time = 9 * DAY }
assert(select(2, store:read_purchases()) == 1 and #store:read_purchases() == 5)
raises("ERR_TYPE", store.read_purchases, store, { purpose = true })
raises("ERR_INVALID", store.read_purchases, store, { currency = "EURO" })
local parts = {}
store:export(function(bytes) parts[#parts + 1] = bytes end)
local export = table.concat(parts)
assert(select(2, export:gsub("\n", "\n")) >= 6 and export:find("o2"))
refuses("disk full", store.export, store, function() error("disk full") end)
raises("ERR_BUSY", store.export, store, function() store:close() end)
refuses("function expected", store.export, store)
parts = {}
store:export(function(bytes) parts[#parts + 1] = bytes end)
assert(table.concat(parts) == export)

assert(store:get_model("ranker") == nil)
store:set_model("ranker", 4)
assert(store:get_model("ranker") == 4)
raises("ERR_RANGE", store.set_model, store, "ranker", -1)
raises("ERR_INVALID", store.get_model, store, "")
store:set_model("ranker", 0)
local reader = cx.store.open("shop.cx", { read_only = true })
assert(reader:info().events == 6)
raises("ERR_INVALID", reader.add_event, reader, event("e9", "customer:1", DAY, "tea"))
reader:close()
store:close()
store:close()
raises("ERR_INVALID", store.info, store)

-- The base: before anything is learned, after, and its parts.
local base = cx.base.open("shop.cx")
assert(base:ranker() == nil and base:lifecycle() == nil and base:stage() == nil)
local person = base:show("customer:1")
raises("ERR_NO_DATA", base.rank, base, person)
raises("ERR_NO_DATA", base.infer, base, person)
raises("ERR_NOT_FOUND", base.show, base, "nobody")
base:close()

base = cx.base.open("base.cx", { create = true })
local lines = { "customer,time,order,item,quantity,price" }
for c = 1, 60 do
  for k = 0, c % 6 do
    local day = (c * 5) % 120 + k * (4 + c % 7)
    lines[#lines + 1] = ("%d,%s,o%d-%d,%s,1,2.5"):format(c, cx.format.print_time(day * DAY), c, k, "item" .. (c % 4 * 3 + k % 3))
  end
end
report = base:import({ data = table.concat(lines, "\n") .. "\n" }, { kind = "orders", currency = "EUR" })
assert(report.stored == #lines - 1)
local part = base:store()
assert(part:info().events == report.stored)
stages = {}
local learned = base:learn { ranker = { factors = 4 }, progress = function(stage) stages[stage] = true end }
assert(learned.ranker == "OK" and learned.lifecycle == "OK" and learned.generation == 1 and next(stages) and learned.until_ > 0)
local ranker, lifecycle, stage = base:ranker(), base:lifecycle(), base:stage()
assert(ranker:info().factors == 4 and lifecycle:info().model == "bgnbd")
person = base:show("customer:7")
assert(person:time() ~= nil and base:show("7", "1970-02-01", person) == person and person:time() == 31 * DAY)
person = base:show("7")
local place = base:infer(person)
local sum = 0
for _, probability in pairs(place.probabilities) do sum = sum + probability end
near(sum, 1)
same(stage:infer(cx.history.of_profile(person, stage:options())), place)
local everybody = base:infer_all()
assert(#everybody == 60 and everybody:column("person", "id")[1]:match("^p%x+$") and everybody:column("again")[1] <= 1)
assert(#base:infer_all("1970-01-20") < 60)
local list = base:rank(person, { count = 4 })
assert(not list.personal and #list.items == 4)
part:add_consent { state = "granted", basis = "consent", who = "customer:7", purpose = "personalisation", channel = "web",
  evidence = "form", time = 1 }
person = base:show("7")
list = base:rank(person, { count = 4, channel = "web", purpose = "personalisation", withheld = 5 })
assert(list.personal and list.withheld.seen > 0 and list.withheld_items[1].reason == "seen")
same(ranker:rank(person, { count = 4, channel = "web", purpose = "personalisation", withheld = 5 }), list)
same(cx.ranker.open("base.cx-ranker.1"):rank(cx.profile.read(person:write()), { count = 4, withheld = 5 }), list)

-- A part is that of now: it outlives learning again, and ends with its base, which it keeps alive.
assert(base:learn({ until_ = "1970-03-01" }).generation == 2)
assert(ranker:info().factors ~= 4 and #ranker:rank(person, { count = 2 }).items == 2)
raises("ERR_CANCELLED", base.learn, base, { progress = function() return true end })
refuses("no thanks", base.learn, base, { progress = function() error("no thanks") end })
raises("ERR_BUSY", base.learn, base, { progress = function() base:close() end })
raises("ERR_INVALID", base.learn, base, { ranker = { factor = 4 } })
raises("ERR_PARSE", base.learn, base, { until_ = "never" })
assert(#base:rank(person).items == 10)
local alone = cx.base.open("base.cx"):ranker()
collectgarbage()
collectgarbage()
assert(#alone:rank(nil).items == 10)
part:close()
raises("ERR_INVALID", part.info, part)
base:close()
assert(tostring(base) == "cx.base (closed)")
assert(raises("ERR_INVALID", ranker.rank, ranker, nil).message:find("base"))
raises("ERR_INVALID", base.rank, base, person)
raises("ERR_INVALID", base.store, base)
local order = { "base.cx", "shop.cx" }
for _, name in ipairs(order) do os.remove(name) end
