/*
 * The dump of the statistics: text for people, JSON for programs, one write each.
 *
 * Owns one buffer. A dump on a signal that finds it taken is left out; the last one
 * of a process waits for it.
 */
#include "shim/report/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "shim/base/clock.h"
#include "shim/base/compiler.h"
#include "shim/base/process.h"
#include "shim/base/text.h"
#include "shim/base/version.h"
#include "shim/heap/size_classes.h"
#include "shim/pool/counters.h"
#include "shim/pool/cpus.h"
#include "shim/pool/passthrough.h"
#include "shim/pool/tally.h"
#include "shim/profile/heap_file.h"
#include "shim/profile/histogram.h"
#include "shim/profile/profile.h"
#include "shim/report/process_counters.h"
#include "shim/report/stats_file.h"
#include "shim/tick/admission.h"
#include "shim/tick/turn.h"

#define PAGE_TEXT_BYTES 262144 /* 126 classes in JSON; only what is written takes memory */
#define END_WAIT_MS 10000

enum {
	NAME_COUNT = 0
#define TP_STAT(field, group, name, column, help) +1
#include "policy/stats.def"
};

static const struct stat_name {
	const char *group, *name, *column;
} names[NAME_COUNT] = {
#define TP_STAT(field, group, name, column, help) { group, name, column },
#include "policy/stats.def"
};

struct snapshot {
	struct tp_stats_row total;
	struct tp_stats_row rows[TP_CLASS_LIMIT];
	struct tp_stats_large large;
	struct tp_overall turn;
	uint64_t passed_puts; /* count mode: frees seen */
	uint64_t uptime_ns;
	unsigned long peak_rss_bytes;
};

/* The lock of the page: the thread that writes it, or 0. Not a tp_lock, so that a thread knows its own. */
static _Atomic pid_t page_owner;
static char page[PAGE_TEXT_BYTES];
static char status[4096]; /* not on the stack: a signal's may be small */
static struct snapshot snapshot;

static uint64_t *values(struct tp_stats_row *row)
{
	return (uint64_t *)row;
}

/* VmHWM of /proc/self/status; unlike getrusage it begins at exec. 0 where it cannot be read. */
static unsigned long peak_rss_bytes(void)
{
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	ssize_t length = read(fd, status, sizeof status - 1);
	close(fd);
	if (length <= 0)
		return 0;
	status[length] = '\0';
	const char *line = strstr(status, "VmHWM:");
	unsigned long kib = 0;

	for (const char *c = line ? line + 6 : ""; *c && *c != '\n'; c++)
		if (*c >= '0' && *c <= '9')
			kib = kib * 10 + (unsigned long)(*c - '0');
	return kib * 1024;
}

static void take_snapshot(void)
{
	snapshot.total = (struct tp_stats_row){ 0 };
	for (unsigned i = 1; i < tp_classes.count; i++) {
		tp_stats_read(i, &snapshot.rows[i]);
		for (unsigned k = 0; k < NAME_COUNT; k++)
			values(&snapshot.total)[k] += values(&snapshot.rows[i])[k];
	}
	tp_stats_read_large(&snapshot.large);
	tp_overall_read(&snapshot.turn);
	snapshot.passed_puts = tp_count_read_puts();
	snapshot.total.puts += snapshot.passed_puts;
	snapshot.uptime_ns = tp_clock_now_ns() - tp_process.start_ns;
	snapshot.peak_rss_bytes = peak_rss_bytes();
}

static void add_json_row(struct tp_text *text, struct tp_stats_row *row)
{
	const char *group = "";

	for (unsigned i = 0; i < NAME_COUNT; i++) {
		if (strcmp(group, names[i].group) != 0) {
			if (*group)
				tp_text_add(text, "}");
			group = names[i].group;
			if (*group)
				tp_text_add(text, "%s\"%s\":{", i ? "," : "", group);
			else
				tp_text_add(text, ",");
		} else if (i > 0) {
			tp_text_add(text, ",");
		}
		tp_text_add(text, "\"%s\":%lu", names[i].name, values(row)[i]);
	}
}

static void add_json_turn(struct tp_text *text)
{
	static const char *const turn_names[] = {
#define TP_STAT_TURN(field, help) #field,
#include "policy/stats.def"
	};
	const uint64_t *turn = (const uint64_t *)&snapshot.turn;

	tp_text_add(text, "\"turn\":{");
	for (size_t i = 0; i < sizeof turn_names / sizeof *turn_names; i++)
		tp_text_add(text, "%s\"%s\":%lu", i ? "," : "", turn_names[i], turn[i]);
	tp_text_add(text, "},");
}

/* Nanoseconds as seconds with six decimals. */
static void add_seconds(struct tp_text *text, uint64_t ns)
{
	tp_text_add(text, "%lu.%06lu", ns / 1000000000, ns / 1000 % 1000000);
}

static const char *mode_name(unsigned class_index)
{
	static const char *const mode_names[] = { "auto", "always", "never" };

	return mode_names[tp_classes.row[class_index].mode];
}

