/*
 * A library opened with RTLD_DEEPBIND allocates from glibc's malloc; the program frees, resizes and
 * measures what it got, by the preloaded functions, from several threads.
 * @cc -ldl
 */
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "expect.h"
#include "library.h"

static void *(*border_allocate)(size_t);
static void *(*border_align)(size_t, size_t);

static void *cross(void *argument)
{
	uintptr_t seed = (uintptr_t)argument;
	for (size_t i = 0; i < 30000; i++) {
		size_t size = 1 + (i * 2654435761u + seed) % 20000;
		char *object = i % 5 ? border_allocate(size) : border_align(256, size);
		EXPECT(object, "no memory for %zu bytes", size);
		EXPECT(malloc_usable_size(object) >= size, "%zu usable bytes of %zu", malloc_usable_size(object), size);
		if (i % 3 == 0) {
			object = realloc(object, size + 5000);
			EXPECT(object && object[0] == 'b' && object[size - 1] == 'b', "realloc lost %zu bytes", size);
		}
		free(object);
	}
	return NULL;
}

int main(void)
{
	const char *library = library_path("border_crosser.so");

	void *handle = dlopen(library, RTLD_NOW | RTLD_DEEPBIND);
	EXPECT(handle, "%s", dlerror());
	border_allocate = (void *(*)(size_t))dlsym(handle, "border_allocate");
	border_align = (void *(*)(size_t, size_t))dlsym(handle, "border_align");
	void *(*border_malloc_address)(void) = (void *(*)(void))dlsym(handle, "border_malloc_address");
	EXPECT(border_malloc_address() != (void *)malloc || !getenv("LD_PRELOAD"),
	    "the library is not bound to glibc's malloc: there is nothing to test");

	pthread_t threads[3];
	for (uintptr_t i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, cross, (void *)(i * 977));
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
