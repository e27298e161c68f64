/*
 * With TIDEPOOL_STRICT=1 a wrong value stops the program with status 2 before main.
 * @env TIDEPOOL_STRICT=1
 * @env TIDEPOOL_MODE=bar
 * @stderr tidepool: TIDEPOOL_MODE=bar: not one of pool, count, off
 * @stdout
 * @status 2
 */
#include <stdio.h>

int main(void)
{
	puts("main ran");
	return 0;
}