static void add_json_policy(struct tp_text *text, unsigned class_index)
{
	struct tp_admission_state state;
	struct tp_tally table;

	tp_admission_read(class_index, &state);
	tp_tally_read(TP_CLASS_STACK(class_index), &table);
	tp_text_add(text, ",\"policy\":{\"mode\":\"%s\",\"admitted\":%s,\"since_s\":", mode_name(class_index),
	    state.admitted ? "true" : "false");
	add_seconds(text, state.since_ns);
	tp_text_add(text, ",\"why\":\"%s\",\"capacity\":%lu}", tp_admission_why_name(state.why), table.capacity);
}

static void add_json_changes(struct tp_text *text)
{
	static struct tp_admission_change changes[TP_ADMISSION_CHANGES];
	size_t count = tp_admission_read_changes(changes);

	tp_text_add(text, "\"changes\":[");
	for (size_t i = 0; i < count; i++) {
		tp_text_add(text, "%s{\"at_s\":", i ? "," : "");
		add_seconds(text, changes[i].at_ns);
		tp_text_add(text, ",\"size\":%u,\"admitted\":%s,\"why\":\"%s\"}", changes[i].object_bytes,
		    changes[i].admitted ? "true" : "false", tp_admission_why_name(changes[i].why));
	}
	tp_text_add(text, "],");
}

static void add_json(struct tp_text *text)
{
	bool first = true;

	tp_text_add(text, "{\"schema\":%d,\"version\":\"%s\",\"pid\":%d,\"program\":\"", TP_STATS_SCHEMA, TP_VERSION,
	    (int)tp_process.pid);
	tp_text_add_json(text, tp_process.program);
	tp_text_add(text, "\",\"uptime_s\":%lu.%06lu,\"mode\":\"%s\",\"cache_guard\":\"%s\",\"caches\":%u,\"totals\":{",
	    snapshot.uptime_ns / 1000000000, snapshot.uptime_ns / 1000 % 1000000, tp_process_mode_name(),
	    tp_table_mode_name(), tp_table_cpu_count());
	add_json_row(text, &snapshot.total);
	tp_text_add(text, "},\"classes\":[");
	for (unsigned i = 1; i < tp_classes.count; i++) {
		if (snapshot.rows[i].gets == 0 && snapshot.rows[i].puts == 0 && snapshot.rows[i].held_objects == 0)
			continue;
		tp_text_add(text, "%s{\"size\":%u,", first ? "" : ",", tp_classes.row[i].object_bytes);
		add_json_row(text, &snapshot.rows[i]);
		add_json_policy(text, i);
		tp_text_add(text, "}");
		first = false;
	}
	tp_text_add(text, "],\"large\":{\"gets\":%lu,\"puts\":%lu,\"bytes\":%lu,\"live_bytes\":%lu},",
	    snapshot.large.gets, snapshot.large.puts, snapshot.large.bytes, snapshot.large.live_bytes);
	add_json_turn(text);
	add_json_changes(text);
	tp_histogram_add_json(text);
	tp_text_add(text, "\"started_s\":%lu,", (unsigned long)tp_process.start_time_s);
	tp_text_add(text, "\"peak_rss_bytes\":%lu}\n", snapshot.peak_rss_bytes);
}

/* A share in percent with one decimal, "-" of nothing. */
static void add_share(struct tp_text *text, uint64_t part, uint64_t whole)
{
	if (whole == 0)
		tp_text_add(text, "%7s", "-");
	else
		tp_text_add(text, "%4lu.%lu %%", part * 1000 / whole / 10, part * 1000 / whole % 10);
}

static void add_text_row(struct tp_text *text, struct tp_stats_row *row)
{
	for (unsigned i = 0; i < NAME_COUNT; i++)
		if (*names[i].column)
			tp_text_add(text, " %10lu", values(row)[i]);
	tp_text_add(text, "  ");
	add_share(text, row->local + row->overflow + row->stolen + row->victim, row->gets - row->unpooled);
	tp_text_add(text, "  ");
	tp_text_add_bytes(text, row->held_bytes);
}

/* Whether a class is pooled and why, how many slots its stacks have. */
static void add_text_policy(struct tp_text *text, unsigned class_index)
{
	struct tp_admission_state state;
	struct tp_tally table;

	tp_admission_read(class_index, &state);
	tp_tally_read(TP_CLASS_STACK(class_index), &table);
	tp_text_add(text, "   %s, %s since ", mode_name(class_index), state.admitted ? "pooled" : "not pooled");
	add_seconds(text, state.since_ns);
	tp_text_add(text, " s: %s", tp_admission_why_name(state.why));
	if (table.capacity > 0)
		tp_text_add(text, ", %lu slots", table.capacity);
	tp_text_add(text, "\n");
}

