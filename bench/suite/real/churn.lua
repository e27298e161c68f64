-- churn.lua ROUNDS: objects of all kinds that Lua has, made, linked, read and forgotten.
local rounds = tonumber(arg[1])
local sum, operations = 0, 0

local function tree(depth, value)
	operations = operations + 1
	if depth == 0 then
		return { value = value }
	end
	return { value = value, left = tree(depth - 1, 2 * value % 1000), right = tree(depth - 1, (value * 3 + 1) % 1000) }
end

local function count(node)
	return node and node.value + count(node.left) + count(node.right) or 0
end

for round = 1, rounds do
	sum = sum + count(tree(12, round))
	local words, closures = {}, {}
	for i = 1, 4000 do
		words[i] = ("word %d of round %d"):format(i * 7919 % 4001, round)
		closures[i] = function(x) return x + i + #words[i] end
	end
	table.sort(words)
	for i, closure in ipairs(closures) do
		sum = (sum + closure(round)) % 1000000007
	end
	local joined = table.concat(words, ","):gsub("word", "term"):upper()
	sum = (sum + #joined + joined:byte(round % #joined + 1)) % 1000000007
	operations = operations + 8000
end
print(("operations=%d sum=%d"):format(operations, sum))
