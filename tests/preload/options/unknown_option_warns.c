/*
 * A TIDEPOOL_ name that is no option is one line of warning, and the program runs.
 * @env TIDEPOOL_FOO=1
 * @stderr tidepool: TIDEPOOL_FOO: unknown option
 * @stdout main ran
 */
#include <stdio.h>

int main(void)
{
	puts("main ran");
	return 0;
}
