/*
 * Start: from the first call of any entry point to a working library.
 *
 * tp_start may be the first thing that runs in the process, before libc's and any
 * other constructor. What needs more of libc waits for our own constructor.
 */
#ifndef TP_START_H
#define TP_START_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "policy/options.h"

/* The state of the process; written during start and in a forked child, read anywhere. */
struct tp_process {
	struct tp_options options;
	enum tp_mode mode;          /* in force: off where no region could be had */
	pid_t pid;                  /* of the process that counts; a vfork child's differs */
	uint64_t start_ns;          /* CLOCK_MONOTONIC */
	int64_t start_time_s;       /* CLOCK_REALTIME */
	char program[64];           /* last part of the executable's path */
	char texts[2048];           /* the options' values, as programs overwrite their environment */
};

extern struct tp_process tp_process;

/*
 * Make the library work. Idempotent; every slow path calls it first.
 * Threads: any; those that come while another one starts wait for it.
 */
void tp_start(void);

/* The reading of CLOCK_MONOTONIC in nanoseconds. */
uint64_t tp_start_now_ns(void);

#endif
