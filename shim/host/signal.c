/*
 * The statistics signal. The kernel has our handler; the program is answered as if it had its own there, and ours
 * calls it.
 *
 * Owns the program's action for the signal, in two copies. A thread that changes it holds the lock, with all signals
 * blocked, fills the copy that is not current, and makes it current. A thread that reads it waits for no lock. A vfork
 * child reads and never changes: the memory is its parent's.
 */
#include "shim/host/signal.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "shim/base/compiler.h"
#include "shim/base/libc.h"
#include "shim/base/lock.h"
#include "shim/base/process.h"
#include "shim/host/start.h"
#include "shim/report/dump.h"

#define ACTION_WORDS (sizeof(struct sigaction) / sizeof(uint64_t))
static_assert(sizeof(struct sigaction) % sizeof(uint64_t) == 0, "an action is copied word by word");

/* An action, to copy word by word. */
union action_copy {
	struct sigaction action;
	uint64_t words[ACTION_WORDS];
};

static _Atomic int own_signal; /* the number of the statistics signal; 0: none */
static struct tp_lock change_lock;
static _Atomic uint64_t copies[2][ACTION_WORDS]; /* of the program's action */
static _Atomic uint32_t version; /* rises with each change; its lowest bit is the index of the current copy */

/* Read the program's action. Waits for no lock; looks again if the action changed meanwhile. */
static struct sigaction host_action(void)
{
	union action_copy copy;
	/* acquire: pairs with the release of version in set_host_action */
	uint32_t seen, now = atomic_load_explicit(&version, memory_order_acquire);

	do {
		seen = now;
		for (size_t i = 0; i < ACTION_WORDS; i++)
			copy.words[i] = atomic_load_explicit(&copies[seen & 1][i], memory_order_relaxed);
		/* acquire: pairs with the fence in set_host_action; a word of a later version makes now later too */
		atomic_thread_fence(memory_order_acquire);
		now = atomic_load_explicit(&version, memory_order_relaxed);
	} while (now != seen);
	return copy.action;
}

/* Make @action the program's. Called between begin_change and end_change. */
static void set_host_action(const struct sigaction *action)
{
	union action_copy copy = { .action = *action };
	uint32_t next = atomic_load_explicit(&version, memory_order_relaxed) + 1;

	/* release: pairs with the fence in host_action */
	atomic_thread_fence(memory_order_release);
	for (size_t i = 0; i < ACTION_WORDS; i++)
		atomic_store_explicit(&copies[next & 1][i], copy.words[i], memory_order_relaxed);
	/* release: pairs with the acquire in host_action */
	atomic_store_explicit(&version, next, memory_order_release);
}

/* Take the lock, with all signals blocked: any handler may call sigaction. */
static void begin_change(sigset_t *old_mask)
{
	tp_lock_acquire_masked(&change_lock, old_mask);
}

static void end_change(const sigset_t *old_mask)
{
	tp_lock_release_masked(&change_lock, old_mask);
}

static bool has_handler(const struct sigaction *action)
{
	return action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN;
}

/* Whether the action serves one delivery, and is the default afterwards. */
static bool is_reset_by_delivery(const struct sigaction *action)
{
	return has_handler(action) && ((unsigned)action->sa_flags & (unsigned)SA_RESETHAND);
}

static void handle(int number, siginfo_t *info, void *context);

/* Install our handler in the kernel, with the flags and the mask that the program wants for its own. */
static int install(int number, const struct sigaction *wanted)
{
	struct sigaction action = *wanted;
	unsigned flags = ((unsigned)wanted->sa_flags & ~(unsigned)SA_RESETHAND) | SA_SIGINFO;

	/* A signal without a handler of the program's must not interrupt the program's system calls. */
	if (!has_handler(wanted))
		flags |= SA_RESTART;
	action.sa_sigaction = handle;
	action.sa_flags = (int)flags;
	return tp_libc.sigaction(number, &action, NULL);
}

static int reset_to_default(int number)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	return tp_libc.sigaction(number, &action, NULL);
}

static void run_default(int number)
{
	/* The default would end the program. USR1 and USR2 are sent to see the statistics, and must not. */
	if (number == SIGUSR1 || number == SIGUSR2)
		return;
	if (number == SIGURG || number == SIGWINCH)
		return; /* the default is to ignore them */
	/* Delivered with its default action when this handler returns; at once if the program set SA_NODEFER. */
	reset_to_default(number);
	raise(number);
}

/* What the program wants of this delivery. A handler that serves one delivery is the default after this. */
static struct sigaction take_host_action(int number, bool own_memory)
{
	struct sigaction action = host_action();
	sigset_t mask;

