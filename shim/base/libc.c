/* What comes after us in link order. See next.h. */
#include "shim/base/libc.h"

#include <dlfcn.h>

struct tp_libc tp_libc;

void tp_libc_resolve(void)
{
	struct tp_libc next = {
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

	/* Before the allocator's: a lookup may call one that stands before us, and that one these. */
	tp_libc = next;
	next.malloc = dlsym(RTLD_NEXT, "malloc");
	next.free = dlsym(RTLD_NEXT, "free");
	next.calloc = dlsym(RTLD_NEXT, "calloc");
	next.realloc = dlsym(RTLD_NEXT, "realloc");
	next.memalign = dlsym(RTLD_NEXT, "memalign");
	next.usable = dlsym(RTLD_NEXT, "malloc_usable_size");
	tp_libc = next;
}
