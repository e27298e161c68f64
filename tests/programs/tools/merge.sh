#!/bin/sh
# tidepool merge: the sums are right, broken lines are named, Prometheus' own checker takes what it writes.
. "$(dirname "$0")/../sandbox.sh"
needs promtool
[ -n "$library" ] || skip "no library whose statistics to merge"

merge() {
	step="merge $*"
	"$python" "$root/scripts/tidepool" merge --library "$library" "$@"
}

# usage: dump PID PROGRAM UPTIME GETS SIZE [NAME=NUMBER]: a dump of one class whose counters are GETS, or multiples of it.
dump() {
	"$python" - "$@" <<-'EOF'
		import json, sys
		pid, program, uptime, gets, size = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
		schema = json.load(open("schema.json"))["$defs"]
		def row(part, factor):
		    return {name: row("hits", 1) if "$ref" in each else factor * gets
		            for name, each in schema[part]["properties"].items() if name not in ("size", "policy")}
		totals, turn = row("totals", 2), row("turn", 5)
		print(json.dumps({"schema": 2, "version": "1", "pid": int(pid), "program": program, "uptime_s": uptime, "mode": "pool", "cache_guard": "rseq",
		                  "caches": 1, "totals": totals, "classes": [{"size": size, **row("totals", 2), "policy": {"capacity": 9}}],
		                  "large": row("large", 3), "turn": turn, "started_s": 7, "peak_rss_bytes": gets * 1000}))
	EOF
}

