/*
 * The host's own limits. A reservation of a terabyte would make every mmap of a
 * program fail that lowers its RLIMIT_AS while it runs; so the reservation gives
 * way first. Nothing else is changed: the call is the host's, and so is its result.
 */
#include <dlfcn.h>
#include <sys/resource.h>
#include <unistd.h>

#include "shim/hot.h"
#include "shim/region.h"
#include "shim/start.h"

typedef int setrlimit_function(__rlimit_resource_t, const struct rlimit *);
typedef int prlimit_function(pid_t, __rlimit_resource_t, const struct rlimit *, struct rlimit *);

static void make_room(__rlimit_resource_t resource, const struct rlimit *limit)
{
	if (resource == RLIMIT_AS && limit && limit->rlim_cur != RLIM_INFINITY) {
		tp_start();
		tp_region_shrink(limit->rlim_cur);
	}
}

TP_EXPORT int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	static setrlimit_function *next;

	if (!next)
		next = (setrlimit_function *)dlsym(RTLD_NEXT, "setrlimit");
	make_room(resource, limit);
	return next(resource, limit);
}

TP_EXPORT int prlimit(pid_t pid, __rlimit_resource_t resource, const struct rlimit *limit, struct rlimit *old)
{
	static prlimit_function *next;

	if (!next)
		next = (prlimit_function *)dlsym(RTLD_NEXT, "prlimit");
	if (pid == 0 || pid == getpid())
		make_room(resource, limit);
	return next(pid, resource, limit, old);
}

/* On 64-bit machines the 64-bit forms are the same functions. */
_Static_assert(sizeof(struct rlimit) == sizeof(struct rlimit64), "the 64-bit forms may share the code");
__asm__(".globl setrlimit64\n\t.set setrlimit64, setrlimit");
__asm__(".globl prlimit64\n\t.set prlimit64, prlimit");
