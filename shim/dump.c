/*
 * The dump of the statistics: text for people, JSON for programs, one write each.
 *
 * Owns one buffer; a dump that finds it taken (a signal during a dump) is left out.
 */
#include "shim/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/cache.h"
#include "shim/count.h"
#include "shim/hot.h"
#include "shim/process.h"
#include "shim/slab.h"
#include "shim/stats.h"
#include "shim/text.h"
#include "shim/version.h"

#define PAGE_TEXT_BYTES 65536
#define PATH_BYTES 1024
#define KEPT_FD_MIN 100 /* out of the way of programs that count on low numbers */

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
	struct tp_stats_row rows[TP_CLASS_COUNT];
	struct tp_stats_large large;
	uint64_t passed_puts; /* count mode: frees seen */
	uint64_t uptime_ns;
	unsigned long peak_rss_bytes;
};

static char page[PAGE_TEXT_BYTES];
static struct tp_lock page_lock;
static struct snapshot snapshot; /* under page_lock, as page is */
static struct stat error_file; /* what standard error was at start */
static int kept_error = -1;

static uint64_t *values(struct tp_stats_row *row)
{
	return (uint64_t *)row;
}

/* VmHWM of /proc/self/status; unlike getrusage it begins at exec. 0 where it cannot be read. */
static unsigned long peak_rss_bytes(void)
{
	char status[4096];
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
	for (unsigned i = 1; i < TP_CLASS_COUNT; i++) {
		tp_stats_read(i, &snapshot.rows[i]);
		for (unsigned k = 0; k < NAME_COUNT; k++)
			values(&snapshot.total)[k] += values(&snapshot.rows[i])[k];
	}
	tp_stats_read_large(&snapshot.large);
	snapshot.passed_puts = tp_count_read_puts();
	snapshot.total.puts += snapshot.passed_puts;
	snapshot.uptime_ns = tp_process_now_ns() - tp_process.start_ns;
	snapshot.peak_rss_bytes = peak_rss_bytes();
}

static const char *cpu_name(void)
{
	return tp_cache_mode == TP_CACHE_RSEQ ? "rseq" : "lock";
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

static void add_json(struct tp_text *text)
{
	bool first = true;

	tp_text_add(text, "{\"version\":\"%s\",\"pid\":%d,\"program\":\"", TP_VERSION, (int)tp_process.pid);
	tp_text_add_json(text, tp_process.program);
	tp_text_add(text, "\",\"uptime_s\":%lu.%06lu,\"mode\":\"%s\",\"cpu\":\"%s\",\"caches\":%u,\"totals\":{",
	    snapshot.uptime_ns / 1000000000, snapshot.uptime_ns / 1000 % 1000000, tp_process_mode_name(), cpu_name(),
	    tp_cache_count());
	add_json_row(text, &snapshot.total);
	tp_text_add(text, "},\"classes\":[");
	for (unsigned i = 1; i < TP_CLASS_COUNT; i++) {
		if (snapshot.rows[i].gets == 0 && snapshot.rows[i].puts == 0 && snapshot.rows[i].held_objects == 0)
			continue;
		tp_text_add(text, "%s{\"size\":%u,", first ? "" : ",", tp_classes.row[i].object_bytes);
		add_json_row(text, &snapshot.rows[i]);
		tp_text_add(text, "}");
		first = false;
	}
	tp_text_add(text, "],\"large\":{\"gets\":%lu,\"puts\":%lu,\"bytes\":%lu,\"live_bytes\":%lu},",
	    snapshot.large.gets, snapshot.large.puts, snapshot.large.bytes, snapshot.large.live_bytes);
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
			tp_text_add(text, " %12lu", values(row)[i]);
	tp_text_add(text, "  ");
	add_share(text, row->primary, row->gets - row->unpooled);
	tp_text_add(text, "  ");
	tp_text_add_bytes(text, row->held_bytes);
	tp_text_add(text, "\n");
}

static void add_text(struct tp_text *text)
{
	bool shown[TP_CLASS_COUNT] = { false };
	struct tp_stats_large *large = &snapshot.large;

	tp_text_add(text, "Tidepool %s  %s  pid %d  %lu.%03lu s  mode %s  %s  %u caches\n", TP_VERSION,
	    tp_process.program, (int)tp_process.pid, snapshot.uptime_ns / 1000000000,
	    snapshot.uptime_ns / 1000000 % 1000, tp_process_mode_name(), cpu_name(), tp_cache_count());
	tp_text_add(text, "peak memory ");
	tp_text_add_bytes(text, snapshot.peak_rss_bytes);
	tp_text_add(text, "   held by the caches ");
	tp_text_add_bytes(text, snapshot.total.held_bytes);
	tp_text_add(text, "   over %u bytes: %lu gets, %lu puts, ", TP_CLASS_MAX_BYTES, large->gets, large->puts);
	tp_text_add_bytes(text, large->bytes);
	tp_text_add(text, "\n\n%8s", "size");
	for (unsigned i = 0; i < NAME_COUNT; i++)
		if (*names[i].column)
			tp_text_add(text, " %12s", names[i].column);
	tp_text_add(text, "  hit rate  held bytes\n%8s", "all");
	add_text_row(text, &snapshot.total);
	/* By falling gets: pick the largest that is left, 64 rows at most. */
	for (;;) {
		unsigned best = 0;

		for (unsigned i = 1; i < TP_CLASS_COUNT; i++)
			if (!shown[i] && snapshot.rows[i].gets + snapshot.rows[i].puts > 0 &&
			    (best == 0 || snapshot.rows[i].gets > snapshot.rows[best].gets))
				best = i;
		if (best == 0)
			break;
		shown[best] = true;
		tp_text_add(text, "%8u", tp_classes.row[best].object_bytes);
		add_text_row(text, &snapshot.rows[best]);
	}
	tp_text_add(text, "\n");
}

/* Put the file's name together: %p pid, %e program, %t start time, %% itself. Returns false if too long. */
static bool expand_path(const char *pattern, char *path)
{
	struct tp_text text = { .start = path, .capacity = PATH_BYTES };

	for (; *pattern; pattern++) {
		if (*pattern != '%' || pattern[1] == '\0')
			tp_text_add(&text, "%c", *pattern);
		else if (*++pattern == 'p')
			tp_text_add(&text, "%d", (int)tp_process.pid);
		else if (*pattern == 'e')
			tp_text_add(&text, "%s", tp_process.program);
		else if (*pattern == 't')
			tp_text_add(&text, "%lu", (unsigned long)tp_process.start_time_s);
		else
			tp_text_add(&text, *pattern == '%' ? "%c" : "%%%c", *pattern);
	}
	if (text.length == PATH_BYTES)
		return false;
	path[text.length] = '\0';
	return true;
}

void tp_dump_start(void)
{
	if (tp_process.options.stats.number == TP_STATS_OFF || *tp_process.options.stats_file.text)
		return;
	if (fstat(STDERR_FILENO, &error_file) == 0)
		kept_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, KEPT_FD_MIN);
}

