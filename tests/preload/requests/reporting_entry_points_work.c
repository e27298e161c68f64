/*
 * mallinfo, mallinfo2, mallopt, malloc_trim, malloc_info, malloc_stats and cfree, which glibc has
 * or had: they return sensibly, and malloc_info writes well-formed XML.
 * @cc -Wno-deprecated-declarations -ldl
 */
#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>

#include "expect.h"

int main(void)
{
	void *objects[100];
	for (int i = 0; i < 100; i++)
		objects[i] = malloc(3000);

	struct mallinfo2 info = mallinfo2();
	EXPECT(info.uordblks < (size_t)1 << 40, "mallinfo2 says %zu bytes are used", info.uordblks);
	struct mallinfo old = mallinfo();
	EXPECT(old.ordblks >= 0, "mallinfo says %d free chunks", old.ordblks);
	EXPECT(mallopt(M_MMAP_THRESHOLD, 1 << 20) == 0 || mallopt(M_MMAP_THRESHOLD, 1 << 20) == 1,
	    "mallopt returned neither 0 nor 1");

	char *text = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&text, &length);
	EXPECT(malloc_info(0, file) == 0, "malloc_info failed");
	EXPECT(malloc_info(1, file) != 0, "malloc_info took options it does not know");
	fclose(file);
	EXPECT(strstr(text, "<malloc") && strstr(text, "</malloc>"), "malloc_info wrote: %.200s", text);
	unsetenv("LD_PRELOAD"); /* python3 only looks at the text */
	FILE *checker = popen("python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.stdin)'", "w");
	fputs(text, checker);
	EXPECT(pclose(checker) == 0, "malloc_info did not write XML: %.200s", text);
	free(text);

	malloc_stats();
	void (*old_free)(void *) = (void (*)(void *))dlsym(RTLD_DEFAULT, "cfree");
	EXPECT(old_free, "there is no cfree");
	for (int i = 0; i < 100; i++) {
		if (i % 2)
			old_free(objects[i]);
		else
			free(objects[i]);
	}
	int trimmed = malloc_trim(0);
	EXPECT(trimmed == 0 || trimmed == 1, "malloc_trim returned %d", trimmed);
	return 0;
}
