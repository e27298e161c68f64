/* Admission: the state of each class, and the log of its changes. See admission.h. */
#include "shim/tick/admission.h"

#include <stdatomic.h>

#include "shim/base/clock.h"
#include "shim/base/process.h"
#include "shim/heap/size_classes.h"
#include "shim/pool/budget.h"
#include "shim/pool/counters.h"
#include "shim/pool/cpus.h"
#include "shim/pool/remote.h"

/*
 * One class: what was decided, and its requests while it is closed. Every access is relaxed: a thread that still sees
 * an old word opens a stack too late or too early, and either is correct.
 */
static struct class_state {
	_Alignas(64) _Atomic uint16_t limit; /* slots a stack may have; 0: not admitted */
	_Atomic uint8_t why; /* enum tp_why */
	_Atomic uint32_t requests; /* on slow paths, since asked_ns */
	_Atomic uint64_t asked_ns; /* CLOCK_MONOTONIC */
	_Atomic uint64_t since_ns; /* since the program's start: when limit or why changed last */
	uint64_t gets, puts, denied_bytes, wanted_bytes; /* at the last tick; under tp_turn_lock */
} states[TP_CLASS_LIMIT];

static uint64_t last_tick_ns; /* CLOCK_MONOTONIC; under tp_turn_lock */

/*
 * The log, a ring. An entry is two words, so a reader may see the old word of one beside the new word of the other.
 * The log is for people, and such an entry does no harm.
 */
static struct {
	_Atomic uint64_t at_ns; /* since the program's start */
	_Atomic uint64_t what; /* object_bytes << 16 | admitted << 8 | why */
} changes[TP_ADMISSION_CHANGES];
static _Atomic uint64_t change_count; /* entries ever made */

/* Put @admitted and @why in force. If they are new, enter them in the log. @now_ns: since the program's start. */
static void apply(unsigned class_index, bool admitted, enum tp_why why, uint64_t now_ns)
{
	const struct tp_class *c = &tp_classes.row[class_index];
	struct class_state *state = &states[class_index];
	uint16_t limit = admitted ? (uint16_t)tp_admission_capacity(c, why) : 0;
	uint16_t old_limit = atomic_exchange_explicit(&state->limit, limit, memory_order_relaxed);
	uint8_t old_why = atomic_exchange_explicit(&state->why, (uint8_t)why, memory_order_relaxed);

	atomic_store_explicit(&state->requests, 0, memory_order_relaxed);
	if (old_limit == limit && old_why == why)
		return;
	uint64_t place = atomic_fetch_add_explicit(&change_count, 1, memory_order_relaxed) % TP_ADMISSION_CHANGES;

	atomic_store_explicit(&state->since_ns, now_ns, memory_order_relaxed);
	atomic_store_explicit(&changes[place].at_ns, now_ns, memory_order_relaxed);
	atomic_store_explicit(&changes[place].what,
	    (uint64_t)c->object_bytes << 16 | (uint64_t)admitted << 8 | (uint64_t)why, memory_order_relaxed);
}

void tp_admission_start(void)
{
	for (unsigned i = 1; i < tp_classes.count; i++) {
		const struct tp_class *c = &tp_classes.row[i];

		/* A class that the policy wants warm is expected to be asked for. */
		bool open = c->mode == TP_CLASS_ALWAYS || (c->mode == TP_CLASS_AUTO && c->warm_count > 0);

		/* Zero means "not admitted, as nothing is known yet". What stays zero is not written and takes no page. */
		if (open)
			states[i].limit = c->capacity;
		if (c->mode != TP_CLASS_AUTO)
			states[i].why = c->mode == TP_CLASS_ALWAYS ? TP_WHY_ALWAYS : TP_WHY_NEVER;
	}
	last_tick_ns = tp_process.start_ns;
}

/* Count a request for a class that is not admitted, and admit the class if many came soon. Returns the limit. */
static unsigned ask_early(unsigned class_index, struct class_state *state)
{
	uint64_t requests = atomic_fetch_add_explicit(&state->requests, 1, memory_order_relaxed) + 1;
	uint64_t admit_per_s = tp_process.options.admit.number;

	if (requests == 1 && admit_per_s != 0) {
		atomic_store_explicit(&state->asked_ns, tp_clock_now_ns(), memory_order_relaxed);
		return 0;
	}
	if (!tp_admission_is_early(requests, 1, admit_per_s))
		return 0; /* even in 1 ns these would be too few, so the clock is not read */
	uint64_t now_ns = tp_clock_now_ns();
	uint64_t elapsed_ns = now_ns - atomic_load_explicit(&state->asked_ns, memory_order_relaxed);

	if (tp_admission_is_early(requests, elapsed_ns, admit_per_s))
		apply(class_index, true, TP_WHY_RATE, now_ns - tp_process.start_ns);
	else
		atomic_store_explicit(&state->requests, 0, memory_order_relaxed);
	return atomic_load_explicit(&state->limit, memory_order_relaxed);
}

unsigned tp_admission_limit(unsigned class_index)
{
	return atomic_load_explicit(&states[class_index].limit, memory_order_relaxed);
}

unsigned tp_admission_ask(unsigned class_index)
{
	struct class_state *state = &states[class_index];
	unsigned limit = tp_admission_limit(class_index);

	/* A class that gave its room to others waits for the next tick; one that the policy forbids stays closed. */
	if (limit != 0 || atomic_load_explicit(&state->why, memory_order_relaxed) == TP_WHY_NEVER ||
	    atomic_load_explicit(&state->why, memory_order_relaxed) == TP_WHY_BUDGET)
		return limit;
	return ask_early(class_index, state);
}

