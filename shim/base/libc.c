/* The functions that stand after us in link order. See libc.h. */
#include "shim/base/libc.h"

#include <dlfcn.h>

struct tp_libc tp_libc;

void tp_libc_resolve(void)
{
	struct tp_libc found = {
		.sigaction = dlsym(RTLD_NEXT, "sigaction"),
		.signal = dlsym(RTLD_NEXT, "signal"),
		.sysv_signal = dlsym(RTLD_NEXT, "__sysv_signal"),
		.clone = dlsym(RTLD_NEXT, "clone"),
		.register_atfork = dlsym(RTLD_NEXT, "__register_atfork"),
		.setrlimit = dlsym(RTLD_NEXT, "setrlimit"),
		.prlimit = dlsym(RTLD_NEXT, "prlimit"),
		.mlockall = dlsym(RTLD_NEXT, "mlockall"),
		.unshare = dlsym(RTLD_NEXT, "unshare"),
		.setns = dlsym(RTLD_NEXT, "setns"),
		.pthread_create = dlsym(RTLD_NEXT, "pthread_create"),
		.thrd_create = dlsym(RTLD_NEXT, "thrd_create"),
	};

	/*
	 * The functions above come into force before those of the allocator are looked up: a lookup may call an
	 * allocator that stands before us, and that allocator may call them.
	 */
	tp_libc = found;
	found.malloc = dlsym(RTLD_NEXT, "malloc");
	found.free = dlsym(RTLD_NEXT, "free");
	found.calloc = dlsym(RTLD_NEXT, "calloc");
	found.realloc = dlsym(RTLD_NEXT, "realloc");
	found.memalign = dlsym(RTLD_NEXT, "memalign");
	found.usable = dlsym(RTLD_NEXT, "malloc_usable_size");
	tp_libc = found;
}
