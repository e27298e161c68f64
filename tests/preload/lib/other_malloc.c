/*
 * Another malloc library to preload beside the one under test: glibc's malloc behind a count, with
 * a mark before each object that its free insists on. Owns the counts; any thread may call.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK 0x6f74686572206d61ULL

extern void *__libc_malloc(size_t);
extern void __libc_free(void *);

struct head {
	uint64_t mark;
	size_t size;
};

atomic_long other_malloc_mallocs, other_malloc_frees;

void *malloc(size_t size)
{
	struct head *head = size > PTRDIFF_MAX ? NULL : __libc_malloc(size + sizeof *head);
	if (!head) {
		errno = ENOMEM;
		return NULL;
	}
	head->mark = MARK;
	head->size = size;
	other_malloc_mallocs++;
	return head + 1;
}

static struct head *head_of(void *object)
{
	struct head *head = (struct head *)object - 1;
	if (head->mark != MARK) {
		static const char text[] = "other_malloc: not an object of mine\n";
		if (write(2, text, sizeof text - 1) > 0)
			abort();
		abort();
	}
	return head;
}

void free(void *object)
{
	if (!object)
		return;
	struct head *head = head_of(object);
	head->mark = 0;
	other_malloc_frees++;
	__libc_free(head);
}

void *calloc(size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		bytes = SIZE_MAX;
	void *object = malloc(bytes);
	return object ? memset(object, 0, bytes) : NULL;
}

void *realloc(void *object, size_t size)
{
	if (!object)
		return malloc(size);
	struct head *head = head_of(object);
	void *moved = malloc(size);
	if (moved) {
		memcpy(moved, object, size < head->size ? size : head->size);
		free(object);
	}
	return moved;
}

size_t malloc_usable_size(void *object)
{
	return object ? head_of(object)->size : 0;
}
