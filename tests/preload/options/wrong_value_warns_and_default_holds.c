/*
 * An option's wrong value is one line of warning, and the default holds.
 * @env TIDEPOOL_MODE=bar
 * @stderr tidepool: TIDEPOOL_MODE=bar: not one of pool, count, off; using pool
 * @stdout main ran
 */
#include <stdio.h>

int main(void)
{
	puts("main ran");
	return 0;
}
