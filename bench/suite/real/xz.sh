#!/bin/sh
# xz -T2 on generated text of so many MiB, in blocks of 1 MiB; what it made is decompressed and compared.
. "$(dirname "$0")/prelude.sh"

text() {
	awk -v lines="$((amount * 16384))" 'BEGIN {
		x = 12345
		for (l = 0; l < lines; l++) {
			x = (x * 16807) % 2147483647
			printf "%10d GET /page/%05d/part-%04d status=%03d took=%08.3fms\n", l, x % 99991, x % 997, 200 + x % 4, x % 70000 / 7
		}
	}'
}
prepared "xz-$amount.txt" text
measured xz -T2 -3 --block-size=1MiB -c "$BENCH_WORK/xz-$amount.txt" >packed.xz 2>errors || fail "$(tail -n 1 errors)"
xz -dc packed.xz | cmp - "$BENCH_WORK/xz-$amount.txt" || fail "the text decompressed differs"
echo "operations=$amount sum=$(checksum_of packed.xz)"
