/* The process: its options, its name, its start. See process.h. */
#include "shim/base/process.h"

#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "shim/base/clock.h"
#include "shim/base/output.h"
#include "shim/base/text.h"

#define STRICT_STATUS 2 /* the exit status after a wrong option under TIDEPOOL_STRICT */

struct tp_process tp_process;

/* Where the kernel put argc; argv and the environment follow it. The dynamic loader sets it before any code runs. */
extern void *__libc_stack_end;
extern char **environ;

/* Return the environment that the process was started with. environ is not set before libc's constructor has run. */
static char **initial_environment(void)
{
	if (environ)
		return environ;
	char **words = __libc_stack_end;
	return words + 1 + *(long *)__libc_stack_end + 1;
}

static void warn(const char *assignment, const struct tp_option_row *row, bool strict)
{
	char reason[160];

	if (!row) {
		tp_output_say("%s: unknown option", assignment);
		return;
	}
	tp_options_explain(row, reason, sizeof reason);
	if (strict)
		tp_output_say("%s: %s", assignment, reason);
	else
		tp_output_say("%s: %s; using %s", assignment, reason, *row->initial ? row->initial : "none");
}

/* Copy the name of an unknown option to @buffer, without the value, which may be secret or long. Returns @buffer. */
static const char *name_only(const char *assignment, char *buffer, size_t bytes)
{
	size_t length = (size_t)(strchrnul(assignment, '=') - assignment);

	if (length >= bytes)
		length = bytes - 1;
	memcpy(buffer, assignment, length);
	buffer[length] = '\0';
	return buffer;
}

/* Copy the values out of the environment: setproctitle and similar functions overwrite it. */
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
			tp_output_say("the options are longer than %zu bytes; %s is left out", kept.capacity,
			    tp_option_rows[i].name);
			kept.length = (size_t)(copy - kept.start);
			copy = "";
		}
		value->text = copy;
	}
}

static bool is_refused(enum tp_option_result result)
{
	return result == TP_OPTION_UNKNOWN || result == TP_OPTION_WRONG;
}

static void warn_of_all(char **environment)
{
	struct tp_options *options = &tp_process.options;
	char name[64];

	for (char **entry = environment; *entry; entry++) {
		const struct tp_option_row *row = NULL;

		if (is_refused(tp_options_apply(options, *entry, &row)))
			warn(row ? *entry : name_only(*entry, name, sizeof name), row, options->strict.number != 0);
	}
}

void tp_process_refuse_wrong_option(void)
{
	if (tp_process.options.strict.number)
		syscall(SYS_exit_group, STRICT_STATUS);
}

static void read_options(void)
{
	struct tp_options *options = &tp_process.options;
	bool wrong = false;

	tp_options_reset(options);
	/* A program that runs with more rights than its user has must not obey the user's environment. */
	if (getauxval(AT_SECURE))
		return;
	char **const environment = initial_environment();
	for (char **entry = environment; *entry; entry++) {
		const struct tp_option_row *row = NULL;

		wrong |= is_refused(tp_options_apply(options, *entry, &row));
	}
	/* The warnings come in a second pass: only now it is known whether a wrong option ends the program. */
	if (wrong) {
		warn_of_all(environment);
		tp_process_refuse_wrong_option();
	}
	keep_texts();
}

static void read_identity(void)
{
	const char *path = (const char *)getauxval(AT_EXECFN);
	struct timespec now;

	tp_process.pid = (pid_t)syscall(SYS_getpid); /* libc's getpid is on a page of code that few programs touch */
	tp_process.start_ns = tp_clock_now_ns();
	clock_gettime(CLOCK_REALTIME, &now);
	tp_process.start_time_s = now.tv_sec;
	const char *slash = path ? strrchr(path, '/') : NULL;
	strncpy(tp_process.program, slash ? slash + 1 : path ? path : "?", sizeof tp_process.program - 1);
}

void tp_process_start(void)
{
	read_identity();
	read_options();
	tp_process.mode = (enum tp_mode)tp_process.options.mode.number;
}

bool tp_process_owns_memory(void)
{
	return getpid() == tp_process.pid;
}

const char *tp_process_mode_name(void)
{
	static const char *const names[] = { "pool", "count", "off" };

	return names[tp_process.mode];
}

uint64_t tp_process_interval_ns(void)
{
	return *tp_process.options.stats_file.text ? tp_process.options.stats_interval.number : 0;
}
