-- SPDX-License-Identifier: MIT
-- The module, errors, objects, tables, measures.
local support = require "support"
local cx = require "cx"
local raises, refuses, near, same = support.raises, support.refuses, support.near, support.same

-- The module.
assert(cx.version() == cx._VERSION and cx.version():match("^%d+%.%d+%.%d+$"))
assert(rawget(_G, "cx") == nil, "the module sets no global")
for _, noun in ipairs { "context", "table", "model", "metric", "party", "event", "content", "preference", "permission",
  "profile", "format", "store", "history", "lifecycle", "stage", "ranker", "base" } do
  assert(type(cx[noun]) == "table", noun)
end
package.loaded.cx = nil
assert(require("cx").version() == cx.version()) -- loading it again does no harm

-- The context.
assert(cx.context.kernel() == "scalar" or cx.context.kernel() == "avx2")
cx.context.set_threads(2)
cx.context.set_threads(1)
raises("ERR_RANGE", cx.context.set_threads, 0)
raises("ERR_RANGE", cx.context.set_threads, 257)
raises("ERR_RANGE", cx.context.set_threads, -1)
raises("ERR_TYPE", cx.context.set_threads, 1.5)
refuses("bad argument", cx.context.set_log, 1)
cx.context.set_log(function() end)
assert(#cx.table.new { { name = "a", values = { 1 } } } == 1)
cx.context.set_log(nil)

-- Tables.
local t = cx.table.new {
  { name = "name", values = { "Ann", nil, "", "d\195\169j\195\160", n = 4 }, type = "text" },
  { name = "spend", values = { 1.5, 2, nil, 4, n = 4 } },
  { name = "id", type = "int64", values = { 1, -2, nil, "9007199254740993", n = 4 } },
  { name = "at", type = "time", values = { 0, "1970-01-01T00:00:01Z", nil, "2011-12-09", n = 4 } },
}
assert(#t == 4 and t:rows() == 4 and t:count() == 4)
same(t:columns(), { { name = "name", type = "text" }, { name = "spend", type = "double" },
  { name = "id", type = "int64" }, { name = "at", type = "time" } })
local names, kind = t:column("name")
assert(kind == "text" and names.n == 4 and names[1] == "Ann" and names[2] == nil and names[3] == "" and names[4] == "d\195\169j\195\160")
local spend = t:column(2)
assert(spend.n == 4 and spend[1] == 1.5 and spend[3] == nil and spend[4] == 4)
local id = t:column("id")
assert(id[1] == 1 and id[2] == -2 and id[3] == nil)
assert(tostring(id[4]) == "9007199254740993", "whole numbers stay exact: " .. tostring(id[4]))
assert(t:column("id", "id")[1] == "p0000000000000001" and t:column("id", "id")[4] == "p0020000000000001")
local at = t:column("at")
assert(at[1] == 0 and at[2] == 1000000 and at[3] == nil)
assert(t:column("at", "text")[4] == "2011-12-09T00:00:00Z")
local row = t:row(2)
assert(row.name == nil and row.spend == 2 and row.id == -2 and row.at == 1000000)
assert(#cx.table.new { { name = "empty", type = "text", values = {} } } == 0)
raises("ERR_NOT_FOUND", t.column, t, "missing")
raises("ERR_RANGE", t.column, t, 0)
raises("ERR_RANGE", t.column, t, 5)
refuses("invalid option", t.column, t, "id", "nothing")
raises("ERR_RANGE", t.row, t, 0)
raises("ERR_RANGE", t.row, t, 5)
raises("ERR_SHAPE", cx.table.new, { { name = "a", values = { 1 } }, { name = "b", values = {} } })
raises("ERR_INVALID", cx.table.new, { { name = "a", values = { 1 } }, { name = "a", values = { 1 } } })
raises("ERR_INVALID", cx.table.new, { { values = { 1 } } })
raises("ERR_INVALID", cx.table.new, { { name = "a", values = { "\255" } } })
raises("ERR_INVALID", cx.table.new, { { name = "a\0b", values = { 1 } } })
raises("ERR_INVALID", cx.table.new, { { name = "a", kind = "text", values = {} } })
raises("ERR_INVALID", cx.table.new, { { name = "a", type = "float", values = {} } })
raises("ERR_TYPE", cx.table.new, { { name = "a", type = 7, values = {} } })
raises("ERR_TYPE", cx.table.new, { { name = "a", values = 1 } })
raises("ERR_TYPE", cx.table.new, { { name = "a", values = { 1, "b" } } })
raises("ERR_TYPE", cx.table.new, { { name = "a", values = { "b", 1 } } })
raises("ERR_TYPE", cx.table.new, { { name = "a", type = "int64", values = { 1.5 } } })
raises("ERR_PARSE", cx.table.new, { { name = "a", type = "int64", values = { "9223372036854775808" } } })
raises("ERR_PARSE", cx.table.new, { { name = "a", type = "time", values = { "yesterday" } } })
raises("ERR_TYPE", cx.table.new, { { name = "a", type = "time", values = { true } } })
raises("ERR_RANGE", cx.table.new, { { name = "a", values = { n = -1 } } })
raises("ERR_TYPE", cx.table.new, { 1 })
refuses("table expected", cx.table.new, 1)
local wide = {}
for i = 1, 300 do wide[i] = { name = "c" .. i, values = { i } } end
assert(cx.table.new(wide):row(1).c300 == 300)

-- Objects: closing twice, using what is closed, the wrong object, text, lengths.
assert(tostring(t):match("^cx%.table: "))
t:close()
t:close()
assert(tostring(t) == "cx.table (closed)")
local err = raises("ERR_INVALID", t.rows, t)
assert(err.message == "cx.table is closed" and err.where:match("objects%.lua:%d+: $") == nil)
raises("ERR_INVALID", t.column, t, 1)
local profile = cx.profile.new()
refuses("cx%.table expected", t.rows, profile)
refuses("cx%.table expected", t.close, profile)
refuses("cx%.table expected", t.rows, io.stdout)
refuses("cx%.table expected", t.rows)
assert(getmetatable(profile) == "cx.profile", "the metatable is hidden")
if _VERSION == "Lua 5.4" then
  local kept = load([[
    local cx = ...
    local kept
    do
      local profile <close> = cx.profile.new()
      kept = profile
    end
    return kept]])(cx)
  raises("ERR_INVALID", kept.write, kept)
end

-- Measures.
local auc = cx.metric.auc({ .1, .4, .35, .8 }, { 0, 0, 1, 1 })
assert(auc.value == .75 and auc.count == 4 and auc.lower == nil and auc.level == nil)
auc = cx.metric.auc({ .1, .4, .35, .8 }, { 0, 0, 1, 1 }, { weight = { 1, 1, 1, 0 }, resamples = 50, seed = 7, level = .9 })
assert(auc.value == .5 and auc.count == 3 and auc.lower <= .5 and auc.upper >= .5 and auc.level == .9)
near(cx.metric.log_loss({ .8, .2 }, { 1, 0 }).value, -math.log(.8))
near(cx.metric.brier({ .8, .2 }, { 1, 0 }).value, .04)
near(cx.metric.calibration_error({ .8, .2 }, { 1, 0 }, { bins = 2 }).value, .2)
raises("ERR_NO_DATA", cx.metric.auc, { 1 }, { 1 })
raises("ERR_NO_DATA", cx.metric.brier, {}, {})
raises("ERR_SHAPE", cx.metric.auc, { 1, 2 }, { 1 })
raises("ERR_SHAPE", cx.metric.auc, { 1, 2 }, { 0, 1 }, { weight = { 1 } })
raises("ERR_TYPE", cx.metric.auc, { 1, "x" }, { 0, 1 })
raises("ERR_TYPE", cx.metric.auc, "x", { 0, 1 })
raises("ERR_RANGE", cx.metric.auc, { 1, 2 }, { 0, 3 })
raises("ERR_RANGE", cx.metric.auc, { 1, 2 }, { 0, 1 }, { resamples = 2 ^ 40 })
raises("ERR_RANGE", cx.metric.auc, { 1, 2 }, { 0, 1 }, { resamples = 2 ^ 20 })
raises("ERR_RANGE", cx.metric.auc, { 1, 2 }, { 0, 1 }, { seed = -1 })
raises("ERR_TYPE", cx.metric.auc, { 1, 2 }, { 0, 1 }, { level = "high" })
raises("ERR_INVALID", cx.metric.auc, { 1, 2 }, { 0, 1 }, { resample = 1 })
raises("ERR_INVALID", cx.metric.auc, { 1, 2 }, { 0, 1 }, { 1 })
raises("ERR_TYPE", cx.metric.auc, { 1, 2 }, { 0, 1 }, 5)
local ranking = cx.metric.rank({ { 1, 2, 3 }, { 4 } }, { { 1, 9 }, { 4 } })
near(ranking.recall.value, .75)
near(ranking.precision.value, 1 / 3)
near(ranking.map.value, .75)
near(cx.metric.rank({ { 1, 2, 3 }, { 4 } }, { { 3 }, { 4 } }, { k = 2 }).recall.value, .5)
raises("ERR_SHAPE", cx.metric.rank, { {} }, {})
raises("ERR_TYPE", cx.metric.rank, { 1 }, { {} })
raises("ERR_TYPE", cx.metric.rank, { { "x" } and { true } }, { {} })

-- Progress: stages, cancelling, errors that pass through, and calls that are not possible inside.
local score, label = {}, {}
for i = 1, 2000 do score[i], label[i] = i % 97, i % 3 == 0 and 1 or 0 end
local seen = {}
local function resample(progress) return cx.metric.auc(score, label, { resamples = 200, progress = progress }) end
local estimate = resample(function(stage, done, total)
  assert(stage == "resample")
  seen[#seen + 1] = { done, total }
end)
assert(#seen >= 2 and seen[1][1] == 0 and seen[#seen][1] == seen[#seen][2])
near(estimate.value, resample().value, 0)
raises("ERR_CANCELLED", resample, function() return true end)
raises("ERR_CANCELLED", resample, function() cx.context.cancel() end)
refuses("objects%.lua:%d+: stop", resample, function() error("stop") end)
local mark = {}
local ok, value = pcall(resample, function() error(mark) end)
assert(not ok and value == mark, "the error object itself comes through")
ok, value = pcall(resample, function() error(nil) end)
assert(not ok and (value == nil or tostring(value):find("nil")))
raises("ERR_BUSY", resample, function() profile:write() end)
raises("ERR_BUSY", resample, function() profile:close() end)
raises("ERR_BUSY", resample, function() cx.profile.new() end)
raises("ERR_BUSY", resample, function() resample() end)
local inner
resample(function() inner = select(2, pcall(profile.close, profile)) end)
assert(inner.status == "ERR_BUSY" and profile:write(), "nothing was closed")
refuses("yield", resample, function() coroutine.yield() end)
raises("ERR_TYPE", resample, 5)
raises("ERR_CANCELLED", function()
  cx.context.cancel()
  resample()
end)
assert(coroutine.wrap(function() return resample(function() end).count end)() == 2000)
assert(resample(function() collectgarbage() end).count == 2000)

-- Everything is collected.
for _ = 1, 300 do cx.profile.new() end
collectgarbage()
collectgarbage()
