#!/bin/sh
# Every dump of several programs, in every mode, is what shim/report/stats.schema.json says, which describes each field.
. "$(dirname "$0")/../sandbox.sh"
needs redis-server redis-benchmark sqlite3 git
[ -n "$library" ] || skip "no library whose statistics to look at"
"$python" -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is not installed"

for mode in pool count off; do
	export TIDEPOOL_MODE=$mode
	preloaded "$python" -c 'import subprocess; x = [bytes(i) for i in range(3000)]; subprocess.run(["/bin/true"])'
	preloaded git -c init.defaultBranch=main init -q "repository $mode"
	preloaded sqlite3 :memory: 'create table t(a); insert into t select value from generate_series(1, 5000)' >/dev/null
	preloaded sh -c 'sort /etc/passwd | wc -l' >/dev/null
	port=$(free_port)
	serve redis-server --port "$port" --save ''
	await redis-cli -p "$port" ping
	preloaded redis-benchmark -p "$port" -q -n 1000 -t set >/dev/null
	redis-cli -p "$port" shutdown nosave || true
	served
done
export TIDEPOOL_MODE=pool
# Classes that come and go, one that never does, and turns.
TIDEPOOL_TICK=10ms TIDEPOOL_CLASSES='16-64:always 4k:never' preloaded "$python" -c '
import time
for _ in range(5):
    x = [bytes(500 + i) for i in range(3000)]
    time.sleep(0.02)'
TIDEPOOL_HISTOGRAM=1 TIDEPOOL_MODE=count preloaded "$python" -c 'x = [bytes(i) for i in range(30000)]'
cp "$(command -v sort)" "$(printf 'a "b\\\303\251\001')"
preloaded ./a* /etc/passwd >/dev/null

answer=$("$python" - "$root/shim/report/stats.schema.json" 2>&1 <<'EOF'
import glob, json, sys
import jsonschema

schema = json.load(open(sys.argv[1]))
checker = jsonschema.validators.validator_for(schema)
checker.check_schema(schema)

def described(part, where):
    """Every property has a description, its own or that of what it refers to."""
    for name, each in part.get("properties", {}).items():
        target = schema["$defs"].get(each.get("$ref", "").rpartition("/")[2], {})
        assert each.get("description") or target.get("description"), f"{where}.{name} has no description"
        assert each.get("x-kind") or each.get("type") != "integer" or where not in ("turn", "hits", "large"), f"{where}.{name}"
for name, part in [("dump", schema), *schema["$defs"].items()]:
    described(part, name)

dumps = [json.loads(line) for name in glob.glob("stats/*") for line in open(name)]
for dump in dumps:
    for error in checker(schema).iter_errors(dump):
        sys.exit(f"{dump['program']}, mode {dump['mode']}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}")
assert any(dump["histogram"]["lifetimes"]["per_size"] for dump in dumps if "histogram" in dump), "no histogram"
seen = {(dump["program"].rstrip("0123456789."), dump["mode"]) for dump in dumps}
wanted = {(program, mode) for program in ("python", "git", "sqlite", "sort", "redis-server") for mode in ("pool", "count", "off")}
assert wanted <= seen, f"missing: {wanted - seen}"
assert 'a "b\\\u00c3\u00a9\x01' in {dump["program"] for dump in dumps}, "the odd name is missing"
# A schema that takes anything would have been no test.
dump = dumps[0]
for wrong in ({**dump, "more": 1}, {**dump, "turn": {}}, {**dump, "mode": "fast"}, {**dump, "pid": "1"},
              {name: each for name, each in dump.items() if name != "large"}):
    assert not checker(schema).is_valid(wrong), f"takes {sorted(wrong)}"
EOF
) || fail "$answer"
