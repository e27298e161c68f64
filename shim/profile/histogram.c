/* The histogram: counters by size, and of lifetimes by class. See histogram.h. @rare */
#include "shim/profile/histogram.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "shim/base/clock.h"
#include "shim/base/compiler.h"
#include "shim/base/output.h"
#include "shim/base/process.h"
#include "shim/heap/size_classes.h"

#define EXACT_BYTES_MAX 65536U /* sizes up to this have a counter each */
#define OVER_COUNT 64U /* counters of larger sizes, one for each power of two */
#define SIZE_COUNT (EXACT_BYTES_MAX + 1 + OVER_COUNT)
#define SPAN_COUNT 48U /* counters of lifetimes, by log2 of the nanoseconds; the last is for 39 hours and more */
/*
 * Places for 131,072 samples in 4 MiB, one for each TP_HISTOGRAM_INTERVAL live objects. Of the samples of 4 million live
 * objects 0.8 % find no place, of 8 million 12 %; lost counts them.
 */
#define SAMPLES_SHIFT 14U
#define PAGE_BYTES (2U << 20) /* 64 Ki sizes of 20 characters each, and the rest of a dump */
#define GOLDEN UINT64_C(0x9e3779b97f4a7c15) /* 2^64 over the golden ratio: spreads a hash */

/* Of one class; class 0 stands for sizes over the largest pooled one. Counts of sampled objects, or as named. */
struct lives {
	_Atomic uint64_t start_gets; /* all requests in the first TP_HISTOGRAM_START_NS */
	_Atomic uint64_t start_live; /* live_peak at the end of that time */
	_Atomic uint64_t sampled;
	_Atomic uint64_t lost; /* not remembered, as their bucket was full */
	_Atomic uint64_t freed;
	_Atomic uint64_t total_ns; /* sum of the lifetimes of the freed ones */
	_Atomic uint64_t live; /* modulo 2^64 */
	_Atomic uint64_t live_peak; /* the most there were */
	_Atomic uint64_t spans[SPAN_COUNT]; /* the freed ones, by log2 of their lifetime in nanoseconds */
};

/* Mapped if the option is on. Pages that nothing is counted on take no memory. */
static struct tables {
	_Atomic uint64_t sizes[SIZE_COUNT]; /* requests by size (place_of) */
	struct lives lives[TP_CLASS_LIMIT]; /* by class */
	_Atomic bool started; /* the first TP_HISTOGRAM_START_NS are over */
	char page[PAGE_BYTES]; /* for a dump (tp_histogram_page) */
} * tables;

bool tp_histogram_on;
static struct tp_live_samples samples;
static uint64_t begin_ns; /* CLOCK_MONOTONIC: when counting began, at the program's start or the fork */

static uint64_t add(_Atomic uint64_t *counter, uint64_t value)
{
	return atomic_fetch_add_explicit(counter, value, memory_order_relaxed);
}

