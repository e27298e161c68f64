#!/bin/sh
# 60,000 values of 4,100 bytes in redis, read and written. usage: values.sh PORT
set -eu
redis-cli -p "$1" debug populate 60000 key 4100 >/dev/null
redis-benchmark -p "$1" -q -n 200000 -P 8 -d 4100 -r 60000 -t get >/dev/null
redis-benchmark -p "$1" -q -n 300000 -P 8 -d 4100 -r 100 -t set >/dev/null
