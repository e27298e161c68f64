/*
 * The live file: the counters, in a file that other processes may map while the program runs.
 *
 *   struct tp_live_header   which process this is, and the names of the words that follow
 *   words of the process    as the first line of names says
 *   words of each class     as the second line says, class_count times
 *
 * The words are written once a tick under a seqlock: sequence is odd while they are written. A reader copies them, and
 * keeps the copy if sequence was even before and is the same afterwards. Owns the file and its mapping. Nothing waits.
 */
#ifndef TP_LIVE_H
#define TP_LIVE_H

#include <stdatomic.h>
#include <stdint.h>

#define TP_LIVE_MAGIC "TPLIVE1"
#define TP_LIVE_HEADER_BYTES 4096U

/* Numbers are in the machine's byte order. Read by scripts/tidepool_tools/stats/live_file.py. */
struct tp_live_header {
	char magic[8];
	uint32_t header_bytes; /* from the file's start to the words */
	uint32_t pid;
	uint32_t process_word_count;
	uint32_t class_word_count; /* of one class */
	uint32_t class_count;
	uint32_t unused; /* zero */
	uint64_t tick_ns; /* between two ticks */
	uint64_t start_ns; /* CLOCK_MONOTONIC */
	int64_t start_time_s; /* CLOCK_REALTIME */
	_Atomic uint64_t sequence; /* odd while the words are being written */
	char version[16];
	char program[64];
	char names[TP_LIVE_HEADER_BYTES - 144]; /* split by spaces: a line for the process, then one for the classes */
};

/* Make the file that TIDEPOOL_LIVE names. Called once, by the constructor. Errors: one line, and there is no file. */
void tp_live_start(void);

/* Give up the parent's file, in a forked child. If the name has a %p, the child's first tick makes its own file. */
void tp_live_start_child(void);

/* Remove the file at the end of the process, unless another process has taken its name. */
void tp_live_end(void);

#endif
