/*
 * The CPUs: which CPU numbers have caches, and which generation of caches is primary.
 *
 * Owns the caches and overflows of every CPU, tp_hot_primary, and the lock under which the primary generation changes.
 * Any thread may call. At every line of a caller the thread may be moved to another CPU; a CPU's number is only a hint.
 * No function here may free a CPU's caches or leave NULL among the caches that sections read.
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

/*
 * What one CPU has: two generations, each of a cache and an overflow. Created on the CPU's first slow path, and kept.
 *
 * One generation is primary, the same on all CPUs. A turn (tick/turn.h) makes generation B primary after A:
 *
 *   step         stacks of A                              stacks of B
 *   (before)     primary: sections push and pop           victims: any thread takes under the lock, no thread puts
 *   drain, seal  the same                                 emptied, then all closed; no thread takes any more
 *   turn         late sections may still end here         primary: all closed, each opens when it is first wanted
 *   fence        no section works here                    primary
 *   open         victims                                  primary
 *
 * A section is late if it read tp_hot_primary before the turn. The fence aborts late sections, or waits for their end.
 * Without rseq the stacks of the primary generation are pushed and popped under the lock of their cache.
 * The overflows of both generations are always under their locks.
 */
struct tp_cpu {
	struct tp_cache *caches[TP_CPUS_GENERATIONS];
	_Atomic uint64_t reserved_bytes; /* bytes that the budget of this CPU counts (budget.h) */
	struct tp_overflow overflow[TP_CPUS_GENERATIONS];
};

/* What guards the stacks of the primary generation: the lock of their cache, or sections. */
enum tp_cpus_guard { TP_CPUS_LOCK, TP_CPUS_RSEQ };

/* The guard in force. Written once, by tp_cpus_start. */
extern enum tp_cpus_guard tp_cpus_guard;

/* Whether the pools are closed: a child that is no thread shares the memory. Written by tp_cpus_close and _open. */
extern bool tp_cpus_are_shared;

/* Return the name of the guard: rseq or lock. */
const char *tp_cpus_guard_name(void);

/*
 * Choose the guard, and make room for the caches of every CPU number. Called once, by tp_start.
 * @open: whether to pool at all; otherwise no section ever begins.
 * Returns false when there is no memory; there are no CPU numbers then.
 */
bool tp_cpus_start(bool open);

/* What tp_cpus_ensure found or did. */
enum tp_cpus_ensured { TP_CPUS_NO_MEMORY, TP_CPUS_PRESENT, TP_CPUS_CREATED };

/* Create the caches of the CPU on which the thread runs, if it has none. Threads: any, holding no lock. */
enum tp_cpus_ensured tp_cpus_ensure(void);

/*
 * Close the pools, or open them again. While they are closed, no thread begins a section; a section under way ends on
 * its own CPU. Two calls of close need one call of open: the caller counts (host/vfork.h), and serializes the calls.
 */
void tp_cpus_close(void);
void tp_cpus_open(void);

/*
 * Return whether this thread may use its CPU's stacks now: the pools are open and the thread has an rseq registration.
 * Always true without rseq: a lock guards the stacks against a child that shares the memory, too.
 */
bool tp_cpus_usable(void);

/* Return how many objects of a stack's class lie in an overflow of @cpu. 0 for a stack of remotes: those have none. */
static inline size_t tp_cpus_overflown(struct tp_cpu *cpu, unsigned generation, int stack)
{
	return stack < 0 ? 0 : tp_overflow_depth(&cpu->overflow[generation], (unsigned)stack);
}

/* Return the count of CPU numbers, a multiple of TP_PAGEMAP_OWNERS. The numbers are below it. 0 before start. */
unsigned tp_cpus_number_count(void);

/* Return what the CPU of a number has, or NULL: no slow path has run there yet. */
struct tp_cpu *tp_cpus_at(unsigned number);

/* Return the number of the CPU on which this thread runs. A hint, as the thread may be moved. */
unsigned tp_cpus_current_number(void);

/*
 * Return whether no other thread can take a lock until the caller has returned. A signal handler could start a
 * thread, but may not. Only without rseq.
 */
static inline bool tp_cpus_thread_is_alone(void)
{
	/* relaxed: a thread that is alone wrote the word itself, and any other answer is safe */
	return __libc_single_threaded && !__atomic_load_n(&tp_cpus_are_shared, __ATOMIC_RELAXED);
}

/*
 * Return the owner whose slabs serve this thread: its CPU's number modulo TP_PAGEMAP_OWNERS. A hint.
 * Returns TP_PAGEMAP_NO_OWNER without rseq, and for a program with one thread if its number changes with the CPU.
 */
unsigned tp_cpus_owner(void);

/* Return how many CPU numbers have caches. */
unsigned tp_cpus_in_use(void);

/* Return the primary generation: 0 or 1. */
unsigned tp_cpus_primary(void);

/*
 * Make the other generation primary, and wait until no section works on the old one. Ends a doze.
 * The caller holds tp_turn_lock, and has drained and sealed the other generation.
 * Returns false if the kernel refuses the fence. The old generation is then primary again; what sections have put on
 * the other one meanwhile stays there until that generation is primary.
 * Source: membarrier(2), MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ.
 */
bool tp_cpus_turn(void);

/* Return whether no stack and no overflow holds an object. A hint while other threads run. */
bool tp_cpus_is_empty(void);

/*
 * Refuse every fast path if nothing is held anywhere. The next get or put of any thread then takes the slow path,
 * which sees that the timer's thread has to be woken (tick/timer.h). The caller holds tp_turn_lock.
 * Returns whether the pools doze.
 */
bool tp_cpus_doze(void);

/* End a doze: sections work on the primary generation again. Cost: a lock and one store. */
void tp_cpus_wake(void);

/* Refuse every fast path as in a doze, without the check and the fence. For a forked child, which has one thread. */
void tp_cpus_close_stacks(void);

/* Held while a CPU gets its caches, and while the primary generation changes. For fork. */
extern struct tp_lock tp_cpus_lock;

/* Apply @action to the lock of every cache and overflow. The caller holds tp_cpus_lock, so that no new ones come. */
void tp_cpus_each_cache_lock(void (*action)(struct tp_lock *lock));

/*
 * Give this thread its rseq registration back if it has none. For a forked child whose parent had the pools closed.
 * Returns whether the thread is registered; true without rseq, where no thread needs to be.
 */
bool tp_cpus_restore_registration(void);

#endif