static void add_text(struct tp_text *text)
{
	bool shown[TP_CLASS_LIMIT] = { false };
	struct tp_stats_large *large = &snapshot.large;

	tp_text_add(text, "Tidepool %s  %s  pid %d  %lu.%03lu s  mode %s  %s  %u caches\n", TP_VERSION,
	    tp_process.program, (int)tp_process.pid, snapshot.uptime_ns / 1000000000,
	    snapshot.uptime_ns / 1000000 % 1000, tp_process_mode_name(), tp_table_mode_name(), tp_table_cpu_count());
	tp_text_add(text, "peak memory ");
	tp_text_add_bytes(text, snapshot.peak_rss_bytes);
	tp_text_add(text, "   held by the caches ");
	tp_text_add_bytes(text, snapshot.total.held_bytes);
	tp_text_add(text, "   over %u bytes: %lu gets, %lu puts, ", tp_classes.max_bytes, large->gets, large->puts);
	tp_text_add_bytes(text, large->bytes);
	tp_text_add(text, "\nturns %lu in %lu.%03lu ms   gone back to slabs ", snapshot.turn.turns,
	    snapshot.turn.tick_ns / 1000000, snapshot.turn.tick_ns / 1000 % 1000);
	tp_text_add_bytes(text, snapshot.turn.drained_bytes);
	tp_text_add(text, ", to the kernel ");
	tp_text_add_bytes(text, snapshot.turn.returned_bytes);
	tp_text_add(text, "\n\n%8s", "size");
	for (unsigned i = 0; i < NAME_COUNT; i++)
		if (*names[i].column)
			tp_text_add(text, " %10s", names[i].column);
	tp_text_add(text, "  hit rate  held bytes   policy\n%8s", "all");
	add_text_row(text, &snapshot.total);
	tp_text_add(text, "\n");
	/* By falling gets: pick the largest that is left, a row for each. */
	for (;;) {
		unsigned best = 0;

		for (unsigned i = 1; i < tp_classes.count; i++)
			if (!shown[i] && snapshot.rows[i].gets + snapshot.rows[i].puts > 0 &&
			    (best == 0 || snapshot.rows[i].gets > snapshot.rows[best].gets))
				best = i;
		if (best == 0)
			break;
		shown[best] = true;
		tp_text_add(text, "%8u", tp_classes.row[best].object_bytes);
		add_text_row(text, &snapshot.rows[best]);
		add_text_policy(text, best);
	}
	tp_text_add(text, "\n");
}

/*
 * Take the page. A dump AT_END waits for one that another thread is writing: with
 * the process's end that one would be lost as well, and cut. It waits for itself
 * never, and not for ever: a handler may have jumped out of a dump.
 */
static bool take_page(enum tp_dump_moment moment)
{
	pid_t self = gettid();

	for (int waited_ms = 0; waited_ms < END_WAIT_MS; waited_ms++) {
		pid_t owner = 0;

		/* acquire: pairs with the release in give_page */
		if (atomic_compare_exchange_strong_explicit(
			&page_owner, &owner, self, memory_order_acquire, memory_order_relaxed))
			return true;
		if (moment != TP_DUMP_AT_END || owner == self)
			return false;
		poll(NULL, 0, 1);
	}
	return false;
}

static void give_page(void)
{
	/* release: pairs with the acquire in take_page */
	atomic_store_explicit(&page_owner, 0, memory_order_release);
}

static void write_page(enum tp_dump_moment moment)
{
	struct tp_text text = tp_histogram_on ? tp_histogram_page() : (struct tp_text)TP_TEXT(page);

	/* At rest between turns, so that what one moves is not counted on one side only. */
	bool held = tp_tide_try_hold();
	take_snapshot();
	if (held)
		tp_tide_end_hold();
	if (moment == TP_DUMP_AS_LINE || tp_process.options.stats.number == TP_STATS_JSON)
		add_json(&text);
	else
		add_text(&text);
	tp_stats_file_write(&text);
}

TP_START_CODE bool tp_dump_is_wanted(void)
{
	return tp_process.options.stats.number != TP_STATS_OFF || tp_profile_on;
}

void tp_dump_write(enum tp_dump_moment moment)
{
	static _Atomic pid_t ended; /* the process that has written its last dump */
	int saved_errno = errno, cancel_state;
	pid_t none = atomic_load_explicit(&ended, memory_order_relaxed);

	if (moment == TP_DUMP_AT_END &&
	    (none == tp_process.pid || !atomic_compare_exchange_strong_explicit(
					   &ended, &none, tp_process.pid, memory_order_relaxed, memory_order_relaxed)))
		return;
	/* A thread that is cancelled while it writes would take the page with it. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	if (take_page(moment)) {
		if (moment == TP_DUMP_AS_LINE || tp_process.options.stats.number != TP_STATS_OFF)
			write_page(moment);
		if (moment != TP_DUMP_AS_LINE && tp_profile_on)
			tp_heap_file_write();
		give_page();
	}
	pthread_setcancelstate(cancel_state, NULL);
	errno = saved_errno;
}

void tp_dump_reset_lock(void)
{
	atomic_store_explicit(&page_owner, 0, memory_order_relaxed);
}
