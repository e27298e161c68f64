/*
 * A library that hands out memory which its caller frees, for a program that opens it with
 * RTLD_DEEPBIND: its malloc is then glibc's, while the program's free is the preloaded one.
 */
#include <stdlib.h>
#include <string.h>

void *border_allocate(size_t size);
void *border_align(size_t alignment, size_t size);
void *border_malloc_address(void);

void *border_allocate(size_t size)
{
	void *object = malloc(size);
	return object ? memset(object, 'b', size) : NULL;
}

void *border_align(size_t alignment, size_t size)
{
	void *object = NULL;
	return posix_memalign(&object, alignment, size) ? NULL : memset(object, 'b', size);
}

void *border_malloc_address(void)
{
	return (void *)malloc;
}
