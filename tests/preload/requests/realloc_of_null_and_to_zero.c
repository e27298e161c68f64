/* realloc(NULL, n) allocates; realloc(p, 0) frees as glibc's does, leaking nothing. */
#include <malloc.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "expect.h"

static long peak_kilobytes(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

int main(void)
{
	char *object = realloc(NULL, 100);
	EXPECT(object, "realloc(NULL, 100) gave NULL");
	memset(object, 1, 100);
	free(object);

	object = realloc(NULL, 0);
	EXPECT(object, "realloc(NULL, 0) gave NULL");
	free(object);

	/* 2 GiB in all: a leak shows */
	for (int i = 0; i < 200000; i++) {
		object = malloc(10000);
		EXPECT(object, "no memory after %d times realloc(p, 0)", i);
		memset(object, 1, 10000);
		volatile size_t nothing = 0;
		object = realloc(object, nothing);
		EXPECT(!object, "realloc(p, 0) gave %p, where glibc gives NULL", (void *)object);
	}
	EXPECT(peak_kilobytes() < 200 << 10, "realloc(p, 0) leaks: the peak is %ld KiB", peak_kilobytes());
	return 0;
}
