/*
 * Statistics: what the counters of caches, slabs and backend add up to.
 *
 * Read without locks, so that shim/report/dump.c works in a signal handler and at the end of a
 * program whose threads still run; exact when nothing else runs. The counters and
 * their meaning: policy/stats.def.
 */
#ifndef TP_STATS_H
#define TP_STATS_H

#include <stdint.h>

#include "shim/heap/large.h"

/* One class's counters, or their sum. */
struct tp_stats_row {
#define TP_STAT(field, group, name, column, help) uint64_t field;
#include "policy/stats.def"
};

/* Requests over the largest pooled size. */
struct tp_stats_large {
	uint64_t gets;
	uint64_t puts;
	uint64_t bytes;
	uint64_t live_bytes;
};

/* Read the counters of a class since this process began. */
void tp_stats_read(unsigned class_index, struct tp_stats_row *row);
void tp_stats_read_large(struct tp_stats_large *large);

/*
 * The same since the program began, also in a forked child: what is out now is
 * a difference that only these have.
 */
void tp_stats_read_whole(unsigned class_index, struct tp_stats_row *row);
void tp_stats_read_large_whole(struct tp_stats_large *large);

/* A forked child counts from zero: remember what the parent had. */
void tp_stats_start_child(void);

#endif
