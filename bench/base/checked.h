/*
 * Memory that must be there: an allocator that fails must not look fast.
 *
 * No function here returns NULL. The program ends with one line on standard error and exit status 1 instead.
 */
#ifndef BENCH_CHECKED_H
#define BENCH_CHECKED_H

#include <stdio.h>
#include <stdlib.h>

static inline _Noreturn void checked_fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static inline void *checked_malloc(size_t size_bytes)
{
	void *object = malloc(size_bytes);
	if (__builtin_expect(object == NULL, 0))
		checked_fail("malloc returned NULL");
	return object;
}

static inline void *checked_realloc(void *object, size_t size_bytes)
{
	object = realloc(object, size_bytes);
	if (__builtin_expect(object == NULL, 0))
		checked_fail("realloc returned NULL");
	return object;
}

#endif
