#!/bin/sh
# tidepool compare: over python3 and its children, over a redis-server under load, and over commands that fail.
. "$(dirname "$0")/../sandbox.sh"
needs redis-server redis-benchmark
[ -n "$library" ] || skip "no library to compare with"

compare() {
	step="compare $*"
	"$python" "$root/scripts/tidepool" compare --library "$library" "$@"
}

# Demand that an expression is true of the data d that --json wrote; s(column, figure) are a figure's samples.
holds() {
	answer=$("$python" - "$1" "$2" 2>&1 <<-'EOF'
		import json, sys
		d = json.load(open(sys.argv[1]))
		s = lambda column, figure: [each[figure] for each in d["samples"] if each["column"] == column and figure in each]
		m = lambda column, figure: d["summary"][column][figure]["median"]
		if not eval(sys.argv[2]):
		    sys.exit(f"not true: {sys.argv[2]}")
	EOF
	) || fail "$1: $answer"
}

# python3 with a child of its own; output in the first round only; each column in every round.
cat >work.py <<'END_WORK'
import subprocess, sys
if len(sys.argv) == 1:
    subprocess.run([sys.executable, __file__, "child"], check=True)
objects = [b"x" * (500 + i % 100) for i in range(40000)]
del objects[::2]
END_WORK
PYTHONMALLOC=malloc compare -n 4 --with glibc --ops 1000 --children --json p.json -- "$python" work.py >p.log 2>p.err ||
	fail "compare ended with status $?: $(cat p.err)"
holds p.json 'len(d["samples"]) == 16 and d["rounds_measured"] == 4'
holds p.json 's("counted", "processes") == s("pooled", "processes") == [2] * 4'
holds p.json 'len(d["samples"][-1]) and min(s("counted", "requests")) > 80000 and min(s("pooled", "requests")) > 80000'
holds p.json 'min(s("counted", "requested_bytes")) > 2 * 40000 * 550 and s("bare", "requests") == s("counted", "requests")'
holds p.json 's("bare", "backend_requests") == s("glibc", "backend_requests") == s("counted", "requests")'
holds p.json '0 < max(s("pooled", "from_slab")) <= max(s("pooled", "backend_requests")) < min(s("pooled", "requests")) / 10'
holds p.json 'all(sum(v for k, v in each.items() if k.startswith("hits_")) <= each["requests"] for each in d["samples"])'
holds p.json 'all(value > 0 for key in ("wall_s", "cpu_s", "minor_faults") for value in s("bare", key))'
# 40,000 objects of 550 bytes in the largest process, and not a Python's worth more than it has.
holds p.json '25e6 < m("bare", "peak_rss_bytes") < 80e6'
holds p.json 'd["summary"]["glibc"]["requests"]["p"] == 1'
grep -q '^ *ns/op *B/op *allocs/op$' p.log || fail "no table of operations: $(cat p.log)"
grep -Eq '^bare +[0-9,]+ +[0-9,]+ +[0-9,.]+$' p.log || fail "no line of what an operation costs bare"
[ "$(grep -c '^  python3.* ([0-9]*) ' p.log)" = 4 ] || fail "not two processes each in two columns: $(cat p.log)"
[ "$(grep -c '^round [0-9] of 4 done' p.err)" = 4 ] || fail "no line a round: $(cat p.err)"

# A command's words, input and output are its own; the peak memory is not that of the shell or of Python.
printf 'one\ntwo\n' >input
compare -n 2 --json w.json -- sh -c 'cat; echo "$0" "$1" >&2' 'a  b' "c'd" <input >w.log 2>w.err || fail "compare of cat failed"
[ "$(grep -c '^two$' w.log)" = 3 ] || fail "not the first round's output only: $(cat w.log)"
[ "$(grep -cFx "a  b c'd" w.err)" = 3 ] || fail "the words changed: $(cat w.err)"
compare -n 2 --output -- cat <input 2>/dev/null | grep -c '^two$' | grep -qx 6 || fail "--output: not every round's"
holds w.json 'm("bare", "peak_rss_bytes") < 6e6'

# A failure is passed on, in one line that names the columns; a command that is missing is not run at all.
status=0
compare -n 1 -- sh -c '[ -z "$LD_PRELOAD" ] || exit 7' >f.log 2>f.err || status=$?
[ "$status" = 7 ] || fail "status $status, not the command's 7"
[ "$(grep -c 'tidepool: counted, pooled: it ended with exit status 7, in round 1$' f.err)" = 1 ] ||
	fail "the failure is not named: $(cat f.err)"
status=0
compare -- ./missing >/dev/null 2>f.err || status=$?
[ "$status" = 127 ] || fail "status $status for a command that is missing"
status=0
compare -n 1 -- sh -c 'kill -KILL $$' >/dev/null 2>f.err || status=$?
[ "$status" = 137 ] || fail "status $status for a command killed by signal 9"

# What makes no sense is said in one line, and nothing is run.
for words in '--signal FOO' '--signal KILL' '--ready 0' '--ready 65536' '--ready 99999999' '-n 0' '--ops x'; do
	status=0
	compare --load true $words -- touch ran >/dev/null 2>f.err || status=$?
	[ "$status" = 2 ] && [ "$(wc -l <f.err)" = 1 ] && grep -q "^tidepool: argument .*${words% *}" f.err && [ ! -e ran ] ||
		fail "$words: status $status, $(cat f.err)"
done

# A server: its load is timed, its own dump is read, and its end by the signal is no failure.
port=$(free_port)
compare -n 2 --load "redis-benchmark -p $port -q -n 4000 -t set" --ready "$port" --json r.json -- \
	redis-server --port "$port" --save '' >r.log 2>r.err || fail "compare of redis ended with status $?: $(cat r.err)"
grep -q 'requests per second' r.log || fail "the load's output is missing"
holds r.json 'min(s("pooled", "requests")) > 8000 and min(s("counted", "requests")) > 8000'
holds r.json 'm("pooled", "backend_requests") < m("counted", "backend_requests")'
holds r.json 'd["failures"] == [] and m("bare", "peak_rss_bytes") > 5e6'
status=0
compare -n 1 --load false --ready "$port" -- redis-server --port "$port" --save '' >/dev/null 2>r.err || status=$?
[ "$status" = 125 ] || fail "status $status for a load that fails"
grep -q 'bare, counted, pooled: the load ended with exit status 1' r.err || fail "the load's failure is not named"
! grep -q 'no statistics' r.err || fail "what was not measured is said to lack statistics: $(cat r.err)"
