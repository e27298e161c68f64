/*
 * The process: what is true of it as a whole, from its options to its name.
 *
 * Written during start and in a forked child, by one thread; read anywhere.
 */
#ifndef TP_PROCESS_H
#define TP_PROCESS_H

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
	char texts[2048]; /* the options' values, as programs overwrite their environment */
};

extern struct tp_process tp_process;

/*
 * Read the options, the program's name and the clocks. No allocation; output only
 * for wrong options. Does not return when TIDEPOOL_STRICT meets a wrong one.
 */
void tp_process_start(void);

/* The reading of CLOCK_MONOTONIC in nanoseconds. */
uint64_t tp_process_now_ns(void);

/* The word for the mode in force. */
const char *tp_process_mode_name(void);

#endif
