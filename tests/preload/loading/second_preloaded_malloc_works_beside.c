/*
 * Another malloc library is preloaded as well, after ours and before it: the program works, what
 * the other handed out goes back to it, and nothing else does.
 * @no-preload
 * @cc -ldl
 */
#include <dlfcn.h>
#include <malloc.h>
#include <stdatomic.h>

#include "child.h"
#include "library.h"

#define COUNT 2000

static char ours_first[1200], other_first[1200];

static int allocate_from_both(void)
{
	static void *mine[COUNT], *others[COUNT];
	const char *preload = getenv("LD_PRELOAD");
	const char *last = strrchr(preload, ':') + 1;
	int other_is_second = strstr(last, "other_malloc") != NULL;
	void *other = dlopen(other_is_second ? last : strndup(preload, last - preload - 1), RTLD_NOW);
	EXPECT(other, "%s", dlerror());
	void *(*other_malloc)(size_t) = (void *(*)(size_t))dlsym(other, "malloc");
	atomic_long *frees = dlsym(other, "other_malloc_frees"), *mallocs = dlsym(other, "other_malloc_mallocs");
	EXPECT(other_malloc && frees && mallocs, "not the other library");
	EXPECT(other_is_second == (other_malloc != malloc), "the first preloaded malloc is not in force");

	long mallocs_before = *mallocs, frees_before = *frees;
	for (size_t i = 0; i < COUNT; i++) {
		mine[i] = malloc(i * 13);
		others[i] = other_malloc(i * 13);
		EXPECT(mine[i] && others[i], "no memory");
		memset(mine[i], 'm', i * 13);
		memset(others[i], 'o', i * 13);
		EXPECT(malloc_usable_size(others[i]) >= i * 13, "a wrong usable size");
		if (i % 7 == 0)
			others[i] = realloc(others[i], i * 13 + 1000);
	}
	for (size_t i = 0; i < COUNT; i++) {
		free(mine[i]);
		free(others[i]);
	}
	if (other_is_second) {
		/* realloc may keep or move them */
		EXPECT(*mallocs - mallocs_before >= COUNT, "the other malloc ran %ld times", *mallocs - mallocs_before);
		EXPECT(*frees - frees_before == *mallocs - mallocs_before, "the other handed out %ld and got %ld back",
		    *mallocs - mallocs_before, *frees - frees_before);
	}
	return 0;
}

static void run(const char *preload)
{
	static struct child child;
	child_run(&child, "allocate", NULL, preload, NULL);
	child_expect_exit(&child, 0);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return allocate_from_both();

	const char *other = library_path("other_malloc.so");
	snprintf(ours_first, sizeof ours_first, "LD_PRELOAD=%s:%s", child_library(), other);
	snprintf(other_first, sizeof other_first, "LD_PRELOAD=%s:%s", other, child_library());
	run(ours_first);
	run(other_first);
	return 0;
}
