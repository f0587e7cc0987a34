-- SPDX-License-Identifier: MIT
local cx = require "cx"

-- What an edge plug-in does: a mapped model and a profile, no store.
local shop = cx.base.open("readme-lua.cx", { create = true })
shop:import("data/orders.csv.gz")
shop:learn()
local bytes = shop:show("17965"):write() -- into a cookie or a cache ...
shop:close()

local ranker = cx.ranker.open("readme-lua.cx-ranker.1")
local profile = cx.profile.read(bytes) -- ... and back
local list = ranker:rank(profile, { count = 5, channel = "web" })
print(list.personal and "personal" or "the same for everybody")
for place, item in ipairs(list.items) do
  print(place, item.item, item.score)
  for _, term in ipairs(item.terms) do print("", term.kind, term.subject, term.value) end
end