/* Whether @fd still is the standard error of the start, and not something opened since. */
static bool is_error_file(int fd)
{
	struct stat now;

	return fd >= 0 && fstat(fd, &now) == 0 && now.st_dev == error_file.st_dev && now.st_ino == error_file.st_ino;
}

/* Standard error, also where the program has closed it before its end, as coreutils do. -1: gone. */
static int error_fd(void)
{
	if (is_error_file(STDERR_FILENO))
		return STDERR_FILENO;
	return is_error_file(kept_error) ? kept_error : -1;
}

static void write_file(const struct tp_text *text, const char *pattern)
{
	char path[PATH_BYTES];

	if (!expand_path(pattern, path)) {
		tp_text_say("TIDEPOOL_STATS_FILE: the path is too long");
		return;
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	int error = fd < 0 ? errno : tp_text_write(text, fd);

	if (fd >= 0)
		close(fd);
	if (error)
		tp_text_say("TIDEPOOL_STATS_FILE: cannot write %s: %s", path, strerrordesc_np(error));
}

static void write_out(const struct tp_text *text)
{
	const char *pattern = tp_process.options.stats_file.text;

	if (*pattern)
		write_file(text, pattern);
	else if (error_fd() >= 0)
		tp_text_write(text, error_fd());
}

void tp_dump_write(enum tp_dump_moment moment)
{
	static _Atomic pid_t ended; /* the process that has written its last dump */
	int saved_errno = errno;
	pid_t none = atomic_load_explicit(&ended, memory_order_relaxed);

	if (moment == TP_DUMP_AT_END &&
	    (none == tp_process.pid || !atomic_compare_exchange_strong_explicit(
					   &ended, &none, tp_process.pid, memory_order_relaxed, memory_order_relaxed)))
		return;
	if (!tp_lock_try(&page_lock))
		return;
	struct tp_text text = TP_TEXT(page);

	take_snapshot();
	if (tp_process.options.stats.number == TP_STATS_JSON)
		add_json(&text);
	else
		add_text(&text);
	write_out(&text);
	tp_lock_release(&page_lock);
	errno = saved_errno;
}

void tp_dump_reset_lock(void)
{
	tp_lock_reset(&page_lock);
}
