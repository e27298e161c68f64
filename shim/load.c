/*
 * Loading: the constructor. By now malloc may have run for long; what is left is
 * what needs libc's own constructors, or speaks.
 */
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/cache.h"
#include "shim/exit.h"
#include "shim/fork.h"
#include "shim/hot.h"
#include "shim/process.h"
#include "shim/signal.h"
#include "shim/sink.h"
#include "shim/start.h"
#include "shim/text.h"
#include "shim/timer.h"
#include "shim/version.h"

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
	tp_text_write(&text, STDOUT_FILENO);
}

static void say_what_is_in_force(void)
{
	char line[512];
	struct tp_text text = TP_TEXT(line);

	tp_text_add(&text, "tidepool: %s, mode %s, %s, region ", TP_VERSION, tp_process_mode_name(),
	    tp_cache_mode == TP_CACHE_RSEQ ? "rseq" : "lock");
	tp_text_add_bytes(&text, tp_hot_region_bytes);
	for (size_t i = 0; i < tp_option_count; i++) {
		const struct tp_option_value *value = tp_options_value(&tp_process.options, i);

		if (value->given)
			tp_text_add(&text, ", %s=%s", tp_option_rows[i].name, value->text);
	}
	if (text.length == text.capacity)
		text.length--;
	tp_text_add(&text, "\n");
	tp_text_write(&text, STDERR_FILENO);
}

__attribute__((constructor)) static void start_with_libc(void)
{
	tp_start();
	if (tp_process.options.help.number) {
		print_help();
		syscall(SYS_exit_group, 0);
	}
	if (tp_process.options.verbose.number)
		say_what_is_in_force();
	tp_fork_start();
	tp_sink_start();
	tp_exit_start();
	tp_signal_start();
	tp_timer_start_with_libc();
}
