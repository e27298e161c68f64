/* The next allocator in link order. See next.h. */
#include "shim/next.h"

#include <dlfcn.h>

struct tp_next tp_next;

void tp_next_resolve(void)
{
	struct tp_next next = {
		.malloc = dlsym(RTLD_NEXT, "malloc"),
		.free = dlsym(RTLD_NEXT, "free"),
		.calloc = dlsym(RTLD_NEXT, "calloc"),
		.realloc = dlsym(RTLD_NEXT, "realloc"),
		.memalign = dlsym(RTLD_NEXT, "memalign"),
		.usable = dlsym(RTLD_NEXT, "malloc_usable_size"),
	};

	tp_next = next;
}
