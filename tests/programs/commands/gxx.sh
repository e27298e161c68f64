#!/bin/sh
# g++ -O2 makes the same object file as without the library, and the program it makes runs right under it.
. "$(dirname "$0")/../sandbox.sh"
needs g++

source=$here/stl_sample.cpp
# Three compilers at once, so that each is interrupted often where there are fewer CPUs.
g++ -std=c++17 -O2 -c -o bare.o "$source" &
bare=$!
preloaded g++ -std=c++17 -O2 -c -o other.o "$source" 2>other.log &
other=$!
preloaded g++ -std=c++17 -O2 -c -o sample.o "$source" 2>g++.log || fail "g++ ended with status $?"
wait "$other" || fail "the second g++ ended with status $?"
wait "$bare" || fail "g++ without the library ended with status $?"
cmp bare.o sample.o || fail "g++ made another object file than without the library"
cmp bare.o other.o || fail "the second g++ made another object file than without the library"
preloaded g++ -pthread -o stl_sample sample.o 2>link.log || fail "linking ended with status $?"
stats_seen cc1plus 2
stats_seen 'ld*'

preloaded ./stl_sample >got 2>sample.log || fail "the program ended with status $?"
./stl_sample >expected
cmp expected got || fail "the program printed something else than without the library"
[ "$(tail -n 1 got)" = "all checks passed" ] || fail "the program did not come to its end"
stats_seen stl_sample
