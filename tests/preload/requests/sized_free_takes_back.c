/*
 * C23's free_sized and free_aligned_sized free: their memory comes back, and errno stays.
 * @cc -ldl
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "expect.h"

int main(void)
{
	void (*free_sized)(void *, size_t) = (void (*)(void *, size_t))dlsym(RTLD_DEFAULT, "free_sized");
	void (*free_aligned_sized)(void *, size_t, size_t) =
	    (void (*)(void *, size_t, size_t))dlsym(RTLD_DEFAULT, "free_aligned_sized");
	EXPECT(free_sized, "there is no free_sized");
	EXPECT(free_aligned_sized, "there is no free_aligned_sized");

	free_sized(NULL, 0);
	free_aligned_sized(NULL, 64, 128);
	/* 2 GiB in all: a leak shows */
	for (size_t i = 0; i < 200000; i++) {
		size_t size = 1 + i % 10000, alignment = (size_t)16 << i % 9;
		void *object = malloc(size), *aligned = aligned_alloc(alignment, size);
		EXPECT(object && aligned, "no memory for %zu bytes", size);
		memset(object, 1, size);
		memset(aligned, 1, size);
		errno = 4321;
		free_sized(object, size);
		free_aligned_sized(aligned, alignment, size);
		EXPECT(errno == 4321, "errno became %d", errno);
	}
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	EXPECT(usage.ru_maxrss < 200 << 10, "the peak is %ld KiB: the sized frees leak", usage.ru_maxrss);
	return 0;
}
