/*
 * A program lowers its address space limit twice and maps memory in between: what it mapped is still there, though it
 * may lie where the library has given addresses back. So it does in the layout that old programs ask for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <unistd.h>

#include "expect.h"

#define COUNT 64
#define BYTES ((size_t)1 << 20)

static void limit(size_t bytes)
{
	struct rlimit now = { bytes, RLIM_INFINITY };

	EXPECT(setrlimit(RLIMIT_AS, &now) == 0, "RLIMIT_AS: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	static char *mapped[COUNT];

	if (argc == 1) {
		char *again[] = { argv[0], "again", NULL };

		EXPECT(personality(ADDR_COMPAT_LAYOUT) != -1, "personality: %s", strerror(errno));
		execv("/proc/self/exe", again);
		EXPECT(0, "exec: %s", strerror(errno));
	}
	free(malloc(100));
	limit((size_t)8 << 30);
	for (int i = 0; i < COUNT; i++) {
		mapped[i] = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		EXPECT(mapped[i] != MAP_FAILED, "mmap: %s", strerror(errno));
		memset(mapped[i], i, BYTES);
	}
	limit((size_t)2 << 30);
	for (int i = 0; i < COUNT; i++) {
		unsigned char in_memory;

		EXPECT(mincore(mapped[i], 1, &in_memory) == 0, "mapping %d is gone", i);
		EXPECT(mapped[i][0] == (char)i && mapped[i][BYTES - 1] == (char)i, "mapping %d has changed", i);
	}
	free(malloc(100));
	return 0;
}
