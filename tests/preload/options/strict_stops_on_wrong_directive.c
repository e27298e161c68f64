/*
 * With TIDEPOOL_STRICT=1 a wrong directive stops the program with status 2 before main, after all the
 * warnings.
 * @env TIDEPOOL_STRICT=1
 * @env TIDEPOOL_POLICY=tests/preload/options/policies/missing.policy
 * @env TIDEPOOL_CLASSES=4k:foo 8k:bar
 * @stderr tidepool: TIDEPOOL_POLICY: tests/preload/options/policies/missing.policy: cannot be read: No such file or directory
 * @stderr tidepool: TIDEPOOL_CLASSES: column 4: unknown setting 'foo'
 * @stderr tidepool: TIDEPOOL_CLASSES: column 11: unknown setting 'bar'
 * @stdout
 * @status 2
 */
#include <stdio.h>

int main(void)
{
	puts("main ran");
	return 0;
}
