/*
 * Without a profile nothing of libunwind is in the process; with one, the descriptors are as they
 * would have been, and the program's own unwinder is not libunwind's.
 * @no-preload
 */
#include <dlfcn.h>
#include <execinfo.h>

#include "child.h"

static int maps_have(const char *name)
{
	char line[512];
	int found = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	EXPECT(maps, "cannot open /proc/self/maps");
	while (fgets(line, sizeof line, maps))
		found |= strstr(line, name) != NULL;
	fclose(maps);
	return found;
}

static void look(void)
{
	Dl_info info;
	int fd = open("/dev/null", O_RDONLY);
	printf("%d %d", fd, maps_have("libunwind"));
	EXPECT(dladdr((void *)backtrace, &info) && strstr(info.dli_fname, "libc"), "backtrace is %s's", info.dli_fname);
	EXPECT(!dlsym(RTLD_DEFAULT, "unw_step") && !dlsym(RTLD_DEFAULT, "_Ux86_64_step"), "libunwind is global");
}

static void expect(const char *setting, const char *way, const char *printed)
{
	static struct child child;

	child_run(&child, "look", NULL, setting, way, NULL);
	child_expect_exit(&child, 0);
	EXPECT(strcmp(child.out, printed) == 0, "%s, %s: printed %s, expected %s", setting, way, child.out, printed);
	EXPECT(!*child.err, "stderr has %s", child.err);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		look();
		return 0;
	}
	expect("TIDEPOOL_PROFILE=", "TIDEPOOL_PROFILE_UNWIND=unwind", "3 0");
	expect("TIDEPOOL_PROFILE=/dev/null", "TIDEPOOL_PROFILE_UNWIND=fp", "3 0");
	expect("TIDEPOOL_PROFILE=/dev/null", "TIDEPOOL_PROFILE_UNWIND=unwind", "3 1");
	return 0;
}
