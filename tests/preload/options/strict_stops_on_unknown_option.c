/*
 * With TIDEPOOL_STRICT=1 an unknown option stops the program with status 2 before main.
 * @env TIDEPOOL_STRICT=1
 * @env TIDEPOOL_FOO=1
 * @stderr tidepool: TIDEPOOL_FOO: unknown option
 * @stdout
 * @status 2
 */
#include <stdio.h>

int main(void)
{
	puts("main ran");
	return 0;
}
