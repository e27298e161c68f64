#!/bin/sh
# A program under user-mode emulation, which has no restartable sequences, starts at once and is right.
. "$(dirname "$0")/../sandbox.sh"
emulator=qemu-$(uname -m)
needs "$emulator"

seq 20000 -1 1 >numbers
seq 1 20000 >expected
set -- /usr/bin/sort -n numbers
if [ -n "$library" ]; then
	set -- -E "LD_PRELOAD=$library" -E TIDEPOOL_STATS=json -E "TIDEPOOL_STATS_FILE=$dir/stats/%p.json" "$@"
fi
timeout 30 "$emulator" "$@" >sorted || fail "sort did not end well under $emulator"
cmp -s sorted expected || fail "sort under $emulator gave other numbers"
stats_seen sort
