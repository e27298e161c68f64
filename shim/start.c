/* Start: options, region, caches, then what needs libc. See start.h. */
#include "shim/start.h"

#include <elf.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "shim/cache.h"
#include "shim/dump.h"
#include "shim/exit.h"
#include "shim/fork.h"
#include "shim/lock.h"
#include "shim/next.h"
#include "shim/region.h"
#include "shim/signal.h"
#include "shim/slab.h"
#include "shim/text.h"
#include "shim/version.h"

#define STRICT_STATUS 2

enum start_state { STATE_NONE, STATE_RUNNING, STATE_DONE };

struct tp_process tp_process;
static _Atomic enum start_state state;
static _Atomic pid_t starting_thread;
static struct tp_lock start_lock;

/* Where the kernel put argc; set by the dynamic loader before anything else runs. */
extern void *__libc_stack_end;
extern char **environ;

/* The environment the process was started with; environ is not set before libc's constructor. */
static char **initial_environment(void)
{
	if (environ)
		return environ;
	char **words = __libc_stack_end;
	return words + 1 + *(long *)__libc_stack_end + 1;
}

uint64_t tp_start_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static void warn(const char *assignment, const struct tp_option_row *row, bool strict)
{
	char reason[160];

	if (!row) {
		tp_text_say("%s: unknown option", assignment);
		return;
	}
	tp_options_explain(row, reason, sizeof reason);
	if (strict)
		tp_text_say("%s: %s", assignment, reason);
	else
		tp_text_say("%s: %s; using %s", assignment, reason, *row->initial ? row->initial : "none");
}

/* Copy the name of an unknown option, without its value, for the warning. */
static const char *name_only(const char *assignment, char *buffer, size_t bytes)
{
	size_t length = strcspn(assignment, "=");

	if (length >= bytes)
		length = bytes - 1;
	memcpy(buffer, assignment, length);
	buffer[length] = '\0';
	return buffer;
}

/* Move the values off the environment: setproctitle and its like write over it. */
static void keep_texts(void)
{
	struct tp_text kept = TP_TEXT(tp_process.texts);

	for (size_t i = 0; i < tp_option_count; i++) {
		struct tp_option_value *value = tp_options_value(&tp_process.options, i);

		if (!value->given)
			continue;
		const char *copy = kept.start + kept.length;
		tp_text_add(&kept, "%s%c", value->text, '\0');
		if (kept.length == kept.capacity) {
			tp_text_say("the options are longer than %zu bytes; %s is left out", kept.capacity,
			    tp_option_rows[i].name);
			kept.length = (size_t)(copy - kept.start);
			copy = "";
		}
		value->text = copy;
	}
}

static void read_options(void)
{
	struct tp_options *options = &tp_process.options;
	bool wrong = false;
	char name[64];

	tp_options_reset(options);
	/* A program that runs with more rights than its user has takes no orders from him. */
	if (getauxval(AT_SECURE))
		return;
	char **const environment = initial_environment();
	for (char **entry = environment; *entry; entry++) {
		const struct tp_option_row *row = NULL;

		tp_options_apply(options, *entry, &row);
	}
	for (char **entry = environment; *entry; entry++) {
		const struct tp_option_row *row = NULL;
		enum tp_option_result result = tp_options_apply(options, *entry, &row);

		if (result != TP_OPTION_UNKNOWN && result != TP_OPTION_WRONG)
			continue;
		warn(row ? *entry : name_only(*entry, name, sizeof name), row, options->strict.number != 0);
		wrong = true;
	}
	if (wrong && options->strict.number)
		syscall(SYS_exit_group, STRICT_STATUS);
	keep_texts();
}

static void read_process(void)
{
	const char *path = (const char *)getauxval(AT_EXECFN);
	struct timespec now;

	tp_process.pid = getpid();
	tp_process.start_ns = tp_start_now_ns();
	clock_gettime(CLOCK_REALTIME, &now);
	tp_process.start_time_s = now.tv_sec;
	const char *slash = path ? strrchr(path, '/') : NULL;
	strncpy(tp_process.program, slash ? slash + 1 : path ? path : "?", sizeof tp_process.program - 1);
}

static void start_locked(void)
{
	enum tp_mode mode;

	atomic_store_explicit(&starting_thread, (pid_t)syscall(SYS_gettid), memory_order_relaxed);
	read_process();
	read_options();
	mode = (enum tp_mode)tp_process.options.mode.number;
	if (tp_region_reserve(tp_process.options.region.number, tp_slab_record_bytes()) == 0)
		mode = TP_MODE_OFF;
	tp_slab_start();
	if (!tp_cache_start(mode == TP_MODE_POOL))
		mode = TP_MODE_OFF;
	/* From here on malloc works, so dlsym may call it; it is the pools that answer. */
	atomic_store_explicit(&state, STATE_RUNNING, memory_order_release);
	tp_next_resolve();
	tp_process.mode = tp_next.malloc && tp_next.free && tp_next.realloc && tp_next.calloc ? mode : TP_MODE_POOL;
	atomic_store_explicit(&state, STATE_DONE, memory_order_release);
}

void tp_start(void)
{
	/* acquire: pairs with the release in start_locked */
	enum start_state now = atomic_load_explicit(&state, memory_order_acquire);

	if (TP_LIKELY(now == STATE_DONE))
		return;
	if (now == STATE_RUNNING &&
	    atomic_load_explicit(&starting_thread, memory_order_relaxed) == (pid_t)syscall(SYS_gettid))
		return;
	tp_lock_acquire(&start_lock);
	if (atomic_load_explicit(&state, memory_order_relaxed) == STATE_NONE)
		start_locked();
	tp_lock_release(&start_lock);
}

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
	static const char *const modes[] = { "pool", "count", "off" };
	char line[512];
	struct tp_text text = TP_TEXT(line);

	tp_text_add(&text, "tidepool: %s, mode %s, %s, region ", TP_VERSION, modes[tp_process.mode],
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
	tp_dump_start();
	tp_exit_start();
	tp_signal_start();
}
