/*
 * The host's own limits. A reservation of a terabyte would make every mmap of a
 * program fail that lowers its RLIMIT_AS while it runs, and its mlockall under a
 * RLIMIT_MEMLOCK; so the reservation gives way first. Nothing else is changed: the
 * call is the host's, and so is its result.
 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "shim/base/compiler.h"
#include "shim/base/libc.h"
#include "shim/heap/large.h"
#include "shim/heap/region.h"
#include "shim/host/vfork.h"
#include "shim/host/start.h"

/* Whether the kernel can read it: it does so before it refuses a resource that there is not. */
static bool is_readable(const struct rlimit *limit)
{
	int saved_errno = errno;
	bool readable = tp_libc.prlimit(0, RLIM_NLIMITS, limit, NULL) == 0 || errno != EFAULT;

	errno = saved_errno;
	return readable;
}

/* A vfork child's limits are its own, the reservation it sees is its parent's. */
static void make_room(__rlimit_resource_t resource, const struct rlimit *limit)
{
	bool is_of_memory = resource == RLIMIT_AS || resource == RLIMIT_DATA;

	if (!is_of_memory || !limit || !is_readable(limit) || limit->rlim_cur == RLIM_INFINITY ||
	    tp_vfork_shares_memory())
		return;
	tp_large_wake(); /* while it gets what it needs outside the region */
	if (resource == RLIMIT_AS)
		tp_region_shrink(limit->rlim_cur);
}

TP_EXPORT int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	tp_start();
	make_room(resource, limit);
	return tp_libc.setrlimit(resource, limit);
}

TP_EXPORT int prlimit(pid_t pid, __rlimit_resource_t resource, const struct rlimit *limit, struct rlimit *old)
{
	tp_start();
	if (pid == 0 || pid == getpid())
		make_room(resource, limit);
	return tp_libc.prlimit(pid, resource, limit, old);
}

/*
 * The kernel counts the reservation among what is to be locked, but only for those
 * who may not pass the limit: they try again with less, the others keep their pools.
 * A refused call has changed nothing. Source: mlockall(2), ENOMEM.
 */
TP_EXPORT int mlockall(int flags)
{
	int saved_errno = errno;
	struct rlimit limit;

	tp_start();
	int result = tp_libc.mlockall(flags);
	if (result == 0 || errno != ENOMEM || !(flags & MCL_CURRENT) || tp_vfork_shares_memory())
		return result;
	if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return result;
	tp_region_shrink(limit.rlim_cur);
	errno = saved_errno;
	return tp_libc.mlockall(flags);
}

/* On 64-bit machines the 64-bit forms are the same functions. */
static_assert(sizeof(struct rlimit) == sizeof(struct rlimit64), "the 64-bit forms may share the code");
__asm__(".globl setrlimit64\n\t.set setrlimit64, setrlimit");
__asm__(".globl prlimit64\n\t.set prlimit64, prlimit");
