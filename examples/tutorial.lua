-- SPDX-License-Identifier: MIT
-- docs/tutorial.md in Lua.
local cx = require "cx"

os.remove("tutorial-lua.cx")
local shop = cx.base.open("tutorial-lua.cx", { create = true })
shop:import("data/orders.csv.gz", { currency = "GBP" })
shop:import("data/items.csv.gz")
shop:learn()

local person = shop:show("17770")
local stage = shop:infer(person)
print(stage.stage, string.format("%.3f", stage.again))
for _, reason in ipairs(stage.reasons) do print("", reason.code, string.format("%.3f", reason.log_odds)) end

shop:store():add_consent { state = "granted", basis = "consent", who = "customer:17770", purpose = "personalisation",
  channel = "web", evidence = "form v3, box ticked", time = "2011-12-09T12:30:00Z" }
local bytes = shop:show("17770"):write() -- into a cookie or a cache ...
shop:close()

local ranker = cx.ranker.open("tutorial-lua.cx-ranker.1") -- in another process, without the store
local profile = cx.profile.read(bytes) -- ... and back
local list = ranker:rank(profile, { count = 3, channel = "web" })
for place, item in ipairs(list.items) do
  local sum = 0
  for _, term in ipairs(item.terms) do sum = sum + term.value end
  assert(math.abs(sum - item.score) < 1e-9)
  print(place, item.item, string.format("%.4f", item.score), item.title)
end

local ok, err = pcall(ranker.rank, ranker, profile, { count = 0 })
print(ok, err.status, err.message)
