#!/bin/sh
# The command tidepool itself, whatever the subcommand: every help page prints, under names that the overview has.
. "$(dirname "$0")/sandbox.sh"
needs
[ -n "$library" ] || skip "there is no library whose options to list"

tidepool() {
	step="tidepool $*"
	"$python" "$here/../../scripts/tidepool" "$@"
}

# ---- help
tidepool --library "$library" --help >help.out 2>help.log || fail "--help ended with status $?: $(cat help.log)"
commands=$(sed -n 's/^    \([a-z][a-z-]*\) .*/\1/p' help.out)
[ "$(echo "$commands" | wc -l)" -ge 7 ] || fail "the overview names only: $commands"
for command in $commands; do
	tidepool "$command" --library "$library" --help >help.out 2>help.log ||
		fail "$command --help ended with status $?: $(cat help.log)"
	grep -q "^usage: tidepool $command" help.out && grep -q '^examples:' help.out && [ ! -s help.log ] ||
		fail "$command --help says: $(cat help.out help.log)"
	[ "$(grep -c '%%' help.out)" = 0 ] || fail "$command --help shows a doubled sign: $(grep %% help.out)"
done
