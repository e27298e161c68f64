#!/bin/sh
# What `tidepool report` makes of a redis under load, as the picture bench/results/report-redis.png. usage: bench/page.sh
set -eu
[ $# = 0 ] || { echo "usage: bench/page.sh" >&2; exit 2; }
results=$(cd "$(dirname "$0")/results" && pwd)
tidepool=$results/../../scripts/tidepool
library=$results/../../${BUILD:-build}/libtidepool.so
case ${BUILD:-} in /*) library=$BUILD/libtidepool.so ;; esac
port=7793
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"

answers() {
	[ "$(redis-cli -p "$port" ping 2>/dev/null)" = PONG ]
}
! answers || { echo "bench/page.sh: somebody's redis-server has port $port" >&2; exit 1; }
"$tidepool" run --stats json --stats-file redis.json --stats-interval 500ms --library "$library" -- \
	redis-server --port "$port" --save '' >server.log &
server=$!
tries=0
until answers; do
	tries=$((tries + 1))
	[ "$tries" -le 100 ] || { echo "bench/page.sh: redis-server does not start: $(tail -n 1 server.log)" >&2; exit 1; }
	sleep 0.1
done
redis-benchmark -p "$port" -q -n 300000 -c 20 -P 16 -d 200 -r 20000 -t set,lpush,lpop,sadd,hset,lrange_100 >load.log
sleep 2
redis-cli -p "$port" shutdown nosave >/dev/null 2>&1 || true
wait "$server"
server=
"$tidepool" report redis.json -o page.html
chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --window-size=1000,1500 \
	--screenshot="$folder/page.png" "file://$folder/page.html" 2>page.log || { cat page.log >&2; exit 1; }
mv page.png "$results/report-redis.png"
