/*
 * The constructor: the part of start that needs libc's own constructors, or that writes something.
 *
 * Runs once, in the thread that loads the library. malloc may have served the program for long before.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/base/hot.h"
#include "shim/base/output.h"
#include "shim/base/process.h"
#include "shim/base/text.h"
#include "shim/base/version.h"
#include "shim/heap/jemalloc.h"
#include "shim/heap/large.h"
#include "shim/heap/size_classes.h"
#include "shim/host/exit.h"
#include "shim/host/fork.h"
#include "shim/host/signal.h"
#include "shim/host/start.h"
#include "shim/pool/cpus.h"
#include "shim/profile/profile.h"
#include "shim/report/dump.h"
#include "shim/report/interval.h"
#include "shim/report/live.h"
#include "shim/report/stats_file.h"
#include "shim/tick/timer.h"

#define COMMENT_BYTES 512 /* room for the first line, a comment, of what is in force */

/* Write the list of options to standard output. */
static void print_help(void)
{
	char page[8192];
	struct tp_text text = TP_TEXT(page);

	tp_text_add(&text, "Tidepool %s: LD_PRELOAD=libtidepool.so PROGRAM\n\nOptions are environment variables:\n\n",
	    TP_VERSION);
	for (size_t i = 0; i < tp_option_count; i++) {
		const struct tp_option_row *row = &tp_option_rows[i];

		tp_text_add(&text, "  " TP_OPTIONS_PREFIX "%s=%s\n      %s (default: %s)\n", row->name, row->values,
		    row->help, *row->initial ? row->initial : "none");
	}
	tp_output_write(&text, STDOUT_FILENO);
}

/* Append the options that were given, as far as they fit. A newline in a value would end the comment. */
static void add_given_options(struct tp_text *text)
{
	for (size_t i = 0; i < tp_option_count; i++) {
		const struct tp_option_value *value = tp_options_value(&tp_process.options, i);

		if (!value->given)
			continue;
		tp_text_add(text, ", %s=", tp_option_rows[i].name);
		for (const char *c = value->text; *c; c++)
			tp_text_add(text, "%c", *c == '\n' ? ' ' : *c);
	}
}

/* Write what is in force, as a policy file: read as one, it leads to the same policy. */
static void say_what_is_in_force(void)
{
	char page[COMMENT_BYTES + TP_LANGUAGE_PRINT_BYTES];
	struct tp_text text = { .start = page, .capacity = COMMENT_BYTES - 1 };

	tp_text_add(
	    &text, "# tidepool %s: mode %s, %s, region ", TP_VERSION, tp_process_mode_name(), tp_cpus_guard_name());
	tp_text_add_bytes(&text, tp_hot_region_bytes);
	add_given_options(&text);
	text.capacity = sizeof page;
	tp_text_add(&text, "\n");
	struct tp_line line = tp_line_start(page + text.length, sizeof page - text.length);
	tp_size_classes_print(&line);
	text.length += line.length;
	tp_output_write(&text, STDERR_FILENO);
}

/* What the timer calls at each interval at each interval. */
static void write_line(void)
{
	tp_dump_write(TP_DUMP_AS_LINE);
}

static bool is_limited(__rlimit_resource_t resource)
{
	struct rlimit limit;

	return getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

__attribute__((constructor)) static void start_with_libc(void)
{
	tp_start();
	if (tp_process.mode == TP_MODE_POOL) {
		tp_jemalloc_start();
		/* Under a limit, what jemalloc needs outside the region may be gone later. */
		if (is_limited(RLIMIT_AS) || is_limited(RLIMIT_DATA))
			tp_large_wake();
	}
	if (tp_process.options.help.number) {
		print_help();
		syscall(SYS_exit_group, 0);
	}
	if (tp_process.options.verbose.number)
		say_what_is_in_force();
	tp_fork_start();
	tp_stats_file_start();
	tp_profile_start();
	tp_exit_start();
	tp_signal_start();
	tp_live_start();
	tp_interval_start(write_line);
	tp_timer_start_with_libc();
}
