/*
 * Per-CPU caches: for each class a stack of free objects and one header word.
 *
 *   word 0..64    headers   | ops (48 bits) | slot index (16 bits) |
 *   word 65..510  lock, whether it is a victim, unused
 *   word 511      NULL: what a closed class "pops"
 *   word 512 * c .. 512 * c + 511   slots of class c
 *
 *        512c          bottom                slot            512(c+1)
 *         |  untouched  | NULL | obj | obj | obj | free ...   |
 *
 * A push adds 1 + 2^16 to the header, a pop -1 + 2^16. Full: slot is a multiple
 * of 512. Empty: the value below slot is NULL. Closed: slot is 512 itself.
 *
 * A CPU has two generations of them, and in each a second cache, the overflow,
 * which only locked code touches. Sections work on the stacks of the primary
 * generation; those of the other are sealed, or open as victims, under their lock.
 */
#ifndef TP_CACHE_H
#define TP_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"
#include "shim/lock.h"

#define TP_CACHE_STRIDE 512U
#define TP_CACHE_CLOSED ((uint64_t)TP_CACHE_STRIDE)
#define TP_CACHE_GENERATIONS 2U

struct tp_cache {
	_Atomic uint64_t headers[TP_CLASS_COUNT];
	struct tp_lock lock;
	_Atomic uint32_t victim; /* under the lock: 1 while others may take from it */
	void *_Atomic rest[TP_CACHE_STRIDE - TP_CLASS_COUNT - 1];
	void *_Atomic slots[(TP_CLASS_COUNT - 1) * TP_CACHE_STRIDE];
};

/* What one CPU has. Created when first used, and kept. */
struct tp_cpu {
	struct tp_cache stacks[TP_CACHE_GENERATIONS];
	struct tp_cache overflow[TP_CACHE_GENERATIONS];
	bool locked_for_fork;
};

enum tp_cache_mode { TP_CACHE_LOCK, TP_CACHE_RSEQ };

/* How the stacks of the primary generation are guarded; written once, by tp_cache_start. */
extern enum tp_cache_mode tp_cache_mode;

/* The table that the hot path reads until tp_cache_start. */
extern struct tp_cache *const tp_cache_before_start[1] __attribute__((visibility("hidden")));

/*
 * Find out whether this process has rseq and the fence for it, and set up the
 * tables. Returns false when there is no memory for them. @open: whether to pool at all.
 */
bool tp_cache_start(bool open);

/* Create the caches of the CPU the thread runs on, if it has none. Returns false without memory. */
bool tp_cache_ensure(void);

/* Close the pools to every thread, and open them again. Nests by the caller's count. */
void tp_cache_close(void);
void tp_cache_open(void);

/* Whether this thread may use its CPU's stacks now. */
bool tp_cache_usable(void);

/* Pop, push, fill and empty the CPU's primary stack, in either mode; as shim/arch's sections. */
void *tp_cache_pop_slow(unsigned class_index);
bool tp_cache_push_slow(unsigned class_index, void *object);
size_t tp_cache_fill(unsigned class_index, void *const *objects, size_t count);
size_t tp_cache_empty(unsigned class_index, void **objects, size_t count);

/* The same for a cache that no section works on. The caller holds its lock. Returns how many. */
size_t tp_cache_put(struct tp_cache *cache, unsigned class_index, void *const *objects, size_t count);
size_t tp_cache_take(struct tp_cache *cache, unsigned class_index, void **objects, size_t count);

/* Objects in a cache's stack of a class. Exact under its lock, else a hint. */
size_t tp_cache_depth(struct tp_cache *cache, unsigned class_index);

/* Move the operations counted in the headers of a sealed cache to the sums. Under its lock. */
void tp_cache_fold(struct tp_cache *cache);

/* CPU numbers run from 0 to below the count; a number's caches, or NULL; this thread's number, a hint. */
unsigned tp_cache_number_count(void);
struct tp_cpu *tp_cache_cpu(unsigned number);
unsigned tp_cache_current_number(void);

/* The generation that is primary: 0 or 1. */
unsigned tp_cache_primary(void);

/*
 * Make the other generation primary and wait until no section works on the old one.
 * Returns false, with all as it was, where the kernel refuses the fence.
 * Source: membarrier(2), MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ.
 */
bool tp_cache_turn(void);

/* Whether no object is held anywhere. A hint, unless it dozes. */
bool tp_cache_is_empty(void);

/*
 * Doze: when nothing is held anywhere, refuse every fast path, so that the next
 * request or free is noticed. Returns whether it dozes. Waking is one store.
 */
bool tp_cache_doze(void);
void tp_cache_wake(void);

/* The refusing alone, without the fence: for a process that has one thread. */
void tp_cache_close_tables(void);

/* Sums over all caches of one class. */
struct tp_cache_counts {
	uint64_t operations; /* pops and pushes on stacks, since the process began */
	uint64_t depth; /* objects in stacks and overflows of both generations now */
};
void tp_cache_read_counts(unsigned class_index, struct tp_cache_counts *counts);

/* How many CPUs have caches. */
unsigned tp_cache_count(void);

/* Take every lock, and release those that were taken: caches may be created in between. */
void tp_cache_lock_all(void);
void tp_cache_unlock_all(void);

/* A forked child whose parent had the pools closed: whether this thread is registered. */
bool tp_cache_restore_registration(void);

static inline unsigned tp_cache_bottom(const struct tp_class *c, unsigned class_index)
{
	return (class_index + 1) * TP_CACHE_STRIDE - c->capacity;
}

#endif
