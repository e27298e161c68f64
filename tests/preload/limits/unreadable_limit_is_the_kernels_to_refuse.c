/* A limit at an address that cannot be read is EFAULT, as without us, and changes nothing. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "expect.h"

int main(void)
{
	static const __rlimit_resource_t resources[] = { RLIMIT_AS, RLIMIT_DATA, RLIMIT_NOFILE };
	struct rlimit *unreadable = mmap(NULL, (size_t)getpagesize(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rlimit before, after;

	EXPECT(unreadable != MAP_FAILED, "cannot map a page");
	for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
		EXPECT(getrlimit(resources[i], &before) == 0, "cannot read limit %zu", i);
		errno = 0;
		EXPECT(setrlimit(resources[i], unreadable) == -1 && errno == EFAULT, "%zu: errno is %d", i, errno);
		errno = 0;
		EXPECT(
		    prlimit(0, resources[i], unreadable, NULL) == -1 && errno == EFAULT, "%zu: errno is %d", i, errno);
		errno = 7;
		EXPECT(setrlimit(resources[i], &before) == 0 && errno == 7, "%zu: errno is %d", i, errno);
		EXPECT(getrlimit(resources[i], &after) == 0 && memcmp(&before, &after, sizeof before) == 0,
		    "limit %zu has changed", i);
	}
	return 0;
}
