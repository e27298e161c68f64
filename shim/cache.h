/*
 * Per-CPU caches: for each class a stack of free objects and one header word.
 *
 *   word 0..64    headers   | ops (48 bits) | slot index (16 bits) |
 *   word 65..510  lock of the fallback, unused
 *   word 511      NULL: what a closed class "pops"
 *   word 512 * c .. 512 * c + 511   slots of class c
 *
 *        512c          bottom                slot            512(c+1)
 *         |  untouched  | NULL | obj | obj | obj | free ...   |
 *
 * A push adds 1 + 2^16 to the header, a pop -1 + 2^16. Full: slot is a multiple
 * of 512. Empty: the value below slot is NULL. Closed: slot is 512 itself.
 * Caches are created when first used and live as long as the process.
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

struct tp_cache {
	_Atomic uint64_t headers[TP_CLASS_COUNT];
	struct tp_lock lock; /* used only where there is no rseq */
	uint32_t unused;
	void *_Atomic rest[TP_CACHE_STRIDE - TP_CLASS_COUNT - 1];
	void *_Atomic slots[(TP_CLASS_COUNT - 1) * TP_CACHE_STRIDE];
};

enum tp_cache_mode { TP_CACHE_LOCK, TP_CACHE_RSEQ };

/* How the caches are guarded; written once, by tp_cache_start. */
extern enum tp_cache_mode tp_cache_mode;

/* The table that the hot path reads until tp_cache_start. */
extern struct tp_cache *const tp_cache_before_start[1] __attribute__((visibility("hidden")));

/*
 * Find out whether this process has rseq and set up the table of caches.
 * Returns false when there is no memory for the table. @open: whether to pool at all.
 */
bool tp_cache_start(bool open);

/* Create the cache of the CPU the thread runs on, if it has none. Returns false without memory. */
bool tp_cache_ensure(void);

/* Close the pools to every thread, and open them again. Nests by the caller's count. */
void tp_cache_close(void);
void tp_cache_open(void);

/* Whether this thread may use its CPU's cache now. */
bool tp_cache_usable(void);

/* Pop, push, fill and empty for either mode; the meaning of shim/arch's sections. */
void *tp_cache_pop_slow(unsigned class_index);
bool tp_cache_push_slow(unsigned class_index, void *object);
size_t tp_cache_fill(unsigned class_index, void *const *objects, size_t count);
size_t tp_cache_empty(unsigned class_index, void **objects, size_t count);

/* Sums over all caches of one class. */
struct tp_cache_counts {
	uint64_t operations; /* pops and pushes, since the process began */
	uint64_t depth; /* objects in the stacks now */
};
void tp_cache_read_counts(unsigned class_index, struct tp_cache_counts *counts);

/* How many caches exist. */
unsigned tp_cache_count(void);

void tp_cache_lock_all(void);
void tp_cache_unlock_all(void);
void tp_cache_reset_locks(void);

/* A forked child whose parent had the pools closed: whether this thread is registered. */
bool tp_cache_restore_registration(void);

static inline unsigned tp_cache_bottom(const struct tp_class *c, unsigned class_index)
{
	return (class_index + 1) * TP_CACHE_STRIDE - c->capacity;
}

#endif
