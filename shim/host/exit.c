/* The end of the process: each way that a process ends. See exit.h. */
#include "shim/host/exit.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/base/compiler.h"
#include "shim/base/process.h"
#include "shim/report/dump.h"
#include "shim/report/live.h"

/* Whether an option asks for anything at the end. */
static bool is_wanted(void)
{
	return tp_dump_is_wanted() || *tp_process.options.live.text;
}

static void end(void)
{
	/* A vfork child ends in its parent's memory: the statistics and the files there are its parent's. */
	if (!is_wanted() || !tp_process_owns_memory())
		return;
	if (tp_dump_is_wanted())
		tp_dump_write(TP_DUMP_AT_END);
	tp_live_end();
}

__attribute__((destructor)) static void end_of_exit(void)
{
	end();
}

void tp_exit_start(void)
{
	if (is_wanted())
		at_quick_exit(end);
}

TP_EXPORT _Noreturn void _exit(int status)
{
	end();
	for (;;)
		syscall(SYS_exit_group, status);
}

TP_EXPORT _Noreturn void _Exit(int status)
{
	_exit(status);
}
