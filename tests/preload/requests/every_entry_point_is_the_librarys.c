/*
 * Every C entry point that a program can look up is the preloaded library's, not a neighbour's.
 * @cc -ldl
 */
#include <dlfcn.h>
#include <stdlib.h>

#include "expect.h"

static const char *const names[] = {
	"malloc",
	"free",
	"calloc",
	"realloc",
	"reallocarray",
	"memalign",
	"valloc",
	"posix_memalign",
	"aligned_alloc",
	"pvalloc",
	"cfree",
	"malloc_usable_size",
	"malloc_trim",
	"mallinfo",
	"mallinfo2",
	"mallopt",
	"malloc_info",
	"malloc_stats",
	"free_sized",
	"free_aligned_sized",
	"vfork",
};

int main(void)
{
	const char *preload = getenv("LD_PRELOAD");
	EXPECT(preload, "nothing is preloaded");
	const char *library = strrchr(preload, '/') + 1;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		void *found = dlsym(RTLD_DEFAULT, names[i]);
		Dl_info info;
		EXPECT(found, "there is no %s", names[i]);
		EXPECT(dladdr(found, &info) && strstr(info.dli_fname, library), "%s comes from %s", names[i],
		    info.dli_fname);
	}
	return 0;
}
