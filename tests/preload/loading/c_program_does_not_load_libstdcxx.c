/* A C program under the preload has no C++ runtime and no libjemalloc mapped: libc suffices. */
#include "expect.h"

int main(void)
{
	static const char *const unwanted[] = { "libstdc++", "libgcc_s", "libjemalloc", "libunwind", "libm." };
	char line[1024];
	FILE *maps = fopen("/proc/self/maps", "r");

	EXPECT(maps, "cannot read /proc/self/maps");
	while (fgets(line, sizeof line, maps))
		for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; i++)
			EXPECT(!strstr(line, unwanted[i]), "the process has %s mapped", unwanted[i]);
	fclose(maps);
	return 0;
}
