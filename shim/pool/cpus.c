/* The CPUs: creating their caches, turning, dozing, closing. See cpus.h. */
#include "shim/pool/cpus.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/arch/rseq.h"
#include "shim/base/hot.h"
#include "shim/heap/pagemap.h"
#include "shim/heap/region.h"
#include "shim/heap/size_classes.h"

#define CPU_MASK_WORDS 1024U /* room for 65,536 CPUs */
#define RETRY_FAILED 256U /* when memory is short, the kernel is asked by one slow path in so many */
#define UNKNOWN_CPUS 64U /* the count of CPU numbers if the kernel does not say it */

_Static_assert(UNKNOWN_CPUS % TP_PAGEMAP_OWNERS == 0 && 64 % TP_PAGEMAP_OWNERS == 0,
    "the count of numbers is a multiple of the owners: the kernel's mask has words of 64 bits");

enum tp_cpus_guard tp_cpus_guard;
bool tp_cpus_are_shared;

/* A closed cache of only those words that a pop reads. Nothing is put before start: there is no region. */
static const uint64_t closed_words[TP_CACHE_CLOSED_SLOT + 1] = {
	[1 ... TP_CACHE_STACKS + TP_CLASS_SLOW_GET] = TP_CACHE_CLOSED,
	[TP_CACHE_CLOSED_SLOT] = TP_STACK_END,
};
struct tp_cache *const tp_hot_before_start[1] = { (struct tp_cache *)(uintptr_t)closed_words };

/* Arrays of number_count entries, by CPU number. Sections read the one that tp_hot_primary points to. */
static unsigned number_count;
static struct tp_cpu *_Atomic no_cpus[1];
static struct tp_cpu *_Atomic *cpus = no_cpus; /* no_cpus until start has found memory */
static struct tp_cache *_Atomic *caches[TP_CPUS_GENERATIONS]; /* caches that have begun, or the closed one */
static struct tp_cache *_Atomic *closed_caches; /* the closed cache for every number, for good */

/*
 * Guards the primary generation and tp_hot_primary, which change together. Without the lock, a wake could read which
 * generation is primary, wait while a turn makes it victim, and then lead sections to it.
 */
struct tp_lock tp_cpus_lock;
static _Atomic unsigned primary;
static intptr_t open_offset; /* what tp_hot_rseq_offset is while the pools are open */
static bool numbers_stay; /* the only thread of a program keeps its number when it is moved: the number is an mm_cid */

/*
 * A count that every CPU number is below: the bits of the kernel's CPU mask. 0: unknown.
 * Source: sched_getaffinity(2), "C library/kernel differences".
 */
static unsigned possible_cpus(void)
{
	unsigned long mask[CPU_MASK_WORDS];
	long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);

	return bytes > 0 ? (unsigned)bytes * 8 : 0;
}

static void *map_pages(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static bool membarrier(int command)
{
	int saved_errno = errno;
	bool done = syscall(SYS_membarrier, command, 0, 0) == 0;

	errno = saved_errno;
	return done;
}

/*
 * Wait until no section works on what was published before. Returns false if the kernel refuses.
 * A program with one thread needs no fence: its thread is here and not in a section, and a section that a signal
 * handler interrupted has been aborted. Such a program may be in a sandbox that would kill it for the call.
 */
static bool fence(void)
{
	return tp_cpus_guard == TP_CPUS_LOCK || __libc_single_threaded ||
	       membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ);
}

/* Lead sections to these caches, from the next section on. */
static void publish(struct tp_cache *_Atomic *array)
{
	/* release: the entries are there first; sections load tp_hot_primary and then an entry, in this order on x86 */
	__atomic_store_n(&tp_hot_primary, (struct tp_cache *const *)array, __ATOMIC_RELEASE);
}

bool tp_cpus_start(bool open)
{
	unsigned possible = possible_cpus();

	unsigned count = possible ? possible : UNKNOWN_CPUS;
	struct tp_cache *_Atomic *arrays = map_pages(4 * count * sizeof *arrays + sizeof(struct tp_cache));
	if (!arrays)
		return false; /* number_count stays 0, so that no CPU ever has caches */
	number_count = count;
	closed_caches = arrays;
	caches[0] = arrays + number_count;
	caches[1] = arrays + 2 * number_count;
	cpus = (struct tp_cpu * _Atomic *)(arrays + 3 * number_count);
	/* What every CPU has until its first slow path. All stacks are closed, so any bytes do as routes. */
	struct tp_cache *closed = (struct tp_cache *)(arrays + 4 * number_count);
	tp_cache_init(closed, (const int8_t *)tp_hot_class_map);
	for (unsigned i = 0; i < 3 * number_count; i++)
		atomic_init(&arrays[i], closed);
	publish(caches[0]);
	if (!open)
		return true;
	intptr_t cpu_offset;
	/* Sections do not check the CPU's number against the arrays, so without a bound of the numbers none may run. */
	if (possible && tp_rseq_find_registration(&open_offset, &cpu_offset, &numbers_stay) &&
	    membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ)) {
		tp_cpus_guard = TP_CPUS_RSEQ;
		tp_hot_cpu_offset = cpu_offset;
		tp_cpus_open();
	}
	return true;
}

