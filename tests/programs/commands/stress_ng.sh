#!/bin/sh
# stress-ng --malloc finds the address it wrote into each object (--verify), with one thread and with several.
# It shows objects that overlap or are lost; one handed out twice under the same address it cannot see.
. "$(dirname "$0")/../sandbox.sh"
needs stress-ng

# usage: stress NAME BYTES OBJECTS OPTION...      two workers, each with OBJECTS objects of up to BYTES / 2
stress() {
	name=$1
	bytes=$2
	objects=$3
	shift 3
	preloaded stress-ng --malloc 2 --malloc-bytes "$bytes" --malloc-max "$objects" --malloc-ops 200000 --verify \
		--metrics-brief --timeout 3s --temp-path "$dir" "$@" >"$name.log" 2>&1 || fail "stress-ng ended with status $?"
	grep -q 'successful run completed' "$name.log" || fail "stress-ng reports no success"
	! grep -Eqi 'fail:|corrupt|SIGSEGV|SIGABRT|terminated on signal' "$name.log" || fail "stress-ng reports a failure"
	done=$(awk '$1 ~ /^stress-ng/ && $4 == "malloc" && $5 ~ /^[0-9]+$/ { print $5 }' "$name.log")
	[ "${done:-0}" -gt 0 ] || fail "stress-ng did no operation"
}
stress small 64k 4096
stress touched 64k 4096 --malloc-touch
stress large 16m 32 --malloc-touch
stress threads 64k 2048 --malloc-pthreads 2 --malloc-touch
# Each of the four runs is a main process and two workers.
stats_seen 'stress-ng*' 12
