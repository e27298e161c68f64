#!/bin/sh
# sort --parallel=2 with packed temporary files (a fork from a program with threads) sorts as it does without the library.
. "$(dirname "$0")/../sandbox.sh"
needs sort gzip

export LC_ALL=C
"$python" - >lines <<'END'
import random
dice = random.Random(4)
for i in range(600000):
    print(dice.randrange(10**9), "x" * dice.randrange(40), i)
END
sort lines >expected
preloaded sort --parallel=2 lines >got 2>memory.log || fail "sort ended with status $?"
cmp got expected || fail "sort in memory gave another order"
preloaded sort --parallel=2 -S 4M -T "$dir" --compress-program=gzip lines >got 2>files.log || fail "sort ended with status $?"
cmp got expected || fail "sort with temporary files gave another order"
sort -n -k 1,1 -s lines >expected
preloaded sort --parallel=2 -n -k 1,1 -s lines >got 2>numbers.log || fail "sort ended with status $?"
cmp got expected || fail "the stable sort by numbers gave another order"
stats_seen sort
