/*
 * With TIDEPOOL_MODE=off, and count, mallinfo, mallopt, malloc_info and malloc_trim speak of the
 * allocator that serves the requests, which is glibc's.
 * @no-preload
 * @cc -Wno-deprecated-declarations
 */
#include <malloc.h>

#include "child.h"

#define BIG ((size_t)256 << 10)

static int report(void)
{
	EXPECT(mallopt(M_MXFAST, 1 << 30) == 0, "mallopt took a value that glibc refuses");
	EXPECT(mallopt(M_MMAP_THRESHOLD, 64 << 10) == 1, "mallopt refused a value that glibc takes");

	struct mallinfo2 before = mallinfo2();
	void *block = malloc(BIG);
	EXPECT(block, "no memory");
	struct mallinfo2 after = mallinfo2();
	EXPECT(after.hblks == before.hblks + 1 && after.hblkhd >= before.hblkhd + BIG,
	    "mallinfo2: %zu mapped blocks with %zu bytes became %zu with %zu", before.hblks, before.hblkhd, after.hblks,
	    after.hblkhd);
	EXPECT((size_t)mallinfo().hblks == after.hblks, "mallinfo says otherwise");
	free(block);

	char *text = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&text, &length);
	EXPECT(malloc_info(0, file) == 0, "malloc_info failed");
	fclose(file);
	EXPECT(strstr(text, "<heap nr="), "malloc_info wrote: %.200s", text);
	free(text);
	malloc_stats();
	return 0;
}

int main(int argc, char **argv)
{
	static struct child child;

	(void)argv;
	if (argc > 1)
		return report();
	child_run(&child, "report", NULL, "TIDEPOOL_MODE=off", NULL);
	child_expect_exit(&child, 0);
	EXPECT(strstr(child.err, "Arena 0:"), "malloc_stats wrote: %.200s", child.err);
	child_run(&child, "report", NULL, "TIDEPOOL_MODE=count", NULL);
	child_expect_exit(&child, 0);
	return 0;
}
