#!/bin/sh
# tidepool profile: whose profiles it finds by the names that -o makes, what it says of one that cannot be written, and
# that the command's signals are as they were given. That the figures are right is pprof.sh's business.
. "$(dirname "$0")/../sandbox.sh"
needs
[ -n "$library" ] || skip "there is no profile without the library"

profile() {
	step="profile $*"
	"$python" "$root/scripts/tidepool" profile --library "$library" --every 1 "$@"
}

# ---- every sign of a name, also in a folder whose name has some
mkdir '50%p'
cd '50%p'
profile -o 'heap-%%-%p-%e-%t' -- sh -c '"$0" -c pass; "$0" -c pass; exit 7' "$python" 2>list && status=0 || status=$?
[ "$status" = 7 ] || fail "status $status, not the command's: $(cat list)"
[ "$(ls | grep -cE '^heap-%-[0-9]+-python3[.0-9]*-[0-9]+$')" = 2 ] || fail "not a profile for each python: $(ls)"
grep -qE '^(2|3) processes, [1-9][0-9]* call sites' list || fail "the profiles are not found: $(cat list)"
cd ..

# ---- what cannot be written is said before the command runs
mkdir folder
for output in missing/heap missing/%p.heap folder; do
	status=0
	profile -o "$output" -- touch ran 2>list || status=$?
	[ "$status" = 125 ] && [ "$(wc -l <list)" = 1 ] && grep -q "^tidepool: $output: " list ||
		fail "-o $output: status $status, $(cat list)"
	[ ! -e ran ] || fail "-o $output: the command ran all the same"
done
profile -o kept -- "$python" -c pass 2>list && [ -s kept ] && [ -s kept.sites.json ] || fail "no profile is kept: $(cat list)"
status=0
profile -o none -- ./missing 2>list || status=$?
[ "$status" = 127 ] && [ ! -e none ] || fail "a command that is missing: status $status, $(ls)"

# ---- signals: what is ignored stays so, and nothing else is
# What ran this test may itself have some ignored, and passes them on.
ignored() {
	"$@" grep '^SigIgn:' /proc/self/status 2>/dev/null | tr -d '\t'
}
[ "$(ignored profile --)" = "$(ignored command)" ] || fail "ignored is $(ignored profile --) for $(ignored command)"
(
	trap '' INT QUIT
	[ "$(ignored profile --)" = "$(ignored command)" ]
) || fail "what was to be ignored is not: $(trap '' INT QUIT && ignored profile --)"
