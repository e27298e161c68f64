/*
 * The process: what is true of it as a whole, from its options to its name.
 *
 * Written during start and in a forked child, by one thread; read anywhere.
 */
#ifndef TP_PROCESS_H
#define TP_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "policy/options.h"

struct tp_process {
	struct tp_options options;
	enum tp_mode mode; /* in force: off where no region could be had */
	pid_t pid; /* of the process that counts; a vfork child's differs */
	uint64_t start_ns; /* CLOCK_MONOTONIC */
	int64_t start_time_s; /* CLOCK_REALTIME */
	char program[64]; /* last part of the executable's path */
	char texts[8192]; /* the options' values, as programs overwrite their environment */
};

extern struct tp_process tp_process;

/*
 * Read the options, the program's name and the clocks. No allocation; output only
 * for wrong options. Does not return when TIDEPOOL_STRICT meets a wrong one.
 */
void tp_process_start(void);

/* End the program with exit status 2 where TIDEPOOL_STRICT is 1: an option was wrong, which has been said. */
void tp_process_refuse_wrong_option(void);

/* Whether the memory is this process's own, and not that of a vfork child's parent. Cost: a system call. */
bool tp_process_owns_memory(void);

/* The word for the mode in force. */
const char *tp_process_mode_name(void);

#endif