/*
 * Return by how much a counter has risen since @before, and keep its value there. A count that is read while other
 * threads move objects is off by those objects, so it can seem to fall: then the answer is 0.
 */
static uint64_t risen(uint64_t now, uint64_t *before)
{
	uint64_t by = now > *before ? now - *before : 0;

	*before = now;
	return by;
}

/* All the room that a class can have: the stacks and overflows of every CPU that has caches. */
static uint64_t most_bytes(unsigned class_index)
{
	const struct tp_class *c = &tp_classes.row[class_index];

	return (uint64_t)tp_cpus_in_use() * (c->capacity + c->overflow_capacity) * c->object_bytes;
}

/*
 * The room that the budgets refused since the last tick. Threads ask again and again for the same room, so the sum is
 * cut to what the class could still get.
 */
static uint64_t denied_since(unsigned class_index, uint64_t reserved_bytes)
{
	uint64_t denied = risen(tp_budget_denied_bytes(class_index), &states[class_index].denied_bytes);
	uint64_t most = most_bytes(class_index);
	uint64_t left = most > reserved_bytes ? most - reserved_bytes : 0;

	return denied < left ? denied : left;
}

/* Collect what the policy has to know of a class, over the time since the last tick. */
static void describe(unsigned class_index, struct tp_admission_class *described)
{
	struct class_state *state = &states[class_index];
	struct tp_counters_row row;
	struct tp_counters_stack stack;
	struct tp_remote_counts remote;

	tp_counters_read_whole(class_index, &row);
	tp_counters_read_stack(TP_CLASS_STACK(class_index), &stack);
	tp_remote_read_counts(class_index, &remote);
	uint64_t reserved_bytes = (stack.reserved + remote.reserved) * tp_classes.row[class_index].object_bytes;
	*described = (struct tp_admission_class){
		.gets = risen(row.gets, &state->gets),
		.puts = risen(row.puts, &state->puts),
		.live = row.gets > row.puts ? row.gets - row.puts : 0,
		.reserved_bytes = reserved_bytes,
		.denied_bytes = denied_since(class_index, reserved_bytes),
		.wanted_bytes = state->wanted_bytes,
		.object_bytes = tp_classes.row[class_index].object_bytes,
		.mode = tp_classes.row[class_index].mode,
		.admitted = atomic_load_explicit(&state->limit, memory_order_relaxed) != 0,
		.why = atomic_load_explicit(&state->why, memory_order_relaxed),
	};
}

/* The bytes that both budgets allow: the whole one, and that of one CPU times the CPUs that have caches. */
static uint64_t max_bytes(void)
{
	uint64_t max = tp_process.options.max.number;
	uint64_t max_cpus = tp_process.options.max_cpu.number * tp_cpus_in_use();

	return max < max_cpus ? max : max_cpus;
}

void tp_admission_tick(void)
{
	uint64_t now_ns = tp_clock_now_ns();
	static struct tp_admission_class classes[TP_CLASS_LIMIT]; /* static, as the thread's stack may be small */
	const struct tp_admission_limits limits = {
		.admit_per_s = tp_process.options.admit.number,
		.dismiss_per_s = tp_process.options.dismiss.number,
		.max_bytes = max_bytes(),
		.elapsed_ns = now_ns > last_tick_ns ? now_ns - last_tick_ns : 1,
		.tick_ns = tp_process.options.tick.number,
	};

	last_tick_ns = now_ns;
	for (unsigned i = 1; i < tp_classes.count; i++)
		describe(i, &classes[i]);
	tp_admission_decide(&limits, classes + 1, tp_classes.count - 1);
	for (unsigned i = 1; i < tp_classes.count; i++) {
		states[i].wanted_bytes = classes[i].wanted_bytes;
		apply(i, classes[i].admitted, classes[i].why, now_ns - tp_process.start_ns);
	}
}

void tp_admission_read(unsigned class_index, struct tp_admission_state *read)
{
	struct class_state *state = &states[class_index];

	*read = (struct tp_admission_state){
		.admitted = atomic_load_explicit(&state->limit, memory_order_relaxed) != 0,
		.why = atomic_load_explicit(&state->why, memory_order_relaxed),
		.since_ns = atomic_load_explicit(&state->since_ns, memory_order_relaxed),
	};
}

size_t tp_admission_read_changes(struct tp_admission_change read[TP_ADMISSION_CHANGES])
{
	uint64_t end = atomic_load_explicit(&change_count, memory_order_relaxed);
	uint64_t first = end > TP_ADMISSION_CHANGES ? end - TP_ADMISSION_CHANGES : 0;

	for (uint64_t i = first; i < end; i++) {
		uint64_t what = atomic_load_explicit(&changes[i % TP_ADMISSION_CHANGES].what, memory_order_relaxed);

		read[i - first] = (struct tp_admission_change){
			.at_ns = atomic_load_explicit(&changes[i % TP_ADMISSION_CHANGES].at_ns, memory_order_relaxed),
			.object_bytes = (uint32_t)(what >> 16),
			.admitted = what >> 8 & 1,
			.why = what & 0xff,
		};
	}
	return (size_t)(end - first);
}
