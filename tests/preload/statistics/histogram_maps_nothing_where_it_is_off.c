/*
 * Without TIDEPOOL_HISTOGRAM the process is smaller by its tables and the dump has no histogram;
 * where there is no memory for the tables one line says so, and the program runs without.
 * @no-preload
 */
#include <sys/resource.h>

#include "child.h"
#include "dump.h"

#define TABLES_MIB 6 /* at least */

static int print_size(void)
{
	char line[256];
	FILE *status = fopen("/proc/self/status", "r");

	while (fgets(line, sizeof line, status))
		if (!strncmp(line, "VmData:", 7))
			fputs(line + 7, stdout);
	fclose(status);
	return 0;
}

static void limit_data(void)
{
	struct rlimit limit = { (rlim_t)TABLES_MIB << 20, (rlim_t)TABLES_MIB << 20 };

	setrlimit(RLIMIT_DATA, &limit);
}

int main(int argc, char **argv)
{
	static struct child child;
	static char setting[512];
	char dir[256];

	(void)argv;
	if (argc > 1)
		return print_size();
	child_make_directory(dir);
	snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s/%%p", dir);
	child_run(&child, "print", NULL, "TIDEPOOL_MODE=count", "TIDEPOOL_STATS=json", setting, NULL);
	child_expect_exit(&child, 0);
	long off_kib = atol(child.out);
	dump_read_only(dir);
	EXPECT(!dump_find(dump_text, "histogram"), "a histogram without the option");
	dump_remove_all(dir);

	child_run(
	    &child, "print", NULL, "TIDEPOOL_MODE=count", "TIDEPOOL_HISTOGRAM=1", "TIDEPOOL_STATS=json", setting, NULL);
	child_expect_exit(&child, 0);
	EXPECT(atol(child.out) >= off_kib + TABLES_MIB * 1024, "%ld KiB without, %ld KiB with the histogram", off_kib,
	    atol(child.out));
	EXPECT(*child.err == '\0', "it says: %s", child.err);
	dump_read_only(dir);
	dump_section("histogram");
	dump_remove_all(dir);

	child_run(&child, "print", limit_data, "TIDEPOOL_MODE=count", "TIDEPOOL_HISTOGRAM=1", "TIDEPOOL_STATS=json",
	    setting, NULL);
	child_expect_exit(&child, 0);
	EXPECT(!strcmp(child.err, "tidepool: TIDEPOOL_HISTOGRAM: no memory for its tables; it is off\n"), "it says: %s",
	    child.err);
	dump_read_only(dir);
	EXPECT(!dump_find(dump_text, "histogram"), "a histogram without memory");
	return 0;
}
