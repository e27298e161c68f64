/* Sizes over what addresses there are, over PTRDIFF_MAX and near SIZE_MAX give NULL and ENOMEM from every entry point. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

#include "expect.h"

static const size_t sizes[] = {
	(size_t)7 << 50,
	(size_t)1 << 53,
	(size_t)7 << 51,
	((size_t)1 << 60) - 1,
	(size_t)1 << 60,
	SIZE_MAX / 4,
	PTRDIFF_MAX,
	(size_t)PTRDIFF_MAX + 1,
	(size_t)PTRDIFF_MAX + 2,
	SIZE_MAX / 2 + 4096,
	SIZE_MAX - 8192,
	SIZE_MAX - 4096,
	SIZE_MAX - 4095,
	SIZE_MAX - 16,
	SIZE_MAX - 1,
	SIZE_MAX,
};

static void expect_refused(const void *object, const char *how, size_t size)
{
	EXPECT(!object, "%s(%#zx) gave %p", how, size, object);
	EXPECT(errno == ENOMEM, "%s(%#zx) set errno to %d", how, size, errno);
	errno = 0;
}

int main(void)
{
	errno = 0;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		volatile size_t size = sizes[i];
		char *kept = malloc(40);
		strcpy(kept, "kept");

		expect_refused(malloc(size), "malloc", size);
		expect_refused(calloc(1, size), "calloc", size);
		expect_refused(calloc(size, 1), "calloc", size);
		expect_refused(realloc(NULL, size), "realloc", size);
		expect_refused(realloc(kept, size), "realloc", size);
		expect_refused(reallocarray(kept, size, 1), "reallocarray", size);
		expect_refused(memalign(64, size), "memalign", size);
		expect_refused(aligned_alloc(4096, size), "aligned_alloc", size);
		expect_refused(valloc(size), "valloc", size);
		expect_refused(pvalloc(size), "pvalloc", size);
		EXPECT(strcmp(kept, "kept") == 0, "a refused realloc changed the object");
		free(kept);

		void *untouched = &kept;
		int error = posix_memalign(&untouched, 64, size);
		EXPECT(error == ENOMEM, "posix_memalign(%#zx) returned %d", size, error);
		EXPECT(untouched == &kept, "a refused posix_memalign stored a pointer");
		EXPECT(errno == 0, "posix_memalign set errno to %d", errno);
	}
	return 0;
}
