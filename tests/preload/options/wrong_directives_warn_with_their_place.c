/*
 * Wrong directives are one line of warning each, with their place and the reason; the others count.
 * @env TIDEPOOL_POLICY=tests/preload/options/policies/wrong.policy
 * @env TIDEPOOL_CLASSES=4k:foo,bar, 4160 12k:batch=0;64k:warm=9,cap=8
 * @stderr tidepool: TIDEPOOL_POLICY: tests/preload/options/policies/wrong.policy:3:6: unknown setting 'foo'
 * @stderr tidepool: TIDEPOOL_POLICY: tests/preload/options/policies/wrong.policy:3:20: cap is from 1 to 511
 * @stderr tidepool: TIDEPOOL_POLICY: tests/preload/options/policies/wrong.policy:5:1: the range is reversed
 * @stderr tidepool: TIDEPOOL_POLICY: tests/preload/options/policies/wrong.policy:6:10: zero is off, put or get
 * @stderr tidepool: TIDEPOOL_POLICY: tests/preload/options/policies/wrong.policy:7:1: over the largest size that is pooled, 65536 (TIDEPOOL_MAX_SIZE)
 * @stderr tidepool: TIDEPOOL_POLICY: tests/preload/options/policies/wrong.policy:8:7: warm needs a number from 0 to 511
 * @stderr tidepool: TIDEPOOL_POLICY: tests/preload/options/policies/wrong.policy:9:9: unexpected '%'
 * @stderr tidepool: TIDEPOOL_CLASSES: column 4: unknown setting 'foo'
 * @stderr tidepool: TIDEPOOL_CLASSES: column 28: batch is from 1 to 256
 * @stderr tidepool: TIDEPOOL_CLASSES: column 39: warm is from 0 to 8
 * @stdout main ran
 */
#include <malloc.h>
#include <stdlib.h>

#include "expect.h"

static void expect_usable(size_t bytes, size_t usable)
{
	void *volatile block = malloc(bytes);

	EXPECT(malloc_usable_size(block) == usable, "%zu bytes get %zu", bytes, malloc_usable_size(block));
	free(block);
}

int main(void)
{
	expect_usable(4150, 4160);
	expect_usable(5100, 5120);
	puts("main ran");
	return 0;
}
