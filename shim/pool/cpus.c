/* The table: creation, turning, dozing. See table.h. */
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
#define RETRY_FAILED 256U
#define UNKNOWN_CPUS 64U /* caches where the number of CPUs cannot be had */

_Static_assert(UNKNOWN_CPUS % TP_PAGEMAP_OWNERS == 0 && 64 % TP_PAGEMAP_OWNERS == 0, "the kernel's mask is of such words");

enum tp_cpus_guard tp_cpus_guard;
bool tp_cpus_are_shared;

/* Only the words that a pop reads exist: there is no region yet, and so no put. */
static const uint64_t closed_words[TP_CACHE_CLOSED_SLOT + 1] = {
	[1 ... TP_CACHE_STACKS + TP_CLASS_SLOW_GET] = TP_CACHE_CLOSED,
	[TP_CACHE_CLOSED_SLOT] = TP_STACK_END,
};
struct tp_cache *const tp_hot_before_start[1] = { (struct tp_cache *)(uintptr_t)closed_words };

/* By CPU number: its caches; its stacks of each generation; and a table that is closed for good. */
static unsigned number_count;
static struct tp_cpu *_Atomic no_cpus[1];
static struct tp_cpu *_Atomic *cpus = no_cpus; /* until start, and where that found no memory */
static struct tp_cache *_Atomic *caches[TP_CPUS_GENERATIONS];
static struct tp_cache *_Atomic *closed_stacks;

/*
 * Which generation is primary, and that the hot path's table is its. A wake that
 * read the one and wrote the other over a turn would let sections loose on victims.
 */
struct tp_lock tp_cpus_lock;
static _Atomic unsigned primary;
static intptr_t open_offset;
static bool numbers_stay; /* a program with one thread has one number, wherever it runs */

/*
 * An upper bound of the CPU numbers: the bytes of the kernel's CPU mask. 0: unknown.
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
 * Wait until no section works on what was published before. A program with one
 * thread needs none, and may be in a sandbox that would kill it for the call: this
 * thread is in no section, as it is here, and an interrupted one has been aborted.
 */
static bool fence(void)
{
	return tp_cpus_guard == TP_CPUS_LOCK || __libc_single_threaded ||
	       membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ);
}

static void publish_table(struct tp_cache *_Atomic *table)
{
	/* release: the entries are there before the table is; sections read it plainly */
	__atomic_store_n(&tp_hot_primary, (struct tp_cache *const *)table, __ATOMIC_RELEASE);
}

bool tp_cpus_start(bool open)
{
	unsigned possible = possible_cpus();

	unsigned count = possible ? possible : UNKNOWN_CPUS;
	struct tp_cache *_Atomic *tables = map_pages(4 * count * sizeof *tables + sizeof(struct tp_cache));
	if (!tables)
		return false; /* and there are no numbers */
	number_count = count;
	closed_stacks = tables;
	caches[0] = tables + number_count;
	caches[1] = tables + 2 * number_count;
	cpus = (struct tp_cpu * _Atomic *)(tables + 3 * number_count);
	/* What every CPU has until its first slow path: all classes closed, so that any routes do. */
	struct tp_cache *closed = (struct tp_cache *)(tables + 4 * number_count);
	tp_cache_init(closed, (const int8_t *)tp_hot_class_map);
	for (unsigned i = 0; i < 3 * number_count; i++)
		atomic_init(&tables[i], closed);
	publish_table(caches[0]);
	if (!open)
		return true;
	intptr_t cpu_offset;
	/* Sections do not check the number, so without a bound there are none. */
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
		__atomic_store_n(&tp_hot_rseq_offset, open_offset, __ATOMIC_RELEASE);
}

void tp_cpus_close(void)
{
	__atomic_store_n(&tp_cpus_are_shared, true, __ATOMIC_RELAXED);
	if (tp_cpus_guard == TP_CPUS_RSEQ)
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

/* Without rseq. Keeps errno, where the kernel refuses to say. */
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
	/* Until there is a second thread, nobody shares a line with anybody, but the one may be moved. */
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
	return atomic_load_explicit(&primary, memory_order_acquire);
}

/* In the table of a generation only what has begun may stand, even in one that is not primary: a section may be late. */
static void begin_stacks(struct tp_cpu *cpu, unsigned number, unsigned generation)
{
	if (tp_cache_has_begun(cpu->caches[generation]))
		return;
	tp_cache_init(cpu->caches[generation], tp_pagemap_routes(number % TP_PAGEMAP_OWNERS));
	atomic_store_explicit(&caches[generation][number], cpu->caches[generation], memory_order_release);
}

/*
 * Memory for what a CPU has, and for its routes. Under a limit that is reached, not every slow path asks the kernel
 * again.
 */
static char *map_cpu(unsigned number, size_t bytes)
{
	static _Atomic unsigned failures;
	unsigned failed = atomic_load_explicit(&failures, memory_order_relaxed);
	char *memory = NULL;

	if (failed % RETRY_FAILED == 0 && (tp_cpus_guard == TP_CPUS_LOCK || tp_pagemap_begin_routes(number % TP_PAGEMAP_OWNERS)))
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
	/* The slots on pages of their own, what the CPU has of them behind. */
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
	/* Under the lock, so that fork, which holds it, knows every lock that there is. */
	tp_lock_acquire(&tp_cpus_lock);
	bool first = !tp_cpus_at(number);
	if (first) {
		if (tp_cpus_guard == TP_CPUS_RSEQ)
			tp_pagemap_complete_routes(tp_classes.row, number % TP_PAGEMAP_OWNERS);
		begin_stacks(cpu, number, tp_cpus_primary());
		atomic_store_explicit(&cpus[number], cpu, memory_order_release);
	}
	tp_lock_release(&tp_cpus_lock);
	if (!first)
		munmap(memory, bytes);
	return first ? TP_CPUS_CREATED : TP_CPUS_PRESENT;
}

static void make_primary(unsigned generation)
{
	tp_lock_acquire(&tp_cpus_lock);
	for (unsigned number = 0; number < number_count; number++) {
		struct tp_cpu *cpu = tp_cpus_at(number);

		if (cpu)
			begin_stacks(cpu, number, generation);
	}
	atomic_store_explicit(&primary, generation, memory_order_release);
	publish_table(caches[generation]);
	tp_lock_release(&tp_cpus_lock);
}

bool tp_cpus_turn(void)
{
	unsigned old = tp_cpus_primary();

	make_primary(old ^ 1);
	if (fence())
		return true;
	/* Sections of both tables end on their own CPU's stacks, so going back needs no fence. */
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
	publish_table(closed_stacks);
	tp_lock_release(&tp_cpus_lock);
}

bool tp_cpus_doze(void)
{
	if (tp_cpus_guard == TP_CPUS_LOCK)
		return tp_cpus_is_empty(); /* every free passes the slow path, and wakes */
	tp_cpus_close_stacks();
	if (fence() && tp_cpus_is_empty())
		return true;
	tp_cpus_wake();
	return false;
}

void tp_cpus_wake(void)
{
	tp_lock_acquire(&tp_cpus_lock);
	publish_table(caches[tp_cpus_primary()]);
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
