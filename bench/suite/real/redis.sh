#!/bin/sh
# redis-server under redis-benchmark: lists pushed and read in pieces of 100, then a mixed load. The time is that of
# the load, CPU time and memory are the server's.
. "$(dirname "$0")/prelude.sh"

# Debian's server is linked to jemalloc; a preload of libc puts glibc's malloc before it.
export BENCH_PRELOAD="${BENCH_PRELOAD:-libc.so.6}"
measured redis-server --port 0 --unixsocket "$BENCH_FOLDER/socket" --dir "$BENCH_FOLDER" --save '' --appendonly no \
	>server.log 2>&1 &
server=$!
trap 'redis-cli -s socket shutdown nosave >/dev/null 2>&1 || true' EXIT
tries=0
until [ "$(redis-cli -s socket ping 2>/dev/null)" = PONG ]; do
	tries=$((tries + 1))
	[ "$tries" -le 200 ] || fail "the server does not start: $(tail -n 1 server.log)"
	sleep 0.05
done

load() {
	redis-benchmark -s socket -q -n "$amount" -c 20 -P 16 -d 200 "$@" >>load.log 2>&1 || fail "the load failed"
}
from=$(date +%s%N)
load -t lpush,lrange_100
load -r 20000 -t set,get,lpush,lpop,sadd,hset,zadd,mset
load -t incr
to=$(date +%s%N)

# Pushed by the first load, twice, and by the second, which takes as many off.
[ "$(redis-cli -s socket llen mylist)" = $((2 * amount)) ] || fail "the list has another length"
[ "$(redis-cli -s socket get counter:__rand_int__)" = "$amount" ] || fail "the counter has another value"
key=$(redis-cli -s socket --scan --pattern 'key:*' | head -n 1) # which of them there are is chance
[ "$(redis-cli -s socket strlen "$key")" -eq 200 ] || fail "a value has another length"
trap - EXIT
redis-cli -s socket shutdown nosave >/dev/null 2>&1 || true
wait "$server" || fail "the server ended with status $?"
echo "seconds=$(((to - from) / 1000000))e-3 operations=$((amount * 11)) sum=$((2 * amount))"
