/*
 * The library exports its entry points and nothing else: no name of jemalloc's, none of its own.
 * @variants rseq
 * @no-preload
 */
#include "child.h"

int main(void)
{
	char command[1024], line[256];
	snprintf(command, sizeof command, "nm -D --defined-only '%s'", child_library());
	FILE *names = popen(command, "r");
	int count = 0;

	while (fgets(line, sizeof line, names)) {
		char name[200];
		EXPECT(sscanf(line, "%*s %*s %199s", name) == 1, "nm printed: %s", line);
		EXPECT(strncmp(name, "je_", 3) && strncmp(name, "tp_", 3) && !strstr(name, "mallctl") &&
			   strcmp(name, "malloc_conf"),
		    "%s is exported", name);
		count++;
	}
	EXPECT(pclose(names) == 0 && count > 20, "nm found %d names", count);
	return 0;
}
