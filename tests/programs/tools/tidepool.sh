#!/bin/sh
# The command tidepool itself, whatever the subcommand: every help page prints, under names that the overview has, and
# where nothing can be printed, one line says so.
. "$(dirname "$0")/../sandbox.sh"
needs
[ -n "$library" ] || skip "there is no library whose options to list"

tidepool() {
	step="tidepool $*"
	"$python" "$root/scripts/tidepool" --library "$library" "$@"
}

# ---- help
tidepool --help >help.out 2>help.log || fail "--help ended with status $?: $(cat help.log)"
commands=$(sed -n 's/^    \([a-z][a-z-]*\) .*/\1/p' help.out)
[ "$(echo "$commands" | wc -l)" -ge 7 ] || fail "the overview names only: $commands"
for command in $commands; do
	tidepool "$command" --help >help.out 2>help.log ||
		fail "$command --help ended with status $?: $(cat help.log)"
	grep -q "^usage: tidepool $command" help.out && grep -q '^examples:' help.out && [ ! -s help.log ] ||
		fail "$command --help says: $(cat help.out help.log)"
	[ "$(grep -c '%%' help.out)" = 0 ] || fail "$command --help shows a doubled sign: $(grep %% help.out)"
done

# ---- standard output that is full or closed is one line; a reader that has left needs none
preloaded "$python" -c pass
dump=$(ls stats/*.json | head -n 1)
# usage: silent COMMAND...: what it says to standard output goes nowhere, in three ways.
silent() {
	for way in full closed left; do
		status=0
		case $way in
		full) tidepool "$@" >/dev/full 2>silent.log || status=$? ;;
		closed) tidepool "$@" >&- 2>silent.log || status=$? ;;
		left)
			{ tidepool "$@" 2>silent.log && echo 0 >status || echo $? >status; } | true
			read -r status <status
			;;
		esac
		case $way in
		full) wanted='125 tidepool: standard output: No space left on device' ;;
		closed) wanted='125 tidepool: standard output: Bad file descriptor' ;;
		left) wanted='141 ' ;;
		esac
		[ "$status $(grep -vE '^[a-z0-9 ]+ done, ' silent.log)" = "$wanted" ] || fail "$*, $way: status $status, $(cat silent.log)"
	done
}
silent --help
silent --version
silent merge "$dump"
silent report -o - "$dump"
silent compare -n 1 -- "$python" -c pass
silent tune --no-check -o - -- "$python" -c pass
tidepool tune --no-check -- "$python" -c 'print("x")' >/dev/null 2>silent.log || fail "tune: $(cat silent.log)"
tidepool run -- true >&- 2>silent.log || fail "run writes nothing itself: $(cat silent.log)"
tidepool merge -o merged "$dump" >&- 2>silent.log || fail "merge -o writes nothing there: $(cat silent.log)"

# ---- on standard output, and only there
tidepool report -o - "$dump" >page.html || fail "report -o - ended with status $?"
[ "$(head -c 15 page.html)" = '<!DOCTYPE html>' ] && grep -q '</html>$' page.html && [ ! -e ./- ] ||
	fail "report -o - wrote: $(tail -n 1 page.html)"

# ---- files that are none
mkdir folder
for words in "top --once --file $dir/folder:2" "merge folder:1" "merge -o folder/none/sum $dump:125" \
	"report -o folder $dump:125" "report folder:2" "tune --json folder/none/figures -- touch ran:125" \
	"tune -o folder -- touch ran:125" "compare --json folder/none/figures -- touch ran:125"; do
	status=0
	tidepool ${words%:*} >none.out 2>none.log || status=$?
	[ "$status" = "${words##*:}" ] && [ ! -s none.out ] && ! grep -q Traceback none.log ||
		fail "${words%:*}: status $status, $(cat none.out none.log)"
done
[ ! -e ran ] || fail "a command was run though its figures cannot be written"

# ---- interrupted, which the command is told as well, at any moment of a run: as it is started, runs or is cleaned up
for delay in 0.6 0.7 0.8 0.9 1.0 2; do
	words='sleep 0.01'
	[ "$delay" != 2 ] || words='sleep 60'
	for case in tune:INT compare:INT compare:TERM; do
		mkdir interrupted.tmp
		status=0
		# shellcheck disable=SC2086  # several words
		TMPDIR=$dir/interrupted.tmp timeout --preserve-status -s "${case#*:}" "$delay" \
			"$python" "$root/scripts/tidepool" "${case%:*}" --library "$library" --rounds 100 -- $words \
			>interrupted.out 2>interrupted.log || status=$?
		[ "$status" = 130 ] && ! grep -q Traceback interrupted.log && [ -z "$(ls interrupted.tmp)" ] ||
			fail "$case: status $status when interrupted after $delay s," \
				"$(ls interrupted.tmp; cat interrupted.log)"
		rmdir interrupted.tmp
	done
done
status=0
tidepool merge - <&- 2>none.log || status=$?
[ "$status" = 1 ] && grep -q '^tidepool: -: Bad file descriptor$' none.log || fail "a closed input: status $status, $(cat none.log)"
