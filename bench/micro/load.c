/*
 * load STEADY|BURSTY|FALLING [TICKS [TICK_SECONDS [trim]]]: a need for memory over time, for bench/run loads to look at.
 *
 * Pattern: every hundredth of a tick a request allocates a number of objects, writes to each and frees them
 * all; between requests they lie in the allocator's pools. Sizes of 64, 256, 1024 and 4096 bytes take turns.
 *   steady   2,048 objects a request
 *   bursty   2,048 in one tick, none in the next three
 *   falling  2,048 in the first tick, then half of that of the tick before
 * The middle of a tick is a turn's time: the program begins half of one late. With `trim` it calls malloc_trim
 * there.
 * It raises SIGUSR1 at the start of the first tick and at the end of every one, for whoever counts. Prints a
 * line for every tick: tick=NUMBER objects=PER_REQUEST requests=COUNT.
 */
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/checked.h"
#include "base/clock.h"

enum {
	LOAD_REQUESTS = 100, /* in a tick */
	LOAD_OBJECTS = 2048,
	LOAD_BURST_PERIOD = 4,
	LOAD_SIZES = 4,
	LOAD_MAX_TICKS = 60,
};

enum load_kind { LOAD_STEADY, LOAD_BURSTY, LOAD_FALLING, LOAD_KINDS };
static const char *const load_kinds[LOAD_KINDS] = { "STEADY", "BURSTY", "FALLING" };
static const size_t load_sizes[LOAD_SIZES] = { 64, 256, 1024, 4096 };

static unsigned load_objects(enum load_kind kind, unsigned tick)
{
	switch (kind) {
	case LOAD_STEADY:
		return LOAD_OBJECTS;
	case LOAD_BURSTY:
		return tick % LOAD_BURST_PERIOD == 0 ? LOAD_OBJECTS : 0;
	default:
		return tick < 32 ? LOAD_OBJECTS >> tick : 0;
	}
}

static void load_request(unsigned count)
{
	static unsigned char *objects[LOAD_OBJECTS];

	for (unsigned i = 0; i < count; i++) {
		objects[i] = checked_malloc(load_sizes[i % LOAD_SIZES]);
		*objects[i] = 1;
	}
	for (unsigned i = 0; i < count; i++)
		free(objects[i]);
}

static void load_ignore(int number)
{
	(void)number;
}

static _Noreturn void load_usage(void)
{
	fprintf(stderr,
	    "usage: load STEADY|BURSTY|FALLING [TICKS [TICK_SECONDS [trim]]]  (1 to %d, default 10; seconds up "
	    "to 60, default 1)\n",
	    LOAD_MAX_TICKS);
	exit(2);
}

int main(int argc, char **argv)
{
	enum load_kind kind = LOAD_STEADY;
	unsigned long ticks = 10;
	double tick_seconds = 1;
	bool trim = argc > 4;
	char *end;

	if (argc < 2 || argc > 5 || (trim && strcmp(argv[4], "trim") != 0))
		load_usage();
	while (kind < LOAD_KINDS && strcasecmp(argv[1], load_kinds[kind]) != 0)
		kind++;
	if (kind == LOAD_KINDS)
		load_usage();
	if (argc > 2) {
		ticks = strtoul(argv[2], &end, 10);
		if (end == argv[2] || *end != '\0' || ticks < 1 || ticks > LOAD_MAX_TICKS)
			load_usage();
	}
	if (argc > 3) {
		tick_seconds = strtod(argv[3], &end);
		if (end == argv[3] || *end != '\0' || !(tick_seconds >= 0.01 && tick_seconds <= 60))
			load_usage();
	}

	uint64_t tick_ns = (uint64_t)(tick_seconds * 1e9);
	uint64_t start_ns = clock_now_ns(CLOCK_MONOTONIC) + tick_ns / 2;
	signal(SIGUSR1, load_ignore);
	clock_sleep_until_ns(start_ns);
	raise(SIGUSR1);
	for (unsigned tick = 0; tick < ticks; tick++) {
		unsigned count = load_objects(kind, tick);
		for (unsigned i = 0; i < LOAD_REQUESTS; i++) {
			clock_sleep_until_ns(start_ns + tick_ns * tick + tick_ns * i / LOAD_REQUESTS);
			if (trim && i == LOAD_REQUESTS / 2)
				malloc_trim(0);
			load_request(count);
		}
		clock_sleep_until_ns(start_ns + tick_ns * (tick + 1));
		raise(SIGUSR1);
	}
	for (unsigned tick = 0; tick < ticks; tick++)
		printf("tick=%u objects=%u requests=%d\n", tick + 1, load_objects(kind, tick), LOAD_REQUESTS);
	return 0;
}