void tp_cpus_open(void)
{
	__atomic_store_n(&tp_cpus_are_shared, false, __ATOMIC_RELAXED);
	if (tp_cpus_guard == TP_CPUS_RSEQ)
		__atomic_store_n(&tp_hot_rseq_offset, open_offset, __ATOMIC_RELEASE); /* after tp_hot_cpu_offset */
}

void tp_cpus_close(void)
{
	__atomic_store_n(&tp_cpus_are_shared, true, __ATOMIC_RELAXED);
	if (tp_cpus_guard == TP_CPUS_RSEQ)
		/* seq_cst: no section begins any more when the caller creates the child */
		__atomic_store_n(&tp_hot_rseq_offset, tp_hot_absent_offset, __ATOMIC_SEQ_CST);
}

const char *tp_cpus_guard_name(void)
{
	return tp_cpus_guard == TP_CPUS_RSEQ ? "rseq" : "lock";
}

bool tp_cpus_usable(void)
{
	return tp_cpus_guard == TP_CPUS_LOCK || tp_rseq_cpu() >= 0;
}

bool tp_cpus_restore_registration(void)
{
	return tp_cpus_guard == TP_CPUS_LOCK || tp_rseq_register(open_offset);
}

unsigned tp_cpus_number_count(void)
{
	return number_count;
}

/* The number of this CPU without rseq; negative if the kernel refuses to say it. errno is kept. */
static int number_of_cpu(void)
{
	int saved_errno = errno, cpu = sched_getcpu();

	if (cpu < 0)
		errno = saved_errno;
	return cpu;
}

unsigned tp_cpus_current_number(void)
{
	int cpu = tp_cpus_guard == TP_CPUS_RSEQ ? tp_rseq_cpu() : tp_cpus_thread_is_alone() ? 0 : number_of_cpu();

	return cpu < 0 || (unsigned)cpu >= number_count ? 0 : (unsigned)cpu;
}

unsigned tp_cpus_owner(void)
{
	/*
	 * An owner keeps two CPUs from writing to one line. A program with one thread gains nothing by it, and its
	 * objects would become remote when the thread is moved, if its number changes then.
	 */
	if (tp_cpus_guard == TP_CPUS_LOCK || (!numbers_stay && __libc_single_threaded))
		return TP_PAGEMAP_NO_OWNER;
	return tp_cpus_current_number() % TP_PAGEMAP_OWNERS;
}

struct tp_cpu *tp_cpus_at(unsigned number)
{
	/* acquire: pairs with the release in tp_cpus_ensure */
	return atomic_load_explicit(&cpus[number], memory_order_acquire);
}

unsigned tp_cpus_primary(void)
{
	/* acquire: pairs with the release in make_primary */
	return atomic_load_explicit(&primary, memory_order_acquire);
}

/*
 * Begin a CPU's cache of a generation, and lead sections to it; before that they find the closed cache. This order
 * matters in a generation that is not primary too: a late section may still read its array.
 */
static void begin_cache(struct tp_cpu *cpu, unsigned number, unsigned generation)
{
	if (tp_cache_has_begun(cpu->caches[generation]))
		return;
	tp_cache_init(cpu->caches[generation], tp_pagemap_routes(number % TP_PAGEMAP_OWNERS));
	/* release: the cache has begun first; sections load the entry and then the cache, in this order on x86 */
	atomic_store_explicit(&caches[generation][number], cpu->caches[generation], memory_order_release);
}

/*
 * Map memory for what a CPU has, and begin its routes. Returns NULL when there is no memory: after a failure most slow
 * paths get NULL without asking the kernel again.
 */
static char *map_cpu(unsigned number, size_t bytes)
{
	static _Atomic unsigned failures; /* NULLs returned */
	unsigned failed = atomic_load_explicit(&failures, memory_order_relaxed);
	char *memory = NULL;

	if (failed % RETRY_FAILED == 0 &&
	    (tp_cpus_guard == TP_CPUS_LOCK || tp_pagemap_begin_routes(number % TP_PAGEMAP_OWNERS)))
		memory = map_pages(bytes);
	if (!memory)
		atomic_store_explicit(&failures, failed + 1, memory_order_relaxed);
	return memory;
}

