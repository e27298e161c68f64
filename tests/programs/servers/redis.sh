#!/bin/sh
# redis-server returns every value it was given, under load, after a background save (fork) and after a restart.
. "$(dirname "$0")/../sandbox.sh"
needs redis-server redis-cli redis-benchmark

cat >values.py <<'END'
# usage: values.py write >PROTOCOL  |  values.py check SOCKET
import socket, sys

COUNT = 10000

def value(i):
    return (b"%d:" % i) * (1 + i * 7919 % 500)

def request(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)

def write():
    for i in range(COUNT):
        sys.stdout.buffer.write(request(b"SET", b"key:%d" % i, value(i)))
        sys.stdout.buffer.write(request(b"HSET", b"hash:%d" % (i % 100), b"field:%d" % i, b"%d" % (i * i)))

def check(path):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        replies = connection.makefile("rb")

        def bulk():
            head = replies.readline()
            assert head[:1] == b"$" and head != b"$-1\r\n", head
            return replies.read(int(head[1:]) + 2)[:-2]

        for first in range(0, COUNT, 100):
            batch = range(first, first + 100)
            connection.sendall(b"".join(request(b"GET", b"key:%d" % i) + request(b"HGET", b"hash:%d" % (i % 100), b"field:%d" % i)
                                        for i in batch))
            for i in batch:
                assert bulk() == value(i), f"key:{i} changed"
                assert bulk() == b"%d" % (i * i), f"field:{i} changed"
        print("checked", COUNT)

write() if sys.argv[1] == "write" else check(sys.argv[2])
END

# While it loads its dataset it answers, but not so.
ready() { [ "$(redis-cli -s socket ping)" = PONG ]; }

start() {
	serve redis-server --port 0 --unixsocket "$dir/socket" --dir "$dir" --save '' --appendonly no \
		--io-threads 2 --lazyfree-lazy-user-del yes --daemonize no
	await ready
}

check_values() {
	[ "$("$python" values.py check socket)" = "checked 10000" ] || fail "the values read back differ ($1)"
}

start
"$python" values.py write | redis-cli -s socket --pipe >pipe.log || fail "redis-cli --pipe did not write the values"
grep -q 'errors: 0, replies: 20000' pipe.log || fail "redis-cli --pipe did not write the values"
check_values "after writing"

redis-cli -s socket bgsave >/dev/null
preloaded redis-benchmark -s socket -q -n 40000 -c 50 -P 16 -d 700 -r 5000 --threads 2 \
	-t set,get,incr,lpush,lpop,sadd,hset,zadd,mset >benchmark.log 2>&1 || fail "redis-benchmark ended with status $?"
lines=$(tr '\r' '\n' <benchmark.log | grep -c '[0-9] requests per second')
[ "$lines" -ge 9 ] || fail "redis-benchmark reports $lines of 9 tests"
check_values "after the benchmark"

saved() { redis-cli -s socket info persistence | tr -d '\r' | grep -qx 'rdb_bgsave_in_progress:0'; }
await saved
redis-cli -s socket info persistence | tr -d '\r' | grep -qx 'rdb_last_bgsave_status:ok' || fail "the background save failed"
redis-cli -s socket save >/dev/null
redis-cli -s socket shutdown nosave || true
served
stats_seen redis-server
stats_seen redis-benchmark

start
check_values "after the restart"
redis-cli -s socket flushall async >/dev/null
[ "$(redis-cli -s socket dbsize)" = 0 ] || fail "flushall left keys"
redis-cli -s socket shutdown nosave || true
served
