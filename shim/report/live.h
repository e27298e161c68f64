/*
 * Live: the counters in a file that others may map while the program runs.
 *
 *   struct tp_live_header   who this is, and the names of the words that follow
 *   words of the process    as the first line of names says
 *   words of each class     as the second says, class_count times
 *
 * The words are written once a tick under a seqlock: sequence is odd meanwhile. A
 * reader copies them and keeps the copy if sequence was even before and is the same
 * after. Nothing here waits; without the option only a test of it is ever run.
 */
#ifndef TP_LIVE_H
#define TP_LIVE_H

#include <stdatomic.h>
#include <stdint.h>

#define TP_LIVE_MAGIC "TPLIVE1"
#define TP_LIVE_HEADER_BYTES 4096U

/* The numbers are the machine's own; scripts/commands/live_file.py reads them. */
struct tp_live_header {
	char magic[8];
	uint32_t header_bytes; /* where the words begin */
	uint32_t pid;
	uint32_t process_word_count;
	uint32_t class_word_count;
	uint32_t class_count;
	uint32_t unused; /* zero */
	uint64_t tick_ns;
	uint64_t start_ns; /* CLOCK_MONOTONIC */
	int64_t start_time_s; /* CLOCK_REALTIME */
	_Atomic uint64_t sequence;
	char version[16];
	char program[64];
	char names[TP_LIVE_HEADER_BYTES - 144]; /* by spaces, a line for the process and one for the classes */
};

/* Make the file that TIDEPOOL_LIVE names. Where that fails: one line. Called once, from the constructor. */
void tp_live_start(void);

/* In a forked child: a file of its own, at its first tick, if the name has a %p; none otherwise. */
void tp_live_start_child(void);

/* The process ends: remove its file, unless another one has taken the name. */
void tp_live_end(void);

#endif
