/*
 * The statistics signal. The host's calls of sigaction and signal for it are kept
 * and answered as if it had it to itself; our handler runs its handler. See signal.h.
 */
#include "shim/signal.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "shim/dump.h"
#include "shim/hot.h"
#include "shim/process.h"

typedef int sigaction_function(int, const struct sigaction *, struct sigaction *);

static int own_signal; /* 0: none */
static struct sigaction host_action; /* what the host asked for */

static sigaction_function *next_sigaction(void)
{
	static sigaction_function *next;

	if (!next)
		next = (sigaction_function *)dlsym(RTLD_NEXT, "sigaction");
	return next;
}

static void run_default(int number)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	/* USR1 and USR2 mean nothing of their own: to look at a program must not end it. */
	if (number == SIGUSR1 || number == SIGUSR2)
		return;
	if (number == SIGURG || number == SIGWINCH)
		return; /* ignored by default */
	/* Delivered, with its default action, when this handler returns. */
	next_sigaction()(number, &action, NULL);
	raise(number);
}

static void handle(int number, siginfo_t *info, void *context)
{
	int saved_errno = errno;
	struct sigaction action = host_action;

	if (getpid() == tp_process.pid)
		tp_dump_write(TP_DUMP_ON_SIGNAL);
	if (action.sa_flags & SA_RESETHAND)
		host_action.sa_handler = SIG_DFL;
	errno = saved_errno;
	if (action.sa_flags & SA_SIGINFO)
		action.sa_sigaction(number, info, context);
	else if (action.sa_handler == SIG_DFL)
		run_default(number);
	else if (action.sa_handler != SIG_IGN)
		action.sa_handler(number);
}

/* Install our handler with the flags and the mask the host wants for its own. */
static int install(const struct sigaction *wanted)
{
	struct sigaction action = *wanted;

	action.sa_sigaction = handle;
	action.sa_flags = (int)(((unsigned)wanted->sa_flags & ~(unsigned)SA_RESETHAND) | SA_SIGINFO);
	return next_sigaction()(own_signal, &action, NULL);
}

void tp_signal_start(void)
{
	int number = (int)tp_process.options.stats_signal.number;

	if (number == 0 || tp_process.options.stats.number == TP_STATS_OFF)
		return;
	if (next_sigaction()(number, NULL, &host_action) != 0)
		return;
	own_signal = number;
	host_action.sa_flags |= SA_RESTART;
	install(&host_action);
}

TP_EXPORT int sigaction(int number, const struct sigaction *wanted, struct sigaction *old)
{
	if (number != own_signal || number == 0)
		return next_sigaction()(number, wanted, old);
	struct sigaction previous = host_action;
	if (wanted) {
		host_action = *wanted;
		if (install(wanted) != 0) {
			host_action = previous;
			return -1;
		}
	}
	if (old)
		*old = previous;
	return 0;
}

typedef sighandler_t signal_function(int, sighandler_t);

TP_EXPORT sighandler_t signal(int number, sighandler_t handler)
{
	static signal_function *next;

	if (number == own_signal && number != 0) {
		struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART }, old;

		return sigaction(number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
	}
	if (!next)
		next = (signal_function *)dlsym(RTLD_NEXT, "signal");
	return next(number, handler);
}
