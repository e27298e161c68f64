/*
 * The C entry points: malloc and its family, as C17/C23, POSIX and glibc's
 * "Replacing malloc" want them. malloc and free are the hot path: read them with
 * hot.h and arch/x86_64/section_fast.h; all else is in allocate.c.
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/single_threaded.h>
#include <unistd.h>

#include "policy/class.h"
#include "shim/arch/entry.h"
#include "shim/arch/rseq.h"
#include "shim/base/compiler.h"
#include "shim/base/process.h"
#include "shim/base/version.h"
#include "shim/entry/allocate.h"
#include "shim/entry/malloc_fast.h"
#include "shim/entry/resize.h"
#include "shim/heap/region.h"
#include "shim/host/start.h"
#include "shim/pool/counters.h"
#include "shim/pool/cpus.h"
#include "shim/profile/histogram.h"
#include "shim/tick/timer.h"
#include "shim/tick/turn.h"

TP_EXPORT TP_HOT_CODE void *malloc(size_t bytes)
{
	void *object = tp_malloc_fast(bytes);

	return TP_LIKELY(object != NULL) ? object : tp_allocate_slow(bytes);
}

static TP_HOT_CODE void *malloc_counting(size_t bytes)
{
	return tp_malloc_counting(bytes);
}

/* Our malloc, whoever comes before us. */
void *tp_malloc_own(size_t bytes) __attribute__((visibility("hidden")));
__asm__(".globl tp_malloc_own\n\t.hidden tp_malloc_own\n\t.set tp_malloc_own, malloc");

static bool any_class_is_cleared_on_get(void)
{
	for (unsigned i = 1; i < tp_classes.count; i++)
		if (tp_classes.row[i].zero == TP_ZERO_GET)
			return true;
	return false;
}

void tp_malloc_start_counting(void)
{
	if (tp_table_mode != TP_TABLE_RSEQ || !__libc_single_threaded || tp_histogram_on ||
	    any_class_is_cleared_on_get())
		return;
	tp_entry_redirect((void *)(uintptr_t)tp_malloc_own, (const void *)(uintptr_t)malloc_counting);
	tp_new_start_counting();
}

TP_EXPORT TP_HOT_CODE void free(void *block)
{
	if (TP_UNLIKELY(!tp_free_fast(block)))
		tp_allocate_free_slow(block);
}

TP_EXPORT void *calloc(size_t count, size_t bytes)
{
	size_t total;

	if (TP_UNLIKELY(__builtin_mul_overflow(count, bytes, &total)))
		return tp_allocate_refuse();
	void *object = tp_malloc_fast(total);
	if (TP_UNLIKELY(object == NULL))
		return tp_allocate_zeroed(total);
	return tp_malloc_is_clear(total) ? object : memset(object, 0, total);
}

/* Interpreters ask for and resize everything by realloc: what is pooled is resized here. */
TP_EXPORT void *realloc(void *block, size_t bytes)
{
	size_t old_bytes = tp_malloc_object_bytes(block);

	if (old_bytes != 0 && bytes != 0 && tp_class_fits(old_bytes, bytes))
		return block;
	if (TP_LIKELY(!block || (old_bytes != 0 && bytes != 0))) {
		void *moved = tp_malloc_fast(bytes);

		if (moved && block) {
			memcpy(moved, block, old_bytes < bytes ? old_bytes : bytes);
			free(block);
		}
		if (TP_LIKELY(moved != NULL))
			return moved;
	}
	return tp_resize(block, bytes);
}

TP_EXPORT void *reallocarray(void *block, size_t count, size_t bytes)
{
	size_t total;

	if (__builtin_mul_overflow(count, bytes, &total))
		return tp_allocate_refuse();
	return tp_resize(block, total);
}

static bool is_power_of_two(size_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

/* As glibc's: any alignment, rounded up to a power of two. */
static void *allocate_at_least_aligned(size_t bytes, size_t alignment)
{
	if (alignment > (size_t)PTRDIFF_MAX + 1) {
		errno = EINVAL;
		return NULL;
	}
	size_t power = 16;
	while (power < alignment)
		power *= 2;
	return tp_allocate_aligned(bytes, power);
}

TP_EXPORT void *memalign(size_t alignment, size_t bytes)
{
	return allocate_at_least_aligned(bytes, alignment);
}

/* glibc refuses what is no power of two from 2.38 on; programs written before that may ask for it. */
TP_EXPORT void *aligned_alloc(size_t alignment, size_t bytes)
{
	return allocate_at_least_aligned(bytes, alignment);
}

/* Reports by its result alone; errno is as it was. */
TP_EXPORT int posix_memalign(void **block, size_t alignment, size_t bytes)
{
	int saved_errno = errno;

	if (!is_power_of_two(alignment) || alignment % sizeof(void *) != 0)
		return EINVAL;
	void *object = tp_allocate_aligned(bytes, alignment);
	errno = saved_errno;
	if (!object)
		return ENOMEM;
	*block = object;
	return 0;
}

TP_EXPORT void *valloc(size_t bytes)
{
	return tp_allocate_aligned(bytes, tp_region_page_bytes());
}

TP_EXPORT void *pvalloc(size_t bytes)
{
	if (bytes > PTRDIFF_MAX)
		return tp_allocate_refuse();
	size_t page_bytes = tp_region_page_bytes();
	size_t pages = (bytes + page_bytes - 1) / page_bytes;
	return tp_allocate_aligned(pages * page_bytes, page_bytes);
}

TP_EXPORT void cfree(void *block);
TP_EXPORT void cfree(void *block)
{
	free(block);
}

TP_EXPORT void free_sized(void *block, size_t bytes);
TP_EXPORT void free_sized(void *block, size_t bytes)
{
	(void)bytes;
	free(block);
}

TP_EXPORT void free_aligned_sized(void *block, size_t alignment, size_t bytes);
TP_EXPORT void free_aligned_sized(void *block, size_t alignment, size_t bytes)
{
	(void)alignment, (void)bytes;
	free(block);
}

TP_EXPORT size_t malloc_usable_size(void *block)
{
	size_t object_bytes = tp_malloc_object_bytes(block);

	return TP_LIKELY(object_bytes != 0) ? object_bytes : tp_allocate_usable(block);
}

/*
 * The function of that name of the allocator that serves the requests, where it is
 * not us. NULL where it is us, or has none.
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
	struct tp_tide_counts before, after;

	tp_tide_read_counts(&before);
	tp_timer_release_all();
	tp_tide_read_counts(&after);
	errno = saved_errno;
	return after.returned_bytes != before.returned_bytes;
}

/* Parameters are for glibc's algorithm; they are taken and mean nothing here. */
TP_EXPORT int mallopt(int parameter, int value)
{
	int (*next)(int, int) = find_next("mallopt");

	return next ? next(parameter, value) : 1;
}

static size_t difference(size_t more, size_t less)
{
	return more > less ? more - less : 0; /* other threads count on while we read */
}

/* Slabs count as in use, less what the stacks hold. */
static struct mallinfo2 own_info(void)
{
	size_t slab_bytes = 0, held_objects = 0, held_bytes = 0;
	struct tp_stats_large large;

	for (unsigned i = 1; i < tp_classes.count; i++) {
		struct tp_stats_row row;

		tp_stats_read_whole(i, &row);
		slab_bytes += row.slab_bytes;
		held_objects += row.held_objects;
		held_bytes += row.held_bytes;
	}
	tp_stats_read_large_whole(&large);
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