static uint64_t read(_Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

TP_START_CODE void tp_histogram_start(void)
{
	if (!tp_process.options.histogram.number || tp_process.mode == TP_MODE_OFF)
		return;
	void *memory =
	    mmap(NULL, sizeof *tables, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED || !tp_live_samples_start(&samples, SAMPLES_SHIFT)) {
		if (memory != MAP_FAILED)
			munmap(memory, sizeof *tables);
		tp_output_say("TIDEPOOL_HISTOGRAM: no memory for its tables; it is off");
		return;
	}
	tables = memory;
	begin_ns = tp_process.start_ns;
	tp_histogram_on = true;
}

void tp_histogram_start_child(void)
{
	int saved_errno = errno;

	if (!tp_histogram_on)
		return;
	/* The child gives up its copies and finds zeroes. The kernel refuses this only for locked pages. */
	if (madvise(tables, sizeof *tables, MADV_DONTNEED) != 0)
		memset(tables, 0, sizeof *tables);
	tp_live_samples_clear(&samples);
	atomic_store_explicit(&tables->started, true, memory_order_relaxed); /* a fork is no start */
	begin_ns = tp_clock_now_ns();
	errno = saved_errno;
}

static unsigned log2_of(uint64_t value)
{
	return value > 1 ? 63U - (unsigned)__builtin_clzll(value) : 0;
}

/* Return the counter of a size: its own, or that of the next power of two. */
static size_t place_of(size_t bytes)
{
	return bytes <= EXACT_BYTES_MAX ? bytes : EXACT_BYTES_MAX + 1 + log2_of(bytes - 1);
}

/* The reverse: the size, or the power of two, that a counter is for. */
static size_t bytes_at(size_t place)
{
	return place <= EXACT_BYTES_MAX ? place : (size_t)2 << (place - EXACT_BYTES_MAX - 1);
}

/* Whether the request with this number among those of its counter is a sample. */
static bool is_sample(size_t place, uint64_t number)
{
	uint64_t x = (uint64_t)place * GOLDEN + number;

	/* The finish of splitmix64. Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators. */
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return ((x ^ (x >> 31)) % TP_HISTOGRAM_INTERVAL) == 0;
}

static void raise(_Atomic uint64_t *peak, uint64_t value)
{
	uint64_t old = read(peak);

	while (old < value &&
	       !atomic_compare_exchange_weak_explicit(peak, &old, value, memory_order_relaxed, memory_order_relaxed))
		;
}

void tp_histogram_remember(struct tp_live_sample sample, const void *block)
{
	/* If other objects have filled the bucket meanwhile, this one is lost, and counts as live for good. */
	if (sample.born_ns != 0 && !tp_live_samples_add(&samples, block, &sample))
		add(&tables->lives[sample.group].lost, 1);
}

struct tp_live_sample tp_histogram_forget(const void *block)
{
	struct tp_live_sample sample;

	tp_live_samples_remove(&samples, block, &sample);
	return sample;
}

/* If the start is over, note for each class what was live. The first sample after the start does so. */
static void end_start(uint64_t now_ns)
{
	if (now_ns - begin_ns < TP_HISTOGRAM_START_NS ||
	    atomic_exchange_explicit(&tables->started, true, memory_order_relaxed))
		return;
	for (unsigned i = 0; i < tp_classes.count; i++)
		atomic_store_explicit(
		    &tables->lives[i].start_live, read(&tables->lives[i].live_peak), memory_order_relaxed);
}

void tp_histogram_note_get(const void *block, size_t bytes)
{
	size_t place = place_of(bytes);
	unsigned class_index = tp_class_aligned(&tp_classes, bytes, 1);
	struct lives *lives = &tables->lives[class_index];

	if (!atomic_load_explicit(&tables->started, memory_order_relaxed))
		add(&lives->start_gets, 1);
	if (TP_LIKELY(!is_sample(place, add(&tables->sizes[place], 1))))
		return;
	uint64_t now_ns = tp_clock_now_ns();

	if (!atomic_load_explicit(&tables->started, memory_order_relaxed))
		end_start(now_ns);
	add(&lives->sampled, 1);
	struct tp_live_sample sample = { .bytes = bytes, .born_ns = now_ns, .group = class_index };
	if (!tp_live_samples_add(&samples, block, &sample)) {
		add(&lives->lost, 1);
		return;
	}
	raise(&lives->live_peak, add(&lives->live, 1) + 1);
}

static void note_end(const struct tp_live_sample *sample)
{
	struct lives *lives = &tables->lives[sample->group];
	uint64_t span_ns = tp_clock_now_ns() - sample->born_ns;
	unsigned span = log2_of(span_ns);

	add(&lives->freed, 1);
	add(&lives->total_ns, span_ns);
	add(&lives->spans[span < SPAN_COUNT ? span : SPAN_COUNT - 1], 1);
	add(&lives->live, (uint64_t)-1);
}

void tp_histogram_note_put(const void *block)
{
	struct tp_live_sample sample;

	if (TP_UNLIKELY(tp_live_samples_remove(&samples, block, &sample)))
		note_end(&sample);
}

void tp_histogram_note_end(struct tp_live_sample sample)
{
	if (sample.born_ns != 0)
		note_end(&sample);
}

struct tp_text tp_histogram_page(void)
{
	return tp_histogram_on ? (struct tp_text)TP_TEXT(tables->page) : (struct tp_text){ 0 };
}

static void add_sizes(struct tp_text *text)
{
	const char *comma = "";

	for (size_t place = 0; place < SIZE_COUNT; place++) {
		uint64_t gets = read(&tables->sizes[place]);

		if (gets == 0)
			continue;
		tp_text_add(text, "%s[%zu,%lu]", comma, bytes_at(place), gets);
		comma = ",";
	}
}

static void add_lives(struct tp_text *text, unsigned class_index, const char *comma)
{
	struct lives *lives = &tables->lives[class_index];
	bool started = atomic_load_explicit(&tables->started, memory_order_relaxed);

	tp_text_add(text,
	    "%s{\"size\":%u,\"start_gets\":%lu,\"start_live\":%lu,\"sampled\":%lu,\"lost\":%lu,\"freed\":%lu,"
	    "\"live_peak\":%lu,\"total_ns\":%lu,\"log2_ns\":[",
	    comma, tp_classes.row[class_index].object_bytes, read(&lives->start_gets),
	    read(started ? &lives->start_live : &lives->live_peak), read(&lives->sampled), read(&lives->lost),
	    read(&lives->freed), read(&lives->live_peak), read(&lives->total_ns));
	comma = "";
	for (unsigned i = 0; i < SPAN_COUNT; i++) {
		uint64_t count = read(&lives->spans[i]);

		if (count == 0)
			continue;
		tp_text_add(text, "%s[%u,%lu]", comma, i, count);
		comma = ",";
	}
	tp_text_add(text, "]}");
}

void tp_histogram_add_json(struct tp_text *text)
{
	const char *comma = "";
	uint64_t sampled = 0;

	if (!tp_histogram_on)
		return;
	for (unsigned i = 0; i < tp_classes.count; i++)
		sampled += read(&tables->lives[i].sampled);
	tp_text_add(text, "\"histogram\":{\"span_ns\":%lu,\"sizes\":[", tp_clock_now_ns() - begin_ns);
	add_sizes(text);
	tp_text_add(
	    text, "],\"lifetimes\":{\"interval\":%u,\"sampled\":%lu,\"per_size\":[", TP_HISTOGRAM_INTERVAL, sampled);
	for (unsigned i = 0; i < tp_classes.count; i++) {
		if (read(&tables->lives[i].sampled) == 0 && read(&tables->lives[i].start_gets) == 0)
			continue;
		add_lives(text, i, comma);
		comma = ",";
	}
	tp_text_add(text, "]}},");
}
