/*
 * The table: which CPU numbers have caches, and which generation is primary.
 *
 * A CPU has two generations of stacks, and in each an overflow, which only locked
 * code touches. Sections work on the stacks of the primary generation; those of the
 * other are sealed, or open as victims, under their lock. Any thread may call.
 */
#ifndef TP_CPUS_H
#define TP_CPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/single_threaded.h>

#include "shim/heap/pagemap.h"
#include "shim/pool/cache.h"
#include "shim/pool/overflow.h"

#define TP_CPUS_GENERATIONS 2U

/* What one CPU has. Created when first used, and kept. */
struct tp_cpu {
	struct tp_cache *caches[TP_CPUS_GENERATIONS];
	_Atomic uint64_t reserved_bytes; /* see budget.h */
	struct tp_overflow overflow[TP_CPUS_GENERATIONS];
};

enum tp_cpus_guard { TP_CPUS_LOCK, TP_CPUS_RSEQ };

/* How the stacks of the primary generation are guarded; written once, by tp_cpus_start. */
extern enum tp_cpus_guard tp_cpus_guard;

/* The pools are closed: children that are no threads share the memory. */
extern bool tp_cpus_are_shared;

/* The word for it: rseq or lock. */
const char *tp_cpus_guard_name(void);

/*
 * Find out whether this process has rseq and the fence for it, and set up the
 * tables. Returns false when there is no memory for them. @open: whether to pool at all.
 */
bool tp_cpus_start(bool open);

/* What tp_cpus_ensure found or did. */
enum tp_cpus_ensured { TP_CPUS_NO_MEMORY, TP_CPUS_PRESENT, TP_CPUS_CREATED };

/* Create the caches of the CPU the thread runs on, if it has none. */
enum tp_cpus_ensured tp_cpus_ensure(void);

/* Close the pools to every thread, and open them again. Nests by the caller's count. */
void tp_cpus_close(void);
void tp_cpus_open(void);

/* Whether this thread may use its CPU's stacks now. */
bool tp_cpus_usable(void);

/* Objects that a generation of @cpu's overflow holds of a stack's class; remotes have no overflow but that of their owner. */
static inline size_t tp_cpus_overflown(struct tp_cpu *cpu, unsigned generation, int stack)
{
	return stack < 0 ? 0 : tp_overflow_depth(&cpu->overflow[generation], (unsigned)stack);
}

/* CPU numbers run from 0 to below the count, a multiple of the owners; a number's caches, or NULL; this thread's number, a hint. */
unsigned tp_cpus_number_count(void);
struct tp_cpu *tp_cpus_at(unsigned number);
unsigned tp_cpus_current_number(void);

/*
 * Whether there is no other thread to be locked out, and will be none until the caller has returned, unless a signal
 * handler starts one, which none may. Only without rseq.
 */
static inline bool tp_cpus_thread_is_alone(void)
{
	return __libc_single_threaded && !__atomic_load_n(&tp_cpus_are_shared, __ATOMIC_RELAXED);
}

/* The owner of what this thread takes from slabs; TP_PAGEMAP_NO_OWNER where nothing is gained by one. */
unsigned tp_cpus_owner(void);

/* How many CPUs have caches. */
unsigned tp_cpus_in_use(void);

/* The generation that is primary: 0 or 1. */
unsigned tp_cpus_primary(void);

/*
 * Make the other generation primary and wait until no section works on the old one.
 * Returns false, with all as it was, where the kernel refuses the fence.
 * Source: membarrier(2), MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ.
 */
bool tp_cpus_turn(void);

/* Whether no object is held anywhere. A hint, unless it dozes. */
bool tp_cpus_is_empty(void);

/*
 * Doze: when nothing is held anywhere, refuse every fast path, so that the next
 * request or free is noticed. Returns whether it dozes. Waking is one store.
 */
bool tp_cpus_doze(void);
void tp_cpus_wake(void);

/* The refusing alone, without the fence: for a process that has one thread. */
void tp_cpus_close_stacks(void);

/* Held while a CPU gets its caches, and while the primary generation changes. For fork. */
extern struct tp_lock tp_cpus_lock;

/* Apply @action to the lock of every cache and overflow. The caller holds tp_cpus_lock, so that there will be no more. */
void tp_cpus_each_cache_lock(void (*action)(struct tp_lock *lock));

/* A forked child whose parent had the pools closed: whether this thread is registered. */
bool tp_cpus_restore_registration(void);

#endif
