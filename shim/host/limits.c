/*
 * The program's own limits: setrlimit, prlimit and mlockall, in libc's place. Any thread may call.
 *
 * The reservation of the region counts against a limit. With a reservation of a terabyte, a program that lowers its
 * RLIMIT_AS could map no memory any more, and mlockall would fail under a RLIMIT_MEMLOCK. So the reservation shrinks
 * first. The call and its result stay the program's. Owns no data.
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
#include "shim/host/start.h"
#include "shim/host/vfork.h"

/* Whether the kernel can read @limit. Asked with a resource that does not exist: the kernel reads the limit first. */
static bool is_readable(const struct rlimit *limit)
{
	int saved_errno = errno;
	bool readable = tp_libc.prlimit(0, RLIM_NLIMITS, limit, NULL) == 0 || errno != EFAULT;

	errno = saved_errno;
	return readable;
}

/*
 * Shrink the reservation below a new limit of memory. Not in a vfork child: its limits are its own, but the reservation
 * is its parent's.
 */
static void make_room(__rlimit_resource_t resource, const struct rlimit *limit)
{
	bool is_of_memory = resource == RLIMIT_AS || resource == RLIMIT_DATA;

	if (!is_of_memory || !limit || !is_readable(limit) || limit->rlim_cur == RLIM_INFINITY ||
	    tp_vfork_shares_memory())
		return;
	tp_large_wake(); /* now, as jemalloc may not get the memory outside the region that it needs to start later */
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
 * The kernel counts the reservation among the memory to lock, unless the process may exceed the limit (CAP_IPC_LOCK).
 * So the reservation shrinks only after the kernel has refused, and then the call is repeated. A refused call has
 * changed nothing. Source: mlockall(2), ENOMEM.
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

/* The names of the 64-bit forms. On 64-bit machines the functions are the same. */
static_assert(sizeof(struct rlimit) == sizeof(struct rlimit64), "the 64-bit forms may share the code");
__asm__(".globl setrlimit64\n\t.set setrlimit64, setrlimit");
__asm__(".globl prlimit64\n\t.set prlimit64, prlimit");
