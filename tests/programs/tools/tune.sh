#!/bin/sh
# tidepool tune over python3 and sqlite3: the class table is the library's, the chosen classes are the best ones, the
# policy file says why, the figures add up and come true; servers are loaded and stopped, exit statuses pass through.
. "$(dirname "$0")/../sandbox.sh"
needs sqlite3
[ -n "$library" ] || skip "there is no library to tune for"
scripts=$root/scripts
tune() { "$python" "$scripts/tidepool" tune --library "$library" "$@"; }
export PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1

# One request of each 16 bytes: the library counts them in the classes that tune knows.
cat >all_sizes.py <<'END'
import ctypes
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
for size in range(16, 65537, 16):
    assert libc.malloc(ctypes.c_size_t(size))
END
preloaded env TIDEPOOL_MODE=count "$python" all_sizes.py || fail "python3 ended with status $?"
"$python" - "$scripts" stats/*.json <<'END' || fail "the class tables differ"
import json, sys
sys.path.insert(0, sys.argv[1])
from tidepool_tools.measure.classes import default_classes
sizes = [row["size"] for row in json.loads(open(sys.argv[2]).readlines()[-1])["classes"]]
assert sizes == default_classes(), sizes
END

# What a CPU holds by default: a warm over the cap counts as the cap, a batch that is the default needs no words.
batches=$("$python" - "$scripts" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from tidepool_tools.measure.classes import default_classes
from tidepool_tools.measure.tuning import refill
print(*(f"{size}:batch={refill(size)}" for size in default_classes()))
END
)
LD_PRELOAD=$library TIDEPOOL_VERBOSE=1 TIDEPOOL_CLASSES="*:warm=511 $batches" /bin/true 2>caps.log
cat >fill.py <<'END'
import ctypes, sys
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
for size in map(int, sys.argv[1:]):
    for block in [libc.malloc(ctypes.c_size_t(size)) for _ in range(3000)]:
        libc.free(block)
END
rm stats/*
TIDEPOOL_TICK=0 TIDEPOOL_CLASSES='*:always' TIDEPOOL_MAX=1g TIDEPOOL_MAX_CPU=1g preloaded \
	"$python" -c 'import os, sys; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); os.execv(sys.argv[1], sys.argv[1:])' \
	"$python" fill.py 512 1024 4096 16384 65536 || fail "python3 ended with status $?"
"$python" - "$scripts" stats/*.json <<'END' || fail "a CPU holds something else by default"
import json, re, sys
sys.path.insert(0, sys.argv[1])
from tidepool_tools.measure.classes import default_classes
from tidepool_tools.measure.tuning import default_cap, default_overflow, refill

def number(word):
    return int(word[:-1]) << 10 if word.endswith("k") else int(word)

caps = {}
for line in open("caps.log").readlines()[1:]:
    low, high, cap = re.fullmatch(r"(\w+)(?:-(\w+))?:warm=(\d+)\n", line).groups()
    caps.update((size, int(cap)) for size in default_classes() if number(low) <= size <= number(high or low))
assert caps == {size: default_cap(size) for size in default_classes()}, caps
# All that was freed, up to what both stores hold; a stack that is full gives half of it away.
rows = {row["size"]: row["held_objects"] for row in json.loads(open(sys.argv[2]).readlines()[-1])["classes"]}
for size in 512, 1024, 4096, 16384, 65536:
    most = default_cap(size) + default_overflow(size)
    least = default_cap(size) // 2 + default_overflow(size)
    assert least <= rows[size] <= most, (size, rows[size], least, most)
END

# 30,000 arrays that ask for 4,145 to 4,160 bytes, one after the other: a class of 4,160 saves 448 bytes each.
cat >work.py <<'END'
for number in range(30000):
    bytearray(4144 + number % 16)
END
step="tune over python3"
tune --rounds 2 -o work.policy --json work.json -- "$python" work.py >tune.out 2>tune.log ||
	fail "tune ended with status $?"
[ "$(grep -cE '^(learning|weighing|round [12] of 2) done, [0-9]+:[0-9]{2} left$' tune.log)" = 4 ] || {
	cat tune.log >&2
	fail "it does not say how far it has come"
}
cat >figures.py <<'END'
# usage: figures.py POLICY REPORT TAKEN JSON: the file, its comments, and the figures' arithmetic
import json, re, statistics, sys
policy, report = open(sys.argv[1]).read(), open(sys.argv[2]).read()

lines = policy.splitlines()
directives = [line for line in lines if line and not line.startswith("#")]
for line in directives:
    assert re.fullmatch(r"\d+(-\d+)?:(auto|always|never|cap=\d+|warm=\d+)(,(cap|warm)=\d+)*", line), line
    target = line.split(":")[0]
    assert any(comment.startswith((f"# {target}: ")) for comment in lines), f"no reason for {line}"
assert any(line.startswith("4160:") for line in directives), directives
requests, each, above, saved, share = re.search(
    r"# 4160: ([\d,]+) requests would leave (\d+) bytes more unused in objects of (\d+): ([\d,]+) bytes, ([\d.]+)%",
    policy).groups()
requests, saved = int(requests.replace(",", "")), int(saved.replace(",", ""))
assert 30000 <= requests < 30500 and (each, above) == ("448", "4608") and saved == requests * 448, policy

units = {"B": 1, "KiB": 1024, "MiB": 1 << 20}
row = next(line for line in report.splitlines() if line.startswith("waste"))
waste = [float(value) * units[unit] for value, unit in re.findall(r"(-?[\d.]+) (B|KiB|MiB)", row)]
assert len(waste) == 4, row
default, tuned, got_default, got_tuned = waste
near = lambda one, other: abs(one - other) <= 0.02 * default
assert default - tuned >= 0.98 * saved, f"the saving is not in the sums: {row}"
assert near(saved, float(share) / 100 * default), f"{share} % of {row}"
assert near(default, got_default), f"predicted and measured differ: {row}"
assert near(got_tuned, tuned if sys.argv[3] == "yes" else default), f"the tuned policy does something else: {row}"
for name in "hit rate", "peak memory", "wall time", "CPU time":
    assert re.search(rf"^{name} .*\d", report, re.M), f"no {name} in the report"

data = json.load(open(sys.argv[4]))
assert "\n".join(data["policy"]) + "\n" == policy and data["rounds"] == 2, data
assert [(sample["policy"], sample["round"]) for sample in data["samples"]] == [
    (name, number) for name in ("default", "tuned") for number in (1, 2)], data["samples"]
shown = [float(value) / (1000 if unit == "ms" else 1) for value, unit in
         re.findall(r"([\d.]+) (m?s)(?: \(|  |\n|$)", re.search("^CPU time .*", report, re.M)[0])]
for name, value, wasted in zip(("default", "tuned"), shown, (got_default, got_tuned), strict=True):
    cpu_s = statistics.median(sample["cpu_s"] for sample in data["samples"] if sample["policy"] == name)
    assert abs(cpu_s - value) < 0.001, f"{name}: {cpu_s} s is shown as {value}"
    assert abs(data["waste_bytes"][name] - wasted) <= 0.005 * default, f"{name}: {data['waste_bytes']}, not {wasted}"
END
# A library without the policy language takes no notice of the file.
echo nonsense >wrong.policy
taken=yes
[ -n "$(LD_PRELOAD=$library TIDEPOOL_POLICY=$dir/wrong.policy /bin/true 2>&1)" ] || taken=no
"$python" figures.py work.policy tune.out "$taken" work.json || {
	cat work.policy tune.out >&2
	fail "the figures are wrong"
}

step="tune over sqlite3 with its standard input, on standard output"
echo "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	SELECT sum(length(x)) FROM (SELECT hex(zeroblob(2500 + i % 20)) x, i FROM n ORDER BY i);" >work.sql
requests_of() {
	tune -n "$1" --no-check -o - -- sqlite3 -batch <work.sql 2>tune.log |
		sed -nE "s/^# Tidepool [^;]*; ([0-9,]+) requests of $1 process(es)? in $1 runs?$/\1/p" | tr -d ,
}
once=$(requests_of 1)
twice=$(requests_of 2)
[ "${once:-0}" -gt 20000 ] && [ "${twice:-0}" -ge $((once * 19 / 10)) ] ||
	fail "sqlite3 did not read its standard input from the start each time: $once requests, then $twice"

step="tune over a server"
cat >server.py <<'END'
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    while True:
        connection, _ = server.accept()
        connection.recv(1)
        connection.sendall(bytearray(20001))
        connection.close()
END
cat >load.py <<'END'
import socket, sys, time
for number in range(500):
    for attempt in range(100):
        try:
            connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
    connection.sendall(b"x")
    while connection.recv(65536):
        pass
END
port=$(free_port)
tune --no-check --after 0.2 --load "'$python' load.py $port" -o server.policy -- "$python" server.py "$port" \
	>tune.out 2>tune.log || fail "tune ended with status $?"
grep -q '^20016:' server.policy || {
	cat server.policy >&2
	fail "no class for what the server sends"
}

step="a server that ends under its load"
tune --no-check --after 0.1 --load 'sleep 1' -o server.policy -- "$python" -c 'import time; time.sleep(0.5)' \
	>tune.out 2>tune.log || fail "tune ended with status $?: $(cat tune.log)"

step="exit statuses"
status=0
tune --no-check -o - -- "$python" -c 'raise SystemExit(3)' >/dev/null 2>tune.log || status=$?
[ "$status" = 3 ] || fail "status 3 came through as $status"
status=0
tune --no-check -o - -- ./nowhere >/dev/null 2>tune.log || status=$?
[ "$status" = 127 ] || fail "a command that is not there gives status $status"
for command in true false; do
	status=0
	tune -o none.policy -- "$command" >tune.out 2>tune.log || status=$?
	"$command" && wanted=0 || wanted=1
	[ "$status" = "$wanted" ] && [ ! -s tune.out ] && [ ! -e none.policy ] &&
		grep -qx "tidepool: $command: asks for no memory: there is nothing to tune" tune.log ||
		fail "what asks for nothing: status $status, $(cat tune.out tune.log)"
done
