#!/bin/sh
# xz -T2: what is packed and unpacked by several threads is the same, byte for byte.
. "$(dirname "$0")/../sandbox.sh"
needs xz

"$python" - >data <<'END'
import random, sys
dice = random.Random(3)
for i in range(12):
    sys.stdout.buffer.write(dice.randbytes(200000))
    sys.stdout.buffer.write(b"".join(b"line %d of %d\n" % (dice.randrange(10**6), i) for _ in range(60000)))
END
preloaded xz -T2 -2 --block-size=1MiB -k -c data >data.xz 2>pack.log || fail "packing ended with status $?"
xz -t data.xz || fail "the packed file is not sound when read without the library"
xz -dc data.xz | cmp - data || fail "the packed file holds something else"
xz -T2 -2 --block-size=1MiB -k -c data | cmp - data.xz || fail "the packed file differs from the one without the library"
preloaded xz -T2 -dc data.xz >unpacked 2>unpack.log || fail "unpacking ended with status $?"
cmp unpacked data || fail "the round trip changed the data"
stats_seen xz
