#!/bin/sh
# TIDEPOOL_LIVE: the file is whole whenever it is read, it is its process's own and goes with it, and nothing that
# happens to it, to its name or to its folder harms the process.
. "$(dirname "$0")/../sandbox.sh"
needs gcc
[ -n "$library" ] || skip "there is nothing to share without the library"

export PYTHONPATH="$root/scripts" PYTHONDONTWRITEBYTECODE=1
says() { grep -qF -- "$2" "$1" || fail "$1 does not say '$2': $(cat "$1")"; }
with_live() {
	TIDEPOOL_LIVE=$1
	shift
	export TIDEPOOL_LIVE
	preloaded "$@"
	unset TIDEPOOL_LIVE
}

# ---- a busy program: threads that allocate, ticks all the time
cat >busy.c <<'END'
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t over;

static void stop(int number) { over = number; }

static void *churn(void *unused)
{
	void *objects[64] = { NULL };
	for (unsigned i = 0; !over; i++) {
		free(objects[i % 64]);
		objects[i % 64] = malloc(16 + i * 2654435761u % 60000);
	}
	for (int i = 0; i < 64; i++)
		free(objects[i]);
	return unused;
}

int main(void)
{
	pthread_t thread;
	signal(SIGTERM, stop);
	pthread_create(&thread, NULL, churn, NULL);
	churn(NULL);
	pthread_join(thread, NULL);
	return 0;
}
END
gcc -O1 -fno-builtin -pthread -o busy busy.c

export TIDEPOOL_LIVE="$dir/busy-%p.live" TIDEPOOL_TICK=10ms
serve ./busy
unset TIDEPOOL_LIVE TIDEPOOL_TICK
file=$dir/busy-$server.live
await test -e "$file"
[ "$(stat -c %a "$file")" = 600 ] || fail "the file's mode is $(stat -c %a "$file")"
ls -l "/proc/$server/fd" | grep -qF .live && fail "a descriptor of the file stays open"
[ ! -e "$file.$server" ] || fail "the file that it was made as is still there"

# All words of a table are of one moment: each class's gets are the sum of who served them, and what the turns drained is
# the sum over the classes, as only the thread that writes turns.
"$python" - "$file" >read.log 2>&1 <<'END' || fail "$(tail -n 1 read.log)"
import sys
from tidepool_tools.stats.live_file import LiveFile

file = LiveFile(sys.argv[1])
moments = set()
last, table = 0, b""
while len(moments) < 200:
    # Copies without a pause meet most of the writing; what is new in them is looked at.
    copy = file.copy()
    if copy == table:
        continue
    table = copy
    sample = file.sample(table)
    for size, row in sample.classes.items():
        served = sum(row[name] for name in ("hits.local", "hits.overflow", "hits.stolen", "hits.victim", "from_slab", "unpooled"))
        assert row["gets"] == served, f"class {size}: {row['gets']} gets, {served} served"
    drained = sum(row["drained"] for row in sample.classes.values())
    assert drained == sample.process["drained_objects"], f"{drained} drained, {sample.process['drained_objects']} in all"
    assert sample.at_ns >= last, "a table is older than the one before"
    last = sample.at_ns
    moments.add(last)
assert sum(row["gets"] for row in sample.classes.values()) > 100000, "the program does nothing"
END

# ---- somebody cuts the file: the process goes on, the reader says so
"$python" - "$file" >cut.log 2>&1 <<'END' || fail "$(tail -n 1 cut.log)"
import os, sys
from tidepool_tools.stats.live_file import LiveFile, NotLive

file = LiveFile(sys.argv[1])
os.truncate(sys.argv[1], 0)
try:
    file.read()
    sys.exit("a file that was cut is read")
except NotLive as error:
    # The process removes the file at its next tick.
    assert "was cut" in str(error) or "No such file" in str(error), error
END
sleep 0.3 # thirty ticks
kill -TERM "$server" || fail "the process did not survive that its file was cut"
served
[ ! -e "$file" ] || fail "the file is still there after the end"

# ---- children: of their own where the name has a %p, none otherwise, and none touches its parent's
cat >forks.py <<'END'
# usage: forks.py own|none     Prints the live files, with the pids as words, that child and parent see.
import glob, json, os, sys, time

def allocate():
    json.loads(json.dumps([{"a": i} for i in range(2000)]))

def names():
    here = sorted(name.replace(str(child_pid), "CHILD").replace(str(parent_pid), "PARENT") for name in glob.glob("live-*"))
    return " ".join(here)

parent_pid = os.getpid()
child = os.fork()
child_pid = child or os.getpid()
if child == 0:
    begin = time.monotonic()
    # Until it has its file; or for 25 ticks, in which it would have made one.
    while time.monotonic() - begin < (20 if sys.argv[1] == "own" else 0.5) and "CHILD" not in names():
        allocate()
    print("child:", names(), flush=True)
    sys.exit(0)
os.waitpid(child, 0)
print("parent:", names())
END
export PYTHONMALLOC=malloc TIDEPOOL_TICK=20ms
seen=$(with_live live-%p "$python" forks.py own)
[ "$seen" = "child: live-CHILD live-PARENT
parent: live-PARENT" ] || fail "with %p: $seen"
seen=$(with_live live-x "$python" forks.py none)
[ "$seen" = "child: live-x
parent: live-x" ] || fail "without %p: $seen"
ls live-* >left.log 2>/dev/null && fail "left behind: $(cat left.log)"
unset PYTHONMALLOC TIDEPOOL_TICK

# ---- a name that is taken by something else, a link, a folder that is not there: one line, and the program runs
echo precious >precious
ln -s precious link
for name in "$dir/precious" "$dir/link" "$dir/missing/file" "$dir"; do
	[ "$(with_live "$name" /bin/echo well 2>refused.log)" = well ] || fail "with $name the program does not run"
	[ "$(wc -l <refused.log)" = 1 ] || fail "with $name: $(cat refused.log)"
	says refused.log "tidepool: TIDEPOOL_LIVE: cannot make $name: "
done
[ "$(cat precious)" = precious ] && [ -L link ] || fail "a file of somebody else's was changed"
long=$dir/$(printf '%01100d' 0)
[ "$(with_live "$long" /bin/echo well 2>refused.log)" = well ] || fail "with a long name the program does not run"
says refused.log "tidepool: TIDEPOOL_LIVE: the path is too long"
[ "$(TIDEPOOL_TICK=0 with_live "$dir/x" /bin/echo well 2>refused.log)" = well ] || fail "without ticks it does not run"
says refused.log "nothing to share"

# ---- what a killed process leaves is replaced by the next one of that name
with_live "$dir/stale" sh -c 'kill -KILL $$' || true
[ -e stale ] || fail "a killed process has removed its file"
with_live "$dir/stale" /bin/echo well >/dev/null 2>stale.log
[ ! -s stale.log ] && [ ! -e stale ] || fail "a stale file is in the way: $(cat stale.log)"
