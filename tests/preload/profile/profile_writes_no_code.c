/*
 * No code of the library is ever written: with a profile, malloc's code is what the file has, and no page of the
 * process can be both written and executed.
 * @no-preload
 */
#include <stdbool.h>
#include <stdlib.h>

#include "child.h"

#define CODE_BYTES 64

/* Compare the beginning of malloc with the file that it was loaded from. */
static bool code_is_the_files(unsigned long start, unsigned long offset, const char *path)
{
	unsigned char code[CODE_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	EXPECT(fd >= 0, "cannot open %s", path);
	ssize_t length = pread(fd, code, sizeof code, (off_t)((unsigned long)malloc - start + offset));
	close(fd);
	return length == CODE_BYTES && memcmp(code, (const void *)malloc, sizeof code) == 0;
}

static void look(void)
{
	char line[1024];
	FILE *maps = fopen("/proc/self/maps", "r");

	EXPECT(maps, "cannot open /proc/self/maps");
	free(malloc(100));
	while (fgets(line, sizeof line, maps)) {
		unsigned long start, end, offset;
		char rights[5], path[512] = "";

		if (sscanf(line, "%lx-%lx %4s %lx %*s %*s %511s", &start, &end, rights, &offset, path) < 4)
			continue;
		if (rights[1] == 'w' && rights[2] == 'x')
			printf("written and executed: %s", line);
		if (start <= (unsigned long)malloc && (unsigned long)malloc < end)
			printf("%s", code_is_the_files(start, offset, path) ? "the file's" : "changed");
	}
	fclose(maps);
}

static void expect(const char *setting, const char *other)
{
	static struct child child;

	child_run(&child, "print", NULL, setting, other, NULL);
	child_expect_exit(&child, 0);
	EXPECT(strcmp(child.out, "the file's") == 0, "%s %s: %s", setting, other, child.out);
	EXPECT(!*child.err, "stderr has %s", child.err);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		look();
		return 0;
	}
	expect("TIDEPOOL_PROFILE=/dev/null", "TIDEPOOL_ZERO=off");
	expect("TIDEPOOL_PROFILE=/dev/null", "TIDEPOOL_HISTOGRAM=1");
	expect("TIDEPOOL_PROFILE=", "TIDEPOOL_ZERO=off");
	return 0;
}