enum tp_cpus_ensured tp_cpus_ensure(void)
{
	unsigned number = tp_cpus_current_number();

	if (tp_cpus_at(number))
		return TP_CPUS_PRESENT;
	if (number_count == 0)
		return TP_CPUS_NO_MEMORY;
	/* For each generation the cache and the overflow's slots, in whole pages; struct tp_cpu comes after these. */
	size_t generation_bytes = TP_CACHE_BYTES + tp_overflow_bytes();
	size_t slot_bytes = TP_CPUS_GENERATIONS * generation_bytes;
	size_t bytes = slot_bytes + sizeof(struct tp_cpu);
	char *memory = map_cpu(number, bytes);
	if (!memory)
		return TP_CPUS_NO_MEMORY;
	struct tp_cpu *cpu = (struct tp_cpu *)(memory + slot_bytes);
	for (unsigned generation = 0; generation < TP_CPUS_GENERATIONS; generation++) {
		char *slots = memory + generation * generation_bytes;

		cpu->caches[generation] = (struct tp_cache *)slots;
		cpu->overflow[generation].slots = (void **)(slots + TP_CACHE_BYTES);
	}
	/* Fork holds the lock, so that no cache, with a lock in it, comes after fork has taken them all. */
	tp_lock_acquire(&tp_cpus_lock);
	bool first = !tp_cpus_at(number);
	if (first) {
		if (tp_cpus_guard == TP_CPUS_RSEQ)
			tp_pagemap_complete_routes(tp_classes.row, number % TP_PAGEMAP_OWNERS);
		begin_cache(cpu, number, tp_cpus_primary());
		/* release: pairs with the acquire in tp_cpus_at */
		atomic_store_explicit(&cpus[number], cpu, memory_order_release);
	}
	tp_lock_release(&tp_cpus_lock);
	if (!first)
		munmap(memory, bytes); /* another thread was faster */
	return first ? TP_CPUS_CREATED : TP_CPUS_PRESENT;
}

/* Begin what has not begun of a generation, and lead sections to it. */
static void make_primary(unsigned generation)
{
	tp_lock_acquire(&tp_cpus_lock);
	for (unsigned number = 0; number < number_count; number++) {
		struct tp_cpu *cpu = tp_cpus_at(number);

		if (cpu)
			begin_cache(cpu, number, generation);
	}
	/* release: pairs with the acquire in tp_cpus_primary */
	atomic_store_explicit(&primary, generation, memory_order_release);
	publish(caches[generation]);
	tp_lock_release(&tp_cpus_lock);
}

bool tp_cpus_turn(void)
{
	unsigned old = tp_cpus_primary();

	make_primary(old ^ 1);
	if (fence())
		return true;
	/* Sections of both generations may be under way, and nothing else works on the stacks of either: no fence. */
	make_primary(old);
	return false;
}

bool tp_cpus_is_empty(void)
{
	for (unsigned number = 0; number < number_count; number++) {
		struct tp_cpu *cpu = tp_cpus_at(number);

		for (int i = TP_CLASS_STACK_MIN; cpu && i <= TP_CLASS_STACK_MAX; i++)
			for (unsigned generation = 0; generation < TP_CPUS_GENERATIONS; generation++)
				if (!tp_cache_is_empty(cpu->caches[generation], i) ||
				    tp_cpus_overflown(cpu, generation, i) != 0)
					return false;
	}
	return true;
}

void tp_cpus_close_stacks(void)
{
	tp_lock_acquire(&tp_cpus_lock);
	publish(closed_caches);
	tp_lock_release(&tp_cpus_lock);
}

bool tp_cpus_doze(void)
{
	if (tp_cpus_guard == TP_CPUS_LOCK)
		return tp_cpus_is_empty(); /* every get and put takes the slow path anyway, and wakes */
	tp_cpus_close_stacks();
	if (fence() && tp_cpus_is_empty())
		return true;
	tp_cpus_wake();
	return false;
}

void tp_cpus_wake(void)
{
	tp_lock_acquire(&tp_cpus_lock);
	publish(caches[tp_cpus_primary()]);
	tp_lock_release(&tp_cpus_lock);
}

unsigned tp_cpus_in_use(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < number_count; i++)
		count += tp_cpus_at(i) != NULL;
	return count;
}

void tp_cpus_each_cache_lock(void (*action)(struct tp_lock *lock))
{
	for (unsigned i = 0; i < number_count; i++) {
		struct tp_cpu *cpu = tp_cpus_at(i);

		if (!cpu)
			continue;
		for (unsigned generation = 0; generation < TP_CPUS_GENERATIONS; generation++) {
			action(&cpu->caches[generation]->lock);
			action(&cpu->overflow[generation].lock);
		}
	}
}
