-- SPDX-License-Identifier: MIT
-- Histories, lifecycle, stage.
local support = require "support"
local cx = require "cx"
local raises, refuses, near, same = support.raises, support.refuses, support.near, support.same
local DAY = 86400 * 1000000

-- Histories of three customers, by hand.
local purchases = {
  { name = "customer", values = { "a", "b", "a", "a", "c" } },
  { name = "time", type = "time", values = { 0, 7 * DAY, 14 * DAY, 28 * DAY, 28 * DAY } },
  { name = "value", values = { 5, 6, 7, 9, 1 } },
}
local history = cx.history.build(purchases, { until_ = 28 * DAY })
assert(#history == 3 and history:count() == 3)
same(history:row(1), { x = 2, t_x = 4, T = 4, monetary = 8, holdout = 0, spell = 2, gap = 2, first = 0 })
assert(history:row(2).monetary == nil and history:row(2).T == 3)
assert(cx.history.build(purchases, { ["until"] = 14 * DAY }):row(1).holdout == 1)
assert(cx.history.build(cx.table.new(purchases), { unit = "day" }):row(1).t_x == 28)
local options = history:options()
assert(options.unit == "week" and options.merge_day == true and options.until_ >= 28 * DAY)
local summary = history:to_table()
same(summary:column("customer"), { "a", "b", "c", n = 3 })
raises("ERR_RANGE", history.row, history, 4)
raises("ERR_RANGE", history.row, history, 0)
raises("ERR_NOT_FOUND", cx.history.build, { purchases[1] })
raises("ERR_INVALID", cx.history.build, purchases, { unit = "month" })
raises("ERR_NO_DATA", cx.history.build, purchases, { until_ = -DAY })
refuses("cx%.table expected", cx.history.build, 5)
local profile = cx.profile.new { time = 28 * DAY }
profile:add_event { kind = "purchase", id = "1", who = "customer:a", time = 0, lines = { { item = "tea" } } }
profile:add_event { kind = "purchase", id = "2", who = "customer:a", time = 14 * DAY, lines = { { item = "tea" } } }
local own = cx.history.of_profile(profile)
assert(own.x == 1 and own.t_x == 2 and own.T == 4 and own.first == 0)
assert(cx.history.of_profile(cx.profile.new()).first == nil)

-- The BG/NBD with the parameters of Fader, Hardie and Lee 2005 for CDNOW.
local model = cx.lifecycle.new { .243, 4.414, .793, 2.426 }
local info = model:info()
assert(info.model == "bgnbd" and info.unit == "week" and info.until_ == nil)
same(info.parameters, { .243, 4.414, .793, 2.426 })
near(model:expected(2, 30.43, 38.86, 39), 1.226, 1e-3) -- the paper's example: a customer with x 2, t_x 30.43, T 38.86
assert(model:alive(0, 0, 10) == 1)
local alive = model:alive({ 0, 2 }, { 0, 30.43 }, { 10, 38.86 })
assert(#alive == 2 and alive[1] == 1 and alive[2] > .7 and alive[2] < .8)
assert(model:alive(2, 30.43, 38.86) == alive[2])
local lower, upper = model:interval(2, 30.43, 38.86, 39)
assert(lower == 0 and upper >= 2)
lower, upper = model:interval({ 2 }, { 30.43 }, { 38.86 }, 39, .5)
assert(#lower == 1 and #upper == 1)
near(model:none(2, 30.43, 38.86, 0), 1)
assert(model:none(2, 30.43, 38.86, 39) < 1 and model:next(2, 30.43, 38.86, .5) > 0)
assert(model:loglik({ 2 }, { 30.43 }, { 38.86 })[1] < 0)
raises("ERR_SHAPE", model.alive, model, { 1, 2 }, { 1 }, { 1 })
raises("ERR_TYPE", model.alive, model, { 1 }, { 1 }, { "x" })
raises("ERR_TYPE", model.alive, model, 1, 1)
assert(raises("ERR_RANGE", model.alive, model, { 0, 1 }, { 0, 5 }, { 9, 4 }).row, "the row is told")
raises("ERR_RANGE", model.expected, model, 0, 0, 1, -1)
refuses("number expected", model.expected, model, 0, 0, 1)
raises("ERR_SHAPE", cx.lifecycle.new, { 1 })
raises("ERR_RANGE", cx.lifecycle.new, { -1, 1, 1, 1 })
raises("ERR_INVALID", cx.lifecycle.new, { 1, 1, 1, 1 }, { model = "pareto" })

-- Draw customers and find the model again.
local T = {}
for i = 1, 2000 do T[i] = 20 + i % 30 end
local drawn = model:simulate(T, { holdout = 10, seed = 3 })
assert(#drawn.x == 2000 and #drawn.t_x == 2000 and #drawn.holdout == 2000 and drawn.T == T)
same(model:simulate(T, { holdout = 10, seed = 3 }), drawn)
local stages = {}
local fitted = cx.lifecycle.fit({ x = drawn.x, t_x = drawn.t_x, T = drawn.T }, { progress = function(stage) stages[stage] = true end })
info = fitted:info()
assert(stages.fit and info.customers == 2000 and info.loglik >= info.nbd_loglik and info.fit == "ok" or info.fit == "multimodal")
near(info.parameters[1], .243, .15)
cx.context.set_threads(2)
same(cx.lifecycle.fit { x = drawn.x, t_x = drawn.t_x, T = drawn.T }:info(), info)
cx.context.set_threads(1)
raises("ERR_CANCELLED", cx.lifecycle.fit, drawn and { x = drawn.x, t_x = drawn.t_x, T = drawn.T }, { progress = function() return true end })
raises("ERR_NO_DATA", cx.lifecycle.fit, { x = {}, t_x = {}, T = {} })
raises("ERR_TYPE", cx.lifecycle.fit, { x = {} })
raises("ERR_SHAPE", cx.lifecycle.fit, { x = { 1 }, t_x = { 1 }, T = { 2 }, weight = { 1, 2 } })
assert(raises("ERR_RANGE", cx.lifecycle.fit, { x = { 1, .5 }, t_x = { 1, 1 }, T = { 2, 2 } }).row)
raises("ERR_RANGE", cx.lifecycle.fit, { x = { 1 }, t_x = { 1 }, T = { 2 } }, { iterations = 0 })

-- Files.
fitted:save("models.cx-lifecycle", { generation = 3, store_id = "000102030405060708090a0b0c0d0e0f" })
local header = cx.model.read_info("models.cx-lifecycle")
assert(header.kind == "lifecycle" and header.generation == 3 and header.store_id == "000102030405060708090a0b0c0d0e0f" and header.bytes > 0)
same(cx.lifecycle.open("models.cx-lifecycle"):info(), info)
same(cx.lifecycle.open("models.cx-lifecycle", { copy = true }):info(), info)
raises("ERR_INVALID", fitted.save, fitted, "models.cx-lifecycle", { store_id = "xyz" })
raises("ERR_INVALID", fitted.save, fitted, "models.cx-lifecycle", { store_id = string.rep("G", 32) })
raises("ERR_IO", fitted.save, fitted, "no/such/folder/model")
raises("ERR_TYPE", cx.lifecycle.open, "models.cx-lifecycle", { copy = 1 })
assert(raises("ERR_IO", cx.lifecycle.open, "missing").input)
raises("ERR_IO", cx.model.read_info, "missing")
raises("ERR_CORRUPT", cx.model.read_info, arg[0])
fitted:close()
raises("ERR_INVALID", fitted.info, fitted)

-- Stage: drawn customers as a table of purchases, then where one stands.
local customer, time = {}, {}
for i = 1, 400 do
  local gap = 3 + i % 9
  for k = 0, i % 7 do
    customer[#customer + 1], time[#time + 1] = "c" .. i, ((i * 3) % 100 + k * gap) * DAY
  end
end
local log = { { name = "customer", values = customer }, { name = "time", type = "time", values = time } }
local base = cx.history.build(log)
local rhythm = cx.lifecycle.fit(base, { accept_best = true })
stages = {}
local stage = cx.stage.fit(log, rhythm, { history = { unit = "week" }, horizon = 2, progress = function(name) stages[name] = true end })
assert(next(stages), "progress was told")
local result = stage:infer(base:row(7))
local sum, odds = 0, 0
for _, probability in pairs(result.probabilities) do sum = sum + probability end
for _, reason in ipairs(result.reasons) do
  assert(type(reason.code) == "string")
  odds = odds + reason.log_odds
end
near(sum, 1)
near(odds, math.log(result.again / (1 - result.again)), 1e-6)
assert(result.probabilities[result.stage] and result.horizon > 0 and #result.next == 3)
result = stage:infer { x = 0, t_x = 0, T = 0 }
assert(result.stage == "prospect" and result.reasons[1].code == "no_purchase")
assert(stage:options().unit == "week" and stage:options().until_ == nil)
stage:save("models.cx-stage")
same(cx.stage.open("models.cx-stage"):infer(base:row(7)), stage:infer(base:row(7)))
raises("ERR_CORRUPT", cx.lifecycle.open, "models.cx-stage")
raises("ERR_RANGE", stage.infer, stage, { x = 1, t_x = 5, T = 2 })
raises("ERR_INVALID", stage.infer, stage, { y = 1 })
raises("ERR_INVALID", cx.stage.fit, log, rhythm, { history = { unit = "day" } })
refuses("cx%.lifecycle expected", cx.stage.fit, log, base)
raises("ERR_CANCELLED", cx.stage.fit, log, rhythm, { progress = function() return true end })
refuses("enough", cx.stage.fit, log, rhythm, { progress = function() error("enough") end })
os.remove("models.cx-lifecycle")
os.remove("models.cx-stage")
