#!/bin/sh
# postgres: after initdb and pgbench with four clients, the four sums of the bank agree, and a dump restores the same.
. "$(dirname "$0")/../sandbox.sh"

for bin in /usr/lib/postgresql/*/bin; do
	PATH=$bin:$PATH
done
needs postgres initdb pgbench psql pg_dump

# The server refuses to run as root. "$@" goes before its programs: setpriv changes the user and then becomes the program.
set --
if [ "$(id -u)" = 0 ]; then
	id postgres >/dev/null 2>&1 || skip "root cannot run postgres, and there is no user postgres"
	needs setpriv
	set -- setpriv --reuid=postgres --regid=postgres --init-groups --
	# The library may lie where that user cannot read.
	if [ -n "$library" ]; then
		cp "$library" "$dir/${library##*/}"
		library=$dir/${library##*/}
		chmod 755 "$library"
	fi
	chown postgres "$dir"
	"$@" test -r "$dir/stats" || skip "the user postgres cannot reach the temporary folder $dir"
fi
export PGHOST="$dir" PGDATABASE=postgres PGUSER=tester PGOPTIONS='' PGCONNECT_TIMEOUT=10
unset PGPORT PGDATA PGPASSWORD PGSERVICE

preloaded "$@" initdb -D "$dir/data" -U tester -A trust -E UTF8 --no-locale -N >initdb.log 2>&1 ||
	fail "initdb ended with status $?"
stop_signal=INT
serve "$@" postgres -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c shared_buffers=16MB \
	-c max_connections=20 -c autovacuum_naptime=1s -c max_parallel_workers_per_gather=2
await psql -c 'SELECT 1'

preloaded "$@" pgbench -i -q -s 1 >init.log 2>&1 || fail "pgbench -i ended with status $?"
preloaded "$@" pgbench -c 4 -j 2 -t 400 >bench.log 2>&1 || fail "pgbench ended with status $?"
grep -q 'actually processed: 1600/1600' bench.log || fail "pgbench did not do all its transactions"

ask() { psql -X -A -t -v ON_ERROR_STOP=1 -c "$1" "${2:-postgres}"; }
bank='SELECT (SELECT sum(abalance) FROM pgbench_accounts), (SELECT sum(tbalance) FROM pgbench_tellers),
	(SELECT sum(bbalance) FROM pgbench_branches), (SELECT sum(delta) FROM pgbench_history),
	(SELECT count(*) FROM pgbench_history)'
sums=$(ask "$bank")
one=${sums%%|*}
[ "$sums" = "$one|$one|$one|$one|1600" ] || fail "the sums of the bank do not agree: $sums"

# Sorting, hashing, parallel workers, text and JSON, with results known without a server.
got=$(ask "SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0; SET work_mem = '256kB';
	SELECT count(*), sum(aid), count(DISTINCT aid % 1000), max(octet_length(filler)) FROM pgbench_accounts" | tail -n 1)
[ "$got" = '100000|5000050000|1000|84' ] || fail "a query over the accounts gave $got"
got=$(ask "SELECT md5(string_agg(i::text, ',' ORDER BY i DESC)) FROM generate_series(1, 50000) i")
expected=$("$python" -c 'import hashlib; print(hashlib.md5(",".join(map(str, range(50000, 0, -1))).encode()).hexdigest())')
[ "$got" = "$expected" ] || fail "string_agg gave $got"
got=$(ask "SELECT count(*), sum((j->>'n')::int) FROM
	(SELECT jsonb_build_object('n', i, 'text', repeat('x', i % 500)) j FROM generate_series(1, 20000) i) t")
[ "$got" = '20000|200010000' ] || fail "jsonb gave $got"

ask 'CREATE DATABASE copy' >/dev/null
preloaded "$@" pg_dump postgres >dump.sql 2>dump.log || fail "pg_dump ended with status $?"
psql -X -q -v ON_ERROR_STOP=1 copy <dump.sql >restore.log 2>&1 || fail "the dump does not restore"
[ "$(ask "$bank" copy)" = "$sums" ] || fail "the restored bank has other sums"

kill -INT "$server"
served
! grep -Eq 'PANIC|was terminated by signal' server.log || fail "a process of postgres died"
# The main process, its helpers and a backend for each client.
stats_seen postgres 9
stats_seen initdb
stats_seen pgbench
