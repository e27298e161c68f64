/*
 * Memory from glibc's own malloc, got through a handle of libc, is freed, resized and measured by
 * the preloaded functions: they pass it on, and glibc gets it back.
 * @cc -ldl
 */
#include <dlfcn.h>
#include <errno.h>
#include <gnu/lib-names.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "expect.h"

typedef void *(*malloc_function)(size_t);
typedef void *(*align_function)(size_t, size_t);

int main(void)
{
	void *libc = dlopen(LIBC_SO, RTLD_NOW | RTLD_NOLOAD);
	EXPECT(libc, "no handle of libc");
	malloc_function own[] = { (malloc_function)dlsym(libc, "malloc"),
		(malloc_function)dlsym(libc, "__libc_malloc") };
	align_function align = (align_function)dlsym(libc, "__libc_memalign");
	EXPECT(own[0], "libc has no malloc");

	for (int which = 0; which < 2; which++) {
		if (!own[which])
			continue;
		for (size_t size = 24; size <= 1 << 20; size = size * 2 + 7) {
			/* 256 MiB of each size: a leak shows */
			for (size_t i = 0; i < ((size_t)1 << 28) / (size + 4096); i++) {
				char *object = own[which](size);
				EXPECT(malloc_usable_size(object) >= size, "%zu usable bytes of %zu",
				    malloc_usable_size(object), size);
				object[0] = object[size - 1] = 'f';
				if (i % 3 == 0) {
					object = realloc(object, size * 2);
					EXPECT(object && object[0] == 'f' && object[size - 1] == 'f',
					    "realloc lost a foreign object of %zu bytes", size);
					object = realloc(object, 16);
					EXPECT(object && object[0] == 'f', "realloc lost a foreign object");
				}
				errno = 4321;
				free(object);
				EXPECT(errno == 4321, "errno became %d", errno);
			}
		}
	}
	if (align)
		for (size_t alignment = 16; alignment <= 1 << 20; alignment *= 2)
			free(align(alignment, 1000));

	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	EXPECT(usage.ru_maxrss < 200 << 10, "the peak is %ld KiB: foreign memory leaks", usage.ru_maxrss);
	return 0;
}
