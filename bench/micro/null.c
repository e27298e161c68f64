/*
 * The null allocator: a preload whose calls do almost nothing, the floor that other times are compared to.
 *
 * malloc walks a ring and wraps; free does nothing. Not a working allocator: an object is handed out again
 * after RING_BYTES, freed or not. The benchmark programs keep less than that alive, or never look at it.
 * The first KEPT_BYTES of malloc, and everything from calloc, realloc and the aligned calls, is never reused,
 * so that what the C library keeps (a thread's records, locales) stays whole.
 * Threads: one at a time may take memory; any may free.
 */
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NULL_EXPORT __attribute__((visibility("default")))

enum {
	KEPT_BYTES = 1 << 20,
	RING_BYTES = 8 << 20, /* over 64 objects of 32 KiB (batch) and 128 of them (pass) */
	ARENA_BYTES = 64 << 20,
	GRAIN_BYTES = 16,
};

/* | kept, once | ring, again and again | arena, once | */
static _Alignas(4096) char null_storage[KEPT_BYTES + RING_BYTES + ARENA_BYTES];
#define RING_START (null_storage + KEPT_BYTES)
#define RING_END (RING_START + RING_BYTES)
#define ARENA_END (null_storage + sizeof null_storage)

static char *null_next = null_storage; /* next of kept, then of the ring */
static char *null_arena_next = RING_END; /* next of the arena */

static void *null_take_kept(size_t alignment, size_t size_bytes)
{
	uintptr_t start = ((uintptr_t)null_arena_next + alignment - 1) & ~(alignment - 1);
	if (start > (uintptr_t)ARENA_END || size_bytes > (uintptr_t)ARENA_END - start) {
		errno = ENOMEM;
		return NULL;
	}
	size_t rounded_bytes = (size_bytes + GRAIN_BYTES - 1) & ~(size_t)(GRAIN_BYTES - 1);
	null_arena_next = (char *)start + rounded_bytes;
	return (void *)start;
}

static __attribute__((noinline)) void *null_wrap(size_t size_bytes)
{
	if (size_bytes > RING_BYTES)
		return null_take_kept(GRAIN_BYTES, size_bytes);
	null_next = RING_START + ((size_bytes + GRAIN_BYTES - 1) & ~(size_t)(GRAIN_BYTES - 1));
	return RING_START;
}

/* Cost: one load, one store, a compare that is nearly always the same way. */
NULL_EXPORT void *malloc(size_t size_bytes)
{
	char *object = null_next;
	if (__builtin_expect(size_bytes > (size_t)(RING_END - object), 0))
		return null_wrap(size_bytes);
	null_next = object + ((size_bytes + GRAIN_BYTES - 1) & ~(size_t)(GRAIN_BYTES - 1));
	return object;
}

NULL_EXPORT void free(void *object)
{
	(void)object;
}

NULL_EXPORT void *calloc(size_t count, size_t size_bytes)
{
	size_t total_bytes;
	if (__builtin_mul_overflow(count, size_bytes, &total_bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return null_take_kept(GRAIN_BYTES, total_bytes); /* never used before, so zero */
}

/* Copies as much as the new object holds: the old one's size is not known, and what lies behind it is ours too. */
NULL_EXPORT void *realloc(void *object, size_t size_bytes)
{
	char *moved = null_take_kept(GRAIN_BYTES, size_bytes);
	if (object == NULL || moved == NULL)
		return moved;
	size_t readable_bytes = (size_t)(ARENA_END - (char *)object);
	return memmove(moved, object, size_bytes < readable_bytes ? size_bytes : readable_bytes);
}

NULL_EXPORT void *reallocarray(void *object, size_t count, size_t size_bytes)
{
	size_t total_bytes;
	if (__builtin_mul_overflow(count, size_bytes, &total_bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(object, total_bytes);
}

NULL_EXPORT void *memalign(size_t alignment, size_t size_bytes)
{
	return null_take_kept(alignment < GRAIN_BYTES ? GRAIN_BYTES : alignment, size_bytes);
}

NULL_EXPORT void *aligned_alloc(size_t alignment, size_t size_bytes)
{
	return memalign(alignment, size_bytes);
}

NULL_EXPORT int posix_memalign(void **result, size_t alignment, size_t size_bytes)
{
	int saved_errno = errno;
	void *object = memalign(alignment, size_bytes);
	errno = saved_errno;
	if (object == NULL)
		return ENOMEM;
	*result = object;
	return 0;
}

NULL_EXPORT void *valloc(size_t size_bytes)
{
	return memalign(4096, size_bytes);
}

NULL_EXPORT void *pvalloc(size_t size_bytes)
{
	return memalign(4096, size_bytes);
}

/* Zero is what "no more than you asked for" may always say. */
NULL_EXPORT size_t malloc_usable_size(void *object)
{
	(void)object;
	return 0;
}
