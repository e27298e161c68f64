/*
 * startup [STARTS [LIBRARY]]: microseconds that a preloaded library adds to the start of /bin/true.
 *
 * Pattern: STARTS pairs of spawn and wait, one of each pair bare and one with LD_PRELOAD=LIBRARY, the order
 * within a pair changing every time. Without a library both are bare, which shows the noise of the machine.
 * Prints us=MEDIAN bare_us=MEDIAN added_us=MEDIAN-OF-DIFFERENCES added_min=US added_max=US starts=COUNT,
 * where min and max leave out the outer tenths of the pairs.
 */
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sample.h"

enum { STARTUP_MAX_STARTS = 10000, STARTUP_MAX_VARIABLES = 4096, STARTUP_MAX_PATH = 4096 };

static const char startup_program[] = "/bin/true";

extern char **environ;

static char startup_preload[sizeof "LD_PRELOAD=" + STARTUP_MAX_PATH];
static char *startup_environment[STARTUP_MAX_VARIABLES + 2]; /* [0] is the preload, [1] on is the bare one */
static double startup_bare_us[STARTUP_MAX_STARTS];
static double startup_loaded_us[STARTUP_MAX_STARTS];
static double startup_added_us[STARTUP_MAX_STARTS];

static double startup_once(char **environment)
{
	char *arguments[] = { (char *)startup_program, NULL };
	pid_t child;
	int status;

	uint64_t from_ns = clock_now_ns(CLOCK_MONOTONIC);
	int error = posix_spawn(&child, startup_program, NULL, NULL, arguments, environment);
	if (error != 0) {
		fprintf(stderr, "cannot start %s: %s\n", startup_program, strerror(error));
		exit(1);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	uint64_t to_ns = clock_now_ns(CLOCK_MONOTONIC);
	if (status != 0) {
		fprintf(stderr, "%s ended with wait status %#x\n", startup_program, (unsigned)status);
		exit(1);
	}
	return (double)(to_ns - from_ns) / 1e3;
}

static _Noreturn void startup_usage(void)
{
	fprintf(stderr, "usage: startup [STARTS [LIBRARY]]  (starts 1 to %d, default 200; a readable library)\n",
	    STARTUP_MAX_STARTS);
	exit(2);
}

int main(int argc, char **argv)
{
	size_t starts = 200;
	if (argc > 3)
		startup_usage();
	if (argc > 1) {
		char *end;
		starts = strtoul(argv[1], &end, 10);
		if (end == argv[1] || *end != '\0' || starts < 1 || starts > STARTUP_MAX_STARTS)
			startup_usage();
	}
	if (argc > 2 && (strlen(argv[2]) >= STARTUP_MAX_PATH || access(argv[2], R_OK) != 0))
		startup_usage();

	size_t variables = 1;
	for (char **variable = environ; *variable != NULL && variables <= STARTUP_MAX_VARIABLES; variable++)
		if (strncmp(*variable, "LD_PRELOAD=", strlen("LD_PRELOAD=")) != 0)
			startup_environment[variables++] = *variable;
	char **bare = &startup_environment[1];
	char **loaded = bare;
	if (argc > 2) {
		snprintf(startup_preload, sizeof startup_preload, "LD_PRELOAD=%s", argv[2]);
		startup_environment[0] = startup_preload;
		loaded = startup_environment;
	}

	/* The first starts read files from disk. */
	for (int i = 0; i < 5; i++) {
		startup_once(bare);
		startup_once(loaded);
	}
	for (size_t i = 0; i < starts; i++) {
		if (i % 2 == 0)
			startup_bare_us[i] = startup_once(bare);
		startup_loaded_us[i] = startup_once(loaded);
		if (i % 2 != 0)
			startup_bare_us[i] = startup_once(bare);
		startup_added_us[i] = startup_loaded_us[i] - startup_bare_us[i];
	}
	qsort(startup_bare_us, starts, sizeof startup_bare_us[0], sample_compare);
	qsort(startup_loaded_us, starts, sizeof startup_loaded_us[0], sample_compare);
	qsort(startup_added_us, starts, sizeof startup_added_us[0], sample_compare);
	printf("us=%.1f bare_us=%.1f added_us=%.1f added_min=%.1f added_max=%.1f starts=%zu\n",
	    startup_loaded_us[starts / 2], startup_bare_us[starts / 2], startup_added_us[starts / 2],
	    startup_added_us[starts / 10], startup_added_us[starts - 1 - starts / 10], starts);
	return 0;
}
