#!/bin/sh
# In a real bash with bash-completion, tidepool's commands, options and values complete: those that tidepool has.
. "$(dirname "$0")/../sandbox.sh"
needs bash
[ -r /usr/share/bash-completion/bash_completion ] || skip "bash-completion is not installed"
[ -n "$library" ] || skip "no library to ask"

# Laid out as `make install` does it, so that bash-completion finds the file by the command's name.
scripts=$root/scripts
mkdir -p bin share/bash-completion/completions share/tidepool lib work
cp "$scripts/tidepool" bin/ && sed -i "1s|.*|#!$python|" bin/tidepool
cp -r "$scripts/tidepool_tools" "$(find "$scripts/../shim" -name version.h)" share/tidepool/
"$python" "$scripts/completion" bash "$library" >share/bash-completion/completions/tidepool || skip "there is no completion"
cp "$library" lib/libtidepool.so
touch work/input.json
export XDG_DATA_DIRS="$dir/share" PATH="$dir/bin:$PATH" BASH_COMPLETION_USER_DIR="$dir/none"

# usage: completions WORD...: what a person sees who typed the words and presses TAB in the last one, one a line.
completions() {
	step="completing: $*"
	(cd work && bash --norc --noprofile -c '
		. /usr/share/bash-completion/bash_completion
		_completion_loader tidepool
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_TYPE=9 COMP_KEY=9
		COMP_POINT=${#COMP_LINE}
		complete -p tidepool >/dev/null || exit
		_tidepool tidepool "${@: -1}" "${@: -2:1}"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@" 2>&1 | sort)
}

expect() {
	wanted=$1
	shift
	got=$(completions "$@" | tr '\n' ' ')
	[ "$got" = "$wanted " ] || fail "'$*' completes to '$got', not to '$wanted'"
}

# Every option of the library, whatever it has come to have, and no word that is none.
completions tidepool run -- >options
for option in $(TIDEPOOL_HELP=1 LD_PRELOAD="$library" /bin/true | sed -n 's/^  TIDEPOOL_\([A-Z_]*\)=.*/\1/p' | tr A-Z_ a-z-); do
	[ "$option" = help ] || grep -qx -- "--$option" options || fail "--$option does not complete"
done
expect "--stats --stats-file --stats-interval --stats-signal" tidepool run --stat
[ "$(completions tidepool '' | grep -cxE 'run|compare|merge')" = 3 ] || fail "the commands: $(completions tidepool '')"
expect "compare" tidepool com
expect "--ops --output" tidepool compare --o
[ "$(completions tidepool compare - | grep -vc '^--\{0,1\}[a-z][a-z-]*$')" = 0 ] || fail "not options: $(completions tidepool compare -)"
completions tidepool compare - | grep -qx -- -n || fail "-n does not complete"
expect "count off pool" tidepool run --mode ''
expect "off" tidepool run --mode=o
expect "json prom text" tidepool merge --format ''
expect "input.json" tidepool merge in
expect "input.json" tidepool compare --json in
expect "" tidepool run --tick ''
# After --, a command and its own arguments.
completions tidepool run -- basena | grep -qx basename || fail "no command completes after --"
expect "input.json" tidepool run --stats text -- basename in

# A person at a terminal: what TAB makes of the line is what bash then runs.
echo '. /usr/share/bash-completion/bash_completion' >bashrc
answer=$("$python" - 2>&1 <<'EOF'
import os, pty, select, time
pid, terminal = pty.fork()
if pid == 0:
    os.execlp("bash", "bash", "--noprofile", "--rcfile", "bashrc", "-i")
seen = b""
def expect(text):
    global seen
    deadline = time.monotonic() + 20
    while text not in seen:
        assert time.monotonic() < deadline, (text, seen[-500:])
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 4096)
    seen = seen[seen.index(text) + len(text):]
os.write(terminal, b"echo rea''dy\n")
expect(b"ready")
os.write(terminal, b"tidepool mer\t--form\t")
expect(b"--format ")
os.write(terminal, b"pr\twork/in\t")
expect(b"input.json")
RUN = b"\x01printf 'ran:%s.\\n' \n"  # before the line, in place of running it
os.write(terminal, RUN)
for word in b"merge", b"--format", b"prom", b"work/input.json":
    expect(b"ran:" + word + b".")
os.write(terminal, b"tidepool merge --format=js\t" + RUN)
expect(b"ran:--format=json.")
EOF
) || fail "at a terminal: $answer"
