/* A snapshot of the figures. See snapshot.h. @rare */
#include "shim/report/snapshot.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "shim/base/clock.h"
#include "shim/base/process.h"
#include "shim/heap/size_classes.h"
#include "shim/pool/passthrough.h"

const struct tp_snapshot_name tp_snapshot_names[TP_SNAPSHOT_NAME_COUNT] = {
#define TP_STAT(field, group, name, column, help) { group, name, column },
#include "policy/stats.def"
};

_Static_assert(sizeof(struct tp_counters_row) == TP_SNAPSHOT_NAME_COUNT * sizeof(uint64_t), "a row is its counters");

/* Read VmHWM of /proc/self/status, which unlike getrusage's begins at exec. Returns 0 if it cannot be read. */
static uint64_t peak_rss_bytes(void)
{
	static char status[4096]; /* static, as the stack of a signal handler may be small */
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	ssize_t length = read(fd, status, sizeof status - 1);
	close(fd);
	if (length <= 0)
		return 0;
	status[length] = '\0';
	const char *line = strstr(status, "VmHWM:");
	uint64_t kib = 0;

	for (const char *c = line ? line + 6 : ""; *c && *c != '\n'; c++)
		if (*c >= '0' && *c <= '9')
			kib = kib * 10 + (uint64_t)(*c - '0');
	return kib * 1024;
}

void tp_snapshot_take(struct tp_snapshot *snapshot)
{
	uint64_t *total = (uint64_t *)&snapshot->total;

	memset(total, 0, sizeof snapshot->total);
	for (unsigned i = 1; i < tp_classes.count; i++) {
		tp_counters_read(i, &snapshot->rows[i]);
		for (unsigned k = 0; k < TP_SNAPSHOT_NAME_COUNT; k++)
			total[k] += tp_snapshot_values(&snapshot->rows[i])[k];
	}
	snapshot->total.puts += tp_passthrough_read_puts(); /* in count mode the class of a freed block is not known */
	tp_counters_read_large(&snapshot->large);
	tp_process_counters_read(&snapshot->turn);
	snapshot->uptime_ns = tp_clock_now_ns() - tp_process.start_ns;
	snapshot->peak_rss_bytes = peak_rss_bytes();
}

const char *tp_snapshot_mode_name(unsigned class_index)
{
	static const char *const names[] = { "auto", "always", "never" };

	return names[tp_classes.row[class_index].mode];
}

void tp_snapshot_add_seconds(struct tp_text *text, uint64_t ns)
{
	tp_text_add(text, "%lu.%06lu", ns / 1000000000, ns / 1000 % 1000000);
}