holds() {
	answer=$("$python" -c '
import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(None if eval(sys.argv[2]) else f"not true: {sys.argv[2]}")' "$1" "$2" 2>&1) || fail "$1: $answer"
}

cp "$root/shim/report/stats.schema.json" schema.json
dump 1 one 5 10 64 >a.json
dump 2 two 5 100 64 >>a.json
dump 1 one 9 1000 128 >b.json

# Counters and levels add, by class and in all; peaks as maximum and as sum; a policy's numbers do not.
merge --format json a.json b.json >sum.json || fail "merge ended with status $?"
holds sum.json 'd["totals"]["gets"] == 2220 and d["totals"]["hits"] == {k: 1110 for k in ("local", "overflow", "stolen", "victim")}'
holds sum.json '[(c["size"], c["gets"], c["held_bytes"], c["hits"]["stolen"]) for c in d["classes"]] == [(64, 220, 220, 110), (128, 2000, 2000, 1000)]'
holds sum.json 'all("policy" not in c for c in d["classes"])'
holds sum.json 'd["large"]["bytes"] == 3330 and d["turn"]["ticks"] == 5550 and d["peak_rss_bytes"] == {"max": 1000000, "sum": 1110000}'
holds sum.json '(d["pids"], d["program"], d["processes"], d["uptime_s"]) == ([1, 1, 2], ["one", "two"], 3, 9)'
holds sum.json 'd["by_program"]["one"]["totals"]["gets"] == 2020 and d["by_program"]["two"]["processes"] == 1'

# Sums of sums are the same as the sum.
merge --format json -o a.sum a.json
merge --format json - a.sum <b.json >again.json
cmp sum.json again.json || fail "a sum of sums differs"

# A dump of an older library, with the names it gave and no number of the schema, is added with the names of today.
older() { sed 's/"schema": 2, //g; s/"cache_guard"/"cpu"/g; s/"turn"/"tide"/g; s/"local"/"primary"/g; s/"from_slab"/"news"/g; s/"spilled"/"drops"/g'; }
older <a.json >old.json
! cmp -s a.json old.json || fail "the older names are today's"
merge --format json old.json b.json >again.json || fail "merge of older dumps ended with status $?"
cmp sum.json again.json || fail "the sum of older dumps differs"
merge --format json a.json b.json | older | merge --format json - >again.json
cmp sum.json again.json || fail "a sum of an older merge differs"

# In one file, a later dump of a process takes the place of its earlier ones; a process that begins anew is another.
{ dump 1 one 5 10 64; dump 2 two 5 100 64; dump 1 one 6 20 64; dump 1 one 2 5 64; dump 2 other 7 100 64; } >life.json
merge --format json life.json >life.sum
holds life.sum 'd["totals"]["gets"] == 2 * (20 + 100 + 5 + 100) and d["processes"] == 4'

# What cannot be read is named, line by line, and the rest is merged.
{ cat a.json; echo '{"version":"1","pid":3,'; echo '[1,2]'; echo; dump 3 one 1 7 64 | sed 's/"hits": {[^}]*}/"hits": 5/'; } >broken.json
status=0
merge --format json broken.json missing.json b.json >part.json 2>broken.err || status=$?
[ "$status" = 1 ] || fail "status $status after broken lines"
cmp -s sum.json part.json || fail "the sound lines were not merged"
[ "$(cut -d: -f1-4 broken.err | cut -c1-45)" = "$(printf 'tidepool: broken.json:3: not JSON\ntidepool: broken.json:4: JSON, but not a dump\ntidepool: broken.json:6: JSON, but not a dump\ntidepool: missing.json: No such file or direc')" ] ||
	fail "the lines named are: $(cat broken.err)"
status=0
merge missing.json >/dev/null 2>&1 || status=$?
[ "$status" = 1 ] || fail "status $status where there was nothing to merge"

# Real dumps, in both modes, in Prometheus' format: its checker finds nothing wrong, and the values are the sums.
preloaded "$python" -c 'import json, subprocess; subprocess.run(["sort", "/etc/passwd"])' >/dev/null
(export TIDEPOOL_MODE=count && preloaded "$python" -c 'pass')
mkdir 'odd "name\'
ln -s "$(command -v sort)" 'odd "name\/sort "\'
preloaded 'odd "name\/sort "\' /etc/passwd >/dev/null
merge --format prom -o all.prom stats/*.json || fail "merge of real dumps ended with status $?"
promtool check metrics <all.prom >promtool.log 2>&1 || fail "promtool does not take it"
[ ! -s promtool.log ] || fail "promtool complains"
merge --format json -o all.json stats/*.json
answer=$("$python" - 2>&1 <<'EOF'
import json, re
total = json.load(open("all.json"))
samples = [re.fullmatch(r'tidepool_(\w+)\{(.*)\} (\S+)\n', line).groups() for line in open("all.prom") if line[0] != "#"]
def value(name, *labels):
    return sum(float(number) for metric, found, number in samples if metric == name and all(label in found for label in labels))
assert value("gets_total") == total["totals"]["gets"] > 0, value("gets_total")
assert value("puts_total") == total["totals"]["puts"] > 0, value("puts_total")
assert value("hits_total", 'source="local"') == total["totals"]["hits"]["local"] > 0
assert value("held_bytes") == total["totals"]["held_bytes"] > 0
assert value("unpooled_bytes_total", 'program="python3') == total["totals"]["unpooled_bytes"] > 0
assert value("turn_tick_seconds_total") == total["turn"]["tick_ns"] / 1e9
assert value("processes") == total["processes"] == 4
assert value("processes", r'program="sort \"\\"') == 1, [s for s in samples if s[0] == "processes"]
EOF
) || fail "the samples: $answer"
ls | grep -q 'all.*\.[0-9]*$' && fail "a temporary file is left" || true

# The table for people has the same sums.
merge a.json b.json >text.log
grep -Eq '^ +all +2220 +1110 ' text.log || fail "the table's sum is wrong: $(cat text.log)"
grep -q '^3 processes: one (2), two (1)$' text.log || fail "the programs are not counted"
# A name that would steer the terminal does not.
"$python" - <<'EOF' >steering.json
import json
dump = json.loads(open("a.json").readline())
print(json.dumps({**dump, "program": "\x1b[2Jone\u202e"}))
EOF
merge steering.json >text.log
grep -q '^1 processes: ?\[2Jone? (1)$' text.log || fail "the name is shown as it is"
