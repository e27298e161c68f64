# A private place for one real program under test: sourced first by every script of this folder.
# The script runs again as a child in a temporary folder, in a process group of its own and under a time limit;
# when it has ended, whatever it left (processes, files) is removed.
# In:   TIDEPOOL_LIB  absolute path of the library to preload; unset: the program runs bare, which tests the script.
# Out:  exit status 0 pass, 77 skip, anything else fail, with the reason in the last line.
# Gives the script: $dir (its working directory), $here (the script's folder), $root (the checkout), $library, $python and the functions below.
# Only what is started by `preloaded` or `serve` gets the library; the tools that check results run bare.
set -eu

if [ -z "${SANDBOX_DIR:-}" ]; then
	SANDBOX_DIR=$(mktemp -d "${TMPDIR:-/tmp}/tidepool-program.XXXXXX")
	export SANDBOX_DIR
	status=0
	timeout -k 5 240 sh "$0" </dev/null &
	group=$!
	trap 'kill -TERM "$group" 2>/dev/null || true' HUP INT TERM
	wait "$group" || status=$?
	# A signal ends the wait early; the child then needs a moment to stop its servers.
	while kill -0 "$group" 2>/dev/null; do
		status=0
		wait "$group" || status=$?
	done
	kill -KILL -"$group" 2>/dev/null || true
	rm -rf "$SANDBOX_DIR" 2>/dev/null || { sleep 1; rm -rf "$SANDBOX_DIR"; }
	case $status in 124 | 137) echo "FAIL: not finished within 240 s" >&2 ;; esac
	exit "$status"
fi

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
dir=$SANDBOX_DIR
# The library warns of TIDEPOOL_ names that it does not know: the program must not see this one.
library=${TIDEPOOL_LIB:-}
unset SANDBOX_DIR TIDEPOOL_LIB LD_PRELOAD
python=/usr/bin/python3
[ -x "$python" ] || python=python3
server=
reason=
step=start
[ -z "$library" ] || [ -r "$library" ] || { echo "FAIL: cannot read the library $library" >&2; exit 1; }

# Programs that give up root (nginx's workers, postgres) enter the folder and write their dumps.
chmod 755 "$dir"
mkdir "$dir/stats"
chmod 1777 "$dir/stats"
cd "$dir"
export HOME="$dir" LC_ALL=C.UTF-8

# End the test as failed, with the ends of the logs first and the reason last.
fail() {
	for log in "$dir"/*.log; do
		[ ! -s "$log" ] || { echo "--- ${log##*/}, its end:"; tail -n 15 "$log"; } >&2
	done
	reason=given
	echo "FAIL: $*" >&2
	exit 1
}

# End the test as not possible here.
skip() {
	reason=given
	echo "SKIP: $*" >&2
	exit 77
}

# Skip unless all the named commands are installed.
needs() {
	for command in "$python" "$@"; do
		command -v "$command" >/dev/null 2>&1 || skip "$command is not installed"
	done
}

# Wait for the server, which was told to stop; after 60 s it is killed. Returns its status.
sandbox_reap() {
	pid=$server
	server=
	(sleep 60 && kill -KILL "$pid") >/dev/null 2>&1 &
	# The shell would report the end by a signal after the reason of the failure.
	wait "$pid" 2>/dev/null
}

sandbox_leave() {
	status=$?
	trap - EXIT
	[ -z "$server" ] || { kill -"${stop_signal:-TERM}" "$server" 2>/dev/null && sandbox_reap; } || true
	case $status in 0 | 77) ;; *) [ -n "$reason" ] || echo "FAIL: a step ended with status $status" >&2 ;; esac
	exit "$status"
}
trap sandbox_leave EXIT
trap 'fail "stopped by a signal (or by the time limit) in: $step"' HUP INT TERM

sandbox_preload() {
	[ -n "$library" ] || return 0
	export LD_PRELOAD="$library" TIDEPOOL_STATS=json TIDEPOOL_STATS_FILE="$dir/stats/%p.json"
}

# Run a command under the library, in the foreground. Returns its status.
preloaded() {
	step=$*
	(sandbox_preload && exec "$@")
}

# Start a server under the library: $server is its process id, its output goes to server.log.
serve() {
	(sandbox_preload && exec "$@") >>"$dir/server.log" 2>&1 &
	server=$!
}

# Repeat a command until it succeeds, for at most 60 s and only while the server lives.
await() {
	step="waiting for: $*"
	deadline=$(($(date +%s) + 60))
	until "$@" >/dev/null 2>&1; do
		[ -z "$server" ] || kill -0 "$server" 2>/dev/null || fail "the server ended before '$*' succeeded"
		[ "$(date +%s)" -lt "$deadline" ] || fail "'$*' did not succeed within 60 s"
		sleep 0.05
	done
}

# Wait for the server, which was told to stop, and demand exit status 0.
served() {
	status=0
	sandbox_reap || status=$?
	[ "$status" = 0 ] || fail "the server ended with status $status (137: it had to be killed after 60 s)"
}

# Print a TCP port of the loopback interface that is free now.
free_port() {
	"$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# usage: stats_seen PATTERN [COUNT]
# Demand that the library served COUNT (1) processes or more whose names match the pattern, and that each dump so far is
# sound: one JSON object a line, in the file of its own process, by locks where rseq was switched off.
stats_seen() {
	[ -n "$library" ] || return 0
	answer=$("$python" - "$dir/stats" "$1" "${2:-1}" 2>&1 <<-'END'
		import collections, fnmatch, json, os, sys

		folder, pattern, least = sys.argv[1:]
		lock_only = "glibc.pthread.rseq=0" in os.environ.get("GLIBC_TUNABLES", "")
		served = collections.defaultdict(set)
		for name in os.listdir(folder):
		    with open(os.path.join(folder, name)) as dumps:
		        for line in dumps:
		            try:
		                dump = json.loads(line)
		            except ValueError as error:
		                sys.exit(f"{name}: not JSON ({error}): {line[:200]!r}")
		            if f"{dump['pid']}.json" != name:
		                sys.exit(f"{name}: holds the dump of process {dump['pid']}")
		            if lock_only and dump["cache_guard"] != "lock":
		                sys.exit(f"{name}: rseq is off, yet cpu is {dump['cache_guard']!r}")
		            if dump["totals"]["gets"] > 0:
		                served[dump["program"]].add(dump["pid"])
		found = sum(len(pids) for program, pids in served.items() if fnmatch.fnmatch(program, pattern))
		if found < int(least):
		    others = {program: len(pids) for program, pids in served.items()}
		    sys.exit(f"{found} of {least} processes of {pattern} have a dump with gets > 0; with gets > 0 are {others}")
	END
	) || fail "stats: $answer"
}
