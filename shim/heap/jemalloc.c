/* The private jemalloc: its settings, its first call, and what it calls instead of libc. See jemalloc.h. */
#include "shim/heap/jemalloc.h"

#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

#include "shim/arch/call.h"

/* jemalloc's options, which it reads at its first call. The program's MALLOC_CONF is for the program's own jemalloc. */
extern const char *tpje_malloc_conf;
const char *tpje_malloc_conf =
    "narenas:1,tcache:false,oversize_threshold:0,"
    "background_thread:false,retain:true,dss:disabled,muzzy_decay_ms:0,lg_extent_max_active_fit:30";

/* A signal handler of the program may run on this stack too. The stack takes no page before jemalloc's first call. */
#define RUN_STACK_BYTES 262144U

static void (*fork_prepare)(void), (*fork_parent)(void), (*fork_child)(void); /* jemalloc's fork handlers */
static pthread_key_t early_key; /* jemalloc's thread-specific key, created in our constructor */
static bool has_key; /* early_key exists */
static void (*_Atomic key_end)(void *); /* jemalloc's function for the end of a thread; NULL before its first call */

static _Atomic bool awake; /* a tp_jemalloc_run has succeeded */
struct tp_lock tp_jemalloc_start_lock; /* of the variables below */
static _Atomic uintptr_t running_thread; /* the thread pointer of the thread in tp_jemalloc_run; 0: none */
static bool (*function)(void *); /* what runs on run_stack, its argument and its result */
static void *argument;
static bool succeeded;
static _Alignas(16) unsigned char run_stack[RUN_STACK_BYTES];

/* What jemalloc calls instead of the functions of libc (shim/heap/jemalloc.syms). */
int tp_jemalloc_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void));
char *tp_jemalloc_getenv(const char *name);
ssize_t tp_jemalloc_readlink(const char *path, char *buffer, size_t bytes);
void *tp_jemalloc_dlsym(void *handle, const char *name);
int tp_jemalloc_open(const char *path, int flags, ...);
long tp_jemalloc_syscall(long number, ...);
void *tp_jemalloc_sbrk(intptr_t increment);
int tp_jemalloc_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set);
unsigned long tp_jemalloc_self(void);
int tp_jemalloc_key_create(pthread_key_t *key, void (*end)(void *));
double tp_jemalloc_log(double value);
double tp_jemalloc_exp(double value);
double tp_jemalloc_round(double value);
int tp_jemalloc_gettimeofday(struct timeval *time, void *zone);

int tp_jemalloc_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
	fork_prepare = prepare;
	fork_parent = parent;
	fork_child = child;
	return 0;
}

char *tp_jemalloc_getenv(const char *name)
{
	(void)name;
	return NULL; /* MALLOC_CONF is for the program's own jemalloc */
}

ssize_t tp_jemalloc_readlink(const char *path, char *buffer, size_t bytes)
{
	(void)path, (void)buffer, (void)bytes;
	return -1; /* and so is the link /etc/malloc.conf */
}

void *tp_jemalloc_dlsym(void *handle, const char *name)
{
	(void)handle, (void)name;
	return NULL; /* jemalloc then uses the pthread_create that it is linked to, and never calls that */
}

/*
 * jemalloc starts in the middle of a program. The program may be in a sandbox by then, and must not see a new
 * descriptor. So the functions below tell jemalloc nothing of the system:
 * - Files cannot be opened, and system calls fail: jemalloc would read whether memory is overcommitted and whether
 *   there are huge pages. Both matter only to memory that jemalloc maps itself.
 * - The heap has no end (sbrk): jemalloc must not use the heap.
 * - There are two CPUs: with more than one, jemalloc's locks spin.
 */
int tp_jemalloc_open(const char *path, int flags, ...)
{
	(void)path, (void)flags;
	return -1;
}

