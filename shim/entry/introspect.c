/*
 * The entry points that tell about the heap or steer it: malloc_trim, mallopt, mallinfo, malloc_info, malloc_stats.
 *
 * In the modes count and off the next allocator is asked. Threads: any. Owns no data.
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>

#include "shim/base/compiler.h"
#include "shim/base/process.h"
#include "shim/base/version.h"
#include "shim/heap/region.h"
#include "shim/heap/size_classes.h"
#include "shim/host/start.h"
#include "shim/pool/counters.h"
#include "shim/tick/timer.h"
#include "shim/tick/turn.h"

/*
 * Return the next allocator's function of that name, if that allocator serves the requests. NULL: the pools serve
 * them, or the next allocator has no such function.
 */
static void *find_next(const char *name)
{
	tp_start();
	return tp_process.mode == TP_MODE_POOL ? NULL : dlsym(RTLD_NEXT, name);
}

TP_EXPORT int malloc_trim(size_t pad)
{
	int (*next)(size_t) = find_next("malloc_trim");
	int saved_errno = errno;

	if (next)
		return next(pad);
	struct tp_turn_counts before, after;

	tp_turn_read_counts(&before);
	tp_timer_release_all();
	tp_turn_read_counts(&after);
	errno = saved_errno;
	return after.returned_bytes != before.returned_bytes;
}

/* The parameters are for glibc's algorithm. Each is accepted and has no effect. */
TP_EXPORT int mallopt(int parameter, int value)
{
	int (*next)(int, int) = find_next("mallopt");

	return next ? next(parameter, value) : 1;
}

static size_t difference(size_t more, size_t less)
{
	return more > less ? more - less : 0; /* other threads go on counting while this one reads */
}

/* The pools' own figures. What lies in slabs counts as in use, but for the objects that the pools hold. */
static struct mallinfo2 own_info(void)
{
	size_t slab_bytes = 0, held_objects = 0, held_bytes = 0;
	struct tp_counters_large large;

	for (unsigned i = 1; i < tp_classes.count; i++) {
		struct tp_counters_row row;

		tp_counters_read_whole(i, &row);
		slab_bytes += row.slab_bytes;
		held_objects += row.held_objects;
		held_bytes += row.held_bytes;
	}
	tp_counters_read_large_whole(&large);
	return (struct mallinfo2){
		.arena = tp_region_committed_bytes(),
		.ordblks = held_objects,
		.uordblks = difference(slab_bytes, held_bytes) + large.live_bytes,
		.fordblks = held_bytes,
		.hblks = difference(large.gets, large.puts),
		.hblkhd = large.live_bytes,
	};
}

TP_EXPORT struct mallinfo2 mallinfo2(void)
{
	struct mallinfo2 (*next)(void) = find_next("mallinfo2");

	return next ? next() : own_info();
}

TP_EXPORT struct mallinfo mallinfo(void)
{
	struct mallinfo (*next)(void) = find_next("mallinfo");

	if (next)
		return next();
	struct mallinfo2 wide = own_info();
	return (struct mallinfo){
		.arena = (int)wide.arena,
		.ordblks = (int)wide.ordblks,
		.uordblks = (int)wide.uordblks,
		.fordblks = (int)wide.fordblks,
		.hblks = (int)wide.hblks,
		.hblkhd = (int)wide.hblkhd,
	};
}

TP_EXPORT int malloc_info(int options, FILE *stream)
{
	int (*next)(int, FILE *) = find_next("malloc_info");

	if (next)
		return next(options, stream);
	if (options != 0)
		return EINVAL;
	struct mallinfo2 info = own_info();
	int written = fprintf(stream,
	    "<malloc version=\"tidepool-" TP_VERSION "\">\n"
	    "<system type=\"current\" size=\"%zu\"/>\n"
	    "<total type=\"inuse\" size=\"%zu\"/>\n"
	    "<total type=\"pooled\" count=\"%zu\" size=\"%zu\"/>\n"
	    "<total type=\"large\" count=\"%zu\" size=\"%zu\"/>\n"
	    "</malloc>\n",
	    info.arena, info.uordblks, info.ordblks, info.fordblks, info.hblks, info.hblkhd);
	return written < 0 ? errno : 0;
}

TP_EXPORT void malloc_stats(void)
{
	void (*next)(void) = find_next("malloc_stats");

	if (next) {
		next();
		return;
	}
	struct mallinfo2 info = own_info();
	fprintf(stderr,
	    "system bytes     = %10zu\nin use bytes     = %10zu\npooled bytes     = %10zu\n"
	    "large bytes      = %10zu\n",
	    info.arena, info.uordblks, info.fordblks, info.hblkhd);
}
