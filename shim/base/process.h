/*
 * The process: its options, its mode, its name and its start.
 *
 * Owns tp_process. One thread writes it during start, and the only thread of a forked child writes the pid. After start
 * any thread may read.
 */
#ifndef TP_PROCESS_H
#define TP_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "policy/options.h"

struct tp_process {
	struct tp_options options;
	enum tp_mode mode; /* the mode in force: off if no region could be reserved */
	pid_t pid; /* of the process that owns the memory; a vfork child has another */
	uint64_t start_ns; /* the start by CLOCK_MONOTONIC */
	int64_t start_time_s; /* the start by CLOCK_REALTIME */
	char program[64]; /* the last part of the executable's path */
	char texts[8192]; /* the values of the options, each with a NUL: programs overwrite their environment */
};

extern struct tp_process tp_process;

/*
 * Fill tp_process from the environment, the kernel and the clocks. Allocates nothing. Warns of wrong options, and
 * under TIDEPOOL_STRICT ends the program after the warnings.
 */
void tp_process_start(void);

/* End the program with exit status 2 if TIDEPOOL_STRICT is 1. Called after the warning of a wrong option. */
void tp_process_refuse_wrong_option(void);

/*
 * Return whether the caller is the process that tp_process.pid names. A vfork child is not: the memory is its parent's.
 * Nor is a child that was forked past our handlers, by _Fork or the system call. Cost: a system call.
 */
bool tp_process_owns_memory(void);

/* Return the name of the mode in force: pool, count or off. */
const char *tp_process_mode_name(void);

/* Return the nanoseconds between two lines of statistics; 0: none are written, as that takes an interval and a file. */
uint64_t tp_process_interval_ns(void);

#endif
