-- SPDX-License-Identifier: MIT
-- What the tests share. CX_TEST_MODE=stress keeps the collector at work all the time.
local support = {}

if os.getenv("CX_TEST_MODE") == "stress" then
  if _VERSION == "Lua 5.4" then collectgarbage("generational") end
  local count = 0
  debug.sethook(function()
    count = count + 1
    if count % 50 == 0 then collectgarbage() else collectgarbage("step") end
  end, "", 100)
end

--- Calls f(...), which must raise an error of the module with a status; gives the error.
function support.raises(status, f, ...)
  local ok, err = pcall(f, ...)
  assert(not ok, "no error; expected " .. status)
  assert(type(err) == "table", "not an error of the module: " .. tostring(err))
  assert(err.status == status, "expected " .. status .. ", got " .. tostring(err))
  assert(tostring(err) == status .. ": " .. err.message and #err.message > 0)
  return err
end

--- Calls f(...), which must raise a text that holds a pattern.
function support.refuses(pattern, f, ...)
  local ok, err = pcall(f, ...)
  assert(not ok, "no error; expected " .. pattern)
  assert(tostring(err):find(pattern), "expected " .. pattern .. ", got " .. tostring(err))
end

function support.near(a, b, tolerance)
  assert(math.abs(a - b) <= (tolerance or 1e-9) * math.max(1, math.abs(b)), a .. " is not " .. b)
end

--- Compares two values deeply.
function support.same(a, b, path)
  path = path or "value"
  assert(type(a) == type(b), path .. ": " .. type(a) .. " and " .. type(b))
  if type(a) ~= "table" then
    assert(a == b, path .. ": " .. tostring(a) .. " and " .. tostring(b))
    return
  end
  for key, value in pairs(a) do support.same(value, b[key], path .. "." .. tostring(key)) end
  for key in pairs(b) do assert(a[key] ~= nil, path .. "." .. tostring(key) .. " is missing") end
end

--- A shop in which ten people buy tea things and ten buy garden things, as columns for cx.ranker.fit().
function support.interactions()
  local person, item, time = {}, {}, {}
  for i = 0, 59 do
    local p = math.floor(i / 3)
    person[i + 1] = p + 1
    item[i + 1] = string.char((p < 10 and 97 or 101) + (p + i) % 4)
    time[i + 1] = i * 1000000
  end
  return { { name = "person", type = "int64", values = person }, { name = "item", values = item },
    { name = "time", type = "time", values = time } }
end

return support