long tp_jemalloc_syscall(long number, ...)
{
	va_list arguments;

	if (number != SYS_write) /* jemalloc writes a line before it aborts */
		return -1;
	va_start(arguments, number);
	int fd = va_arg(arguments, int);
	const void *bytes = va_arg(arguments, const void *);
	size_t count = va_arg(arguments, size_t);
	va_end(arguments);
	return syscall(SYS_write, fd, bytes, count);
}

void *tp_jemalloc_sbrk(intptr_t increment)
{
	(void)increment;
	return (void *)-1;
}

int tp_jemalloc_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set)
{
	(void)pid;
	CPU_ZERO_S(bytes, set);
	CPU_SET_S(0, bytes, set);
	CPU_SET_S(1, bytes, set);
	return 0;
}

/*
 * Nothing calls the four functions below: jemalloc needs them for its profile and its background threads, which are
 * off. They are here so that no process has to load libm, or touch the pages of libc in which they would be looked up.
 */
double tp_jemalloc_log(double value)
{
	return value;
}

double tp_jemalloc_exp(double value)
{
	return value;
}

double tp_jemalloc_round(double value)
{
	return value;
}

int tp_jemalloc_gettimeofday(struct timeval *time, void *zone)
{
	(void)time, (void)zone;
	return -1;
}

/*
 * jemalloc remembers which thread began to start it. If that start failed, every other thread would wait for ever. Our
 * lock lets one thread at a time start jemalloc, so all threads may have the same name.
 */
unsigned long tp_jemalloc_self(void)
{
	return 1;
}

/* The destructor of early_key. */
static void end_thread(void *value)
{
	/* relaxed: only a thread that has called jemalloc has a value, and jemalloc's start set the function before */
	void (*end)(void *) = atomic_load_explicit(&key_end, memory_order_relaxed);

	if (end)
		end(value);
}

int tp_jemalloc_key_create(pthread_key_t *key, void (*end)(void *))
{
	if (!has_key) /* no key was free when our constructor ran, or the constructor has not run yet */
		return pthread_key_create(key, end);
	atomic_store_explicit(&key_end, end, memory_order_relaxed);
	*key = early_key;
	return 0;
}

void tp_jemalloc_start(void)
{
	has_key = pthread_key_create(&early_key, end_thread) == 0;
}

static void run_on_stack(void)
{
	succeeded = function(argument);
}

bool tp_jemalloc_run(bool (*wanted)(void *), void *its_argument)
{
	uintptr_t self = (uintptr_t)__builtin_thread_pointer();

	/*
	 * This thread is in here already: jemalloc called libc, libc called malloc, and that malloc must not wait.
	 * relaxed: a thread looks only for the value that it has written itself.
	 */
	if (atomic_load_explicit(&running_thread, memory_order_relaxed) == self)
		return false;
	tp_lock_acquire(&tp_jemalloc_start_lock);
	atomic_store_explicit(&running_thread, self, memory_order_relaxed);
	function = wanted;
	argument = its_argument;
	tp_call_on_stack(run_stack + sizeof run_stack, run_on_stack);
	bool result = succeeded;
	if (result)
		/* release: pairs with the acquire in tp_jemalloc_is_awake */
		atomic_store_explicit(&awake, true, memory_order_release);
	atomic_store_explicit(&running_thread, 0, memory_order_relaxed);
	tp_lock_release(&tp_jemalloc_start_lock);
	return result;
}

bool tp_jemalloc_is_awake(void)
{
	return atomic_load_explicit(&awake, memory_order_acquire); /* pairs with the release in tp_jemalloc_run */
}

void tp_jemalloc_touch(void)
{
	const char *version;
	size_t length = sizeof version;

	if (tp_jemalloc_is_awake())
		tpje_mallctl("version", &version, &length, NULL, 0);
}

void tp_jemalloc_fork_prepare(void)
{
	if (fork_prepare)
		fork_prepare();
}

void tp_jemalloc_fork_parent(void)
{
	if (fork_parent)
		fork_parent();
}

void tp_jemalloc_fork_child(void)
{
	if (fork_child)
		fork_child();
}
