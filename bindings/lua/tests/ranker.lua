-- SPDX-License-Identifier: MIT
-- Ranking from a mapped model and a profile.
local support = require "support"
local cx = require "cx"
local raises, refuses, near, same = support.raises, support.refuses, support.near, support.same

local function profile_of(consent)
  local profile = cx.profile.new { time = 100000000 }
  profile:add_identifier "cookie:c-1"
  profile:add_event { kind = "purchase", id = "m1", who = "cookie:c-1", time = 10, lines = { { item = "e" } } }
  if consent then
    profile:add_consent { state = "granted", basis = "consent", who = "cookie:c-1", purpose = "personalisation",
      channel = "web", evidence = "banner v2", time = 5 }
  end
  return profile
end

local items = { { name = "item", values = { "a", "b", "c", "d", "e", "f", "g", "h", "old" } },
  { name = "topic", values = { "tea", "tea", "tea", "tea", "garden", "garden", "garden", "garden", "garden" } },
  { name = "title", values = { "A", "B", "C", "D", "E", "F", "G", "H", "Old" } },
  { name = "valid_until", type = "time", values = { [9] = 1, n = 9 } } }
local stages = {}
local learned = cx.ranker.fit(support.interactions(), items, { factors = 4, progress = function(stage) stages[stage] = true end })
assert(stages.rank)
local info = learned:info()
assert(info.people == 20 and info.items == 9 and info.topics == 2 and info.factors == 4 and info.interactions > 0)
learned:save("ranker.cx-ranker")
local ranker = cx.ranker.open("ranker.cx-ranker")
same(ranker:info(), info)

-- Nobody has permitted anything.
local list = ranker:rank(profile_of(false), { count = 3 })
assert(list.personal == false and list.permission.decision == "deny" and list.permission.reasons[1] == "no_record")
assert(#list.items == 3)
local unknown = ranker:rank(nil, { count = 3 })
assert(unknown.personal == false and unknown.permission.reasons[1] == "unknown_person")

-- With a consent: garden things first, each score the sum of its terms.
list = ranker:rank(profile_of(true), { count = 5, channel = "web", purpose = "personalisation", withheld = 9 })
assert(list.personal == true and list.permission.decision == "allow" and list.permission.since == 5)
assert(#list.items == 5 and list.items[1].item >= "f" and list.items[1].item <= "h")
assert(list.items[1].title == list.items[1].item:upper())
for _, item in ipairs(list.items) do
  local sum = 0
  for _, term in ipairs(item.terms) do
    assert(type(term.kind) == "string" and type(term.count) == "number")
    sum = sum + term.value
  end
  near(sum, item.score, 1e-12)
end
local first
for _, term in ipairs(list.items[1].terms) do
  if term.kind == "taste_event" then first = term end
end
assert(first and first.subject == "e" and first.count == 1 and first.time == 10)
same(list.withheld, { seen = 1, expired = 1 })
same(list.withheld_items, { { item = "e", reason = "seen" }, { item = "old", reason = "expired" } })
assert(#ranker:rank(profile_of(true), { seen = true, count = 100 }).items == 8)
assert(not ranker:rank(profile_of(true), { channel = "email" }).personal)
assert(not ranker:rank(profile_of(true), { at = 1 }).personal)
same(learned:rank(profile_of(true)), ranker:rank(cx.profile.read(profile_of(true):write())))

local few = ranker:rank(profile_of(true), { count = 5, terms = 1 }).items[1]
assert(#few.terms == 1 and few.score == list.items[1].score)
same(few.terms[1], list.items[1].terms[1])
assert(#ranker:rank(profile_of(true), { terms = 0 }).items[1].terms == 0)
raises("ERR_RANGE", ranker.rank, ranker, nil, { terms = -1 })

-- A declared preference shows.
local liking = profile_of(true)
liking:add_preference { who = "cookie:c-1", topic = "tea", strength = 1, time = 20 }
local kinds = {}
for _, item in ipairs(ranker:rank(liking).items) do
  for _, term in ipairs(item.terms) do kinds[term.kind .. "/" .. (term.subject or "")] = true end
end
assert(kinds["preference/tea"])

-- Errors leave the ranker as it was.
local before = ranker:rank(profile_of(true))
raises("ERR_RANGE", ranker.rank, ranker, nil, { count = 0 })
raises("ERR_RANGE", ranker.rank, ranker, nil, { count = -1 })
raises("ERR_TYPE", ranker.rank, ranker, nil, { count = "five" and true })
raises("ERR_TYPE", ranker.rank, ranker, nil, { seen = 1 })
raises("ERR_INVALID", ranker.rank, ranker, nil, { channel = "any" })
raises("ERR_INVALID", ranker.rank, ranker, nil, { limit = 5 })
raises("ERR_TYPE", ranker.rank, ranker, nil, "web")
refuses("cx%.profile expected", ranker.rank, ranker, ranker)
refuses("cx%.profile expected", ranker.rank, ranker, {})
local closed = profile_of(true)
closed:close()
raises("ERR_INVALID", ranker.rank, ranker, closed)
same(ranker:rank(profile_of(true)), before)
raises("ERR_NOT_FOUND", cx.ranker.fit, { { name = "person", values = { 1 } } })
raises("ERR_NO_DATA", cx.ranker.fit, { { name = "item", values = {}, type = "text" }, { name = "person", values = {}, type = "int64" } })
raises("ERR_RANGE", cx.ranker.fit, support.interactions(), nil, { factors = 4096 })
raises("ERR_INVALID", cx.ranker.fit, support.interactions(), nil, { solver = "magic" })
raises("ERR_CANCELLED", cx.ranker.fit, support.interactions(), nil, { progress = function() return true end })
assert(cx.ranker.fit(support.interactions(), nil, { factors = 2, solver = "conjugate_gradient" }):info().factors == 2)
raises("ERR_IO", cx.ranker.open, "missing.cx-ranker")
local file = assert(io.open("ranker.cx-ranker", "rb"))
local bytes = file:read("*a")
file:close()
file = assert(io.open("broken.cx-ranker", "wb"))
file:write(bytes:sub(1, #bytes - 100))
file:close()
raises("ERR_CORRUPT", cx.ranker.open, "broken.cx-ranker")

-- Evaluation.
local test = { { name = "person", type = "int64", values = { 1, 20, 77 } }, { name = "item", values = { "d", "h", "a" } } }
local quality = cx.ranker.evaluate(support.interactions(), test, { k = 3, ranker = { factors = 4 } })
assert(quality.k == 3 and quality.users + quality.unknown == 3 and quality.recall.value >= 0 and quality.recall.lower == nil)
assert(cx.ranker.evaluate(support.interactions(), test, { resamples = 20 }).ndcg.level == .95)
raises("ERR_RANGE", cx.ranker.evaluate, support.interactions(), test, { k = -1 })
raises("ERR_INVALID", cx.ranker.evaluate, support.interactions(), test, { factors = 4 })

-- Many requests, from coroutines too, give the same answer, and memory does not grow.
local profile = profile_of(true)
local function many(n)
  for _ = 1, n do
    local answer = coroutine.wrap(function() return ranker:rank(profile, { count = 3 }) end)()
    assert(#answer.items == 3)
  end
  collectgarbage()
  collectgarbage()
  return collectgarbage("count")
end
many(200)
local small = many(200)
assert(many(400) < small + 64)
os.remove("ranker.cx-ranker")
os.remove("broken.cx-ranker")
