/*
 * The C entry points: malloc and its family, as C17, C23, POSIX and glibc's "Replacing malloc" want them.
 *
 * malloc and free are the hot path: read them with malloc_fast.h, base/hot.h and arch/x86_64/rseq_fast.h. What misses
 * goes to allocate.c and resize.c. Any thread, at any time after relocation. Owns no data.
 */
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shim/base/compiler.h"
#include "shim/entry/allocate.h"
#include "shim/entry/malloc_fast.h"
#include "shim/entry/resize.h"
#include "shim/heap/region.h"

TP_EXPORT TP_HOT_CODE void *malloc(size_t bytes)
{
	void *object = tp_malloc_fast(bytes);

	return TP_LIKELY(object != NULL) ? object : tp_allocate_slow(bytes);
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
	if (TP_LIKELY(total <= TP_CLASS_BYTES_LIMIT)) {
		unsigned class_index = tp_malloc_class(total); /* read once: a profile may begin at any line here */
		void *object = tp_rseq_pop(class_index);

		if (TP_LIKELY(object != NULL))
			return tp_classes.row[class_index].zero == TP_ZERO_PUT ? object : memset(object, 0, total);
	}
	return tp_allocate_zeroed(total);
}

/* realloc has a fast path for pooled objects, as interpreters allocate and resize everything by realloc. */
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

/* As glibc does: accept any alignment, and round it up to a power of two. */
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

/* From 2.38 on glibc refuses an alignment that is no power of two. Older programs may ask for one, and get it. */
TP_EXPORT void *aligned_alloc(size_t alignment, size_t bytes)
{
	return allocate_at_least_aligned(bytes, alignment);
}

/* Reports errors by its result alone. errno is kept. */
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
