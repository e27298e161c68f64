/*
 * who: prints the path of the library whose malloc this program calls, and fails if free is another's.
 *
 * A preload that does not replace malloc is accepted in silence and would be measured as glibc; the runner
 * asks this program first.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static const char *who_defines(const char *name)
{
	Dl_info info;
	void *address = dlsym(RTLD_DEFAULT, name);
	if (address == NULL || dladdr(address, &info) == 0 || info.dli_fname == NULL)
		return "unknown";
	return info.dli_fname;
}

int main(void)
{
	const char *taker = who_defines("malloc");
	const char *giver = who_defines("free");
	if (strcmp(taker, giver) != 0) {
		fprintf(stderr, "malloc is of %s, free is of %s\n", taker, giver);
		return 1;
	}
	puts(taker);
	return 0;
}