	if (!is_reset_by_delivery(&action))
		return action;
	if (!own_memory) {
		/* The kernel has separate actions for a vfork child, so this changes the child's alone. */
		reset_to_default(number);
		return action;
	}
	begin_change(&mask);
	action = host_action(); /* again: another thread may have reset it before this one had the lock */
	if (is_reset_by_delivery(&action)) {
		struct sigaction after = action;

		after.sa_handler = SIG_DFL;
		install(number, &after);
		set_host_action(&after);
	}
	end_change(&mask);
	return action;
}

/* Our handler. */
static void handle(int number, siginfo_t *info, void *context)
{
	int saved_errno = errno;
	bool own_memory = tp_process_owns_memory();
	struct sigaction action = take_host_action(number, own_memory);

	if (own_memory)
		tp_dump_write(TP_DUMP_ON_SIGNAL);
	errno = saved_errno;
	/* The kernel tests in this order: SA_SIGINFO means nothing if there is no handler. */
	if (action.sa_handler == SIG_DFL)
		run_default(number);
	else if (action.sa_handler == SIG_IGN)
		return;
	else if (action.sa_flags & SA_SIGINFO)
		action.sa_sigaction(number, info, context);
	else
		action.sa_handler(number);
}

void tp_signal_start(void)
{
	int number = (int)tp_process.options.stats_signal.number;
	struct sigaction action;
	sigset_t mask;

	if (number == 0 || !tp_dump_is_wanted() || !tp_libc.sigaction)
		return;
	begin_change(&mask);
	if (tp_libc.sigaction(number, NULL, &action) == 0) {
		set_host_action(&action);
		/* release: pairs with the acquire in is_own_signal */
		atomic_store_explicit(&own_signal, number, memory_order_release);
		install(number, &action);
	}
	end_change(&mask);
}

void tp_signal_reset_lock(void)
{
	tp_lock_reset(&change_lock); /* the copies need nothing: the current one is never written */
}

static bool is_own_signal(int number)
{
	/* acquire: pairs with the release in tp_signal_start */
	return number != 0 && number == atomic_load_explicit(&own_signal, memory_order_acquire);
}

/* sigaction for the statistics signal. */
static int change(int number, const struct sigaction *wanted, struct sigaction *old)
{
	struct sigaction previous, next;
	sigset_t mask;
	int result = 0;

	if (wanted) {
		next = *wanted; /* before the lock: the program's pointer may be a wrong one */
		begin_change(&mask);
		previous = host_action();
		result = install(number, &next);
		if (result == 0)
			set_host_action(&next);
		end_change(&mask);
	} else {
		previous = host_action();
	}
	if (old && result == 0)
		*old = previous;
	return result;
}

/*
 * sigaction for the statistics signal in a vfork child, which has actions of its own in the kernel. Until the child
 * changes the signal's, the kernel has our handler for it, and the program's action is the parent's.
 */
static int change_in_child(int number, const struct sigaction *wanted, struct sigaction *old)
{
	int result = tp_libc.sigaction(number, wanted, old);

	if (result == 0 && old && (old->sa_flags & SA_SIGINFO) && old->sa_sigaction == handle)
		*old = host_action();
	return result;
}

TP_EXPORT int sigaction(int number, const struct sigaction *wanted, struct sigaction *old)
{
	tp_start();
	if (!is_own_signal(number))
		return tp_libc.sigaction(number, wanted, old);
	return tp_process_owns_memory() ? change(number, wanted, old) : change_in_child(number, wanted, old);
}

/* What signal and its like do for the statistics signal. */
static sighandler_t change_handler(int number, sighandler_t handler, unsigned flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = (int)flags }, old;

	if (handler == SIG_ERR) {
		errno = EINVAL;
		return SIG_ERR;
	}
	if (!(flags & SA_NODEFER))
		sigaddset(&action.sa_mask, number); /* as glibc does; a later sigaction reports it */
	return sigaction(number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

TP_EXPORT sighandler_t signal(int number, sighandler_t handler)
{
	tp_start();
	return is_own_signal(number) ? change_handler(number, handler, SA_RESTART) : tp_libc.signal(number, handler);
}

/* System V's signal: the handler serves one delivery and does not block its signal. */
TP_EXPORT sighandler_t __sysv_signal(int number, sighandler_t handler)
{
	tp_start();
	if (!is_own_signal(number))
		return tp_libc.sysv_signal(number, handler);
	return change_handler(number, handler, (unsigned)SA_RESETHAND | SA_NODEFER | SA_INTERRUPT);
}

/* Other names of these two in glibc. */
TP_EXPORT sighandler_t bsd_signal(int, sighandler_t) __attribute__((nothrow, leaf, alias("signal")));
TP_EXPORT sighandler_t ssignal(int, sighandler_t) __attribute__((alias("signal")));
TP_EXPORT sighandler_t sysv_signal(int, sighandler_t) __attribute__((alias("__sysv_signal")));
