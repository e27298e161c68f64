/* The end of the process. See exit.h. */
#include "shim/exit.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/dump.h"
#include "shim/hot.h"
#include "shim/process.h"

static void dump_at_end(void)
{
	/* A vfork child ends in its parent's memory, whose statistics are not its own. */
	if (tp_process.options.stats.number != TP_STATS_OFF && getpid() == tp_process.pid)
		tp_dump_write(TP_DUMP_AT_END);
}

__attribute__((destructor)) static void end_of_exit(void)
{
	dump_at_end();
}

void tp_exit_start(void)
{
	if (tp_process.options.stats.number != TP_STATS_OFF)
		at_quick_exit(dump_at_end);
}

TP_EXPORT _Noreturn void _exit(int status)
{
	dump_at_end();
	for (;;)
		syscall(SYS_exit_group, status);
}

TP_EXPORT _Noreturn void _Exit(int status)
{
	_exit(status);
}
