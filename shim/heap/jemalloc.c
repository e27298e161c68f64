/* The private jemalloc as a guest. See jemalloc.h. */
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

/* Read by jemalloc at its first call; ours, so the host's settings stay the host's. */
extern const char *tpje_malloc_conf;
const char *tpje_malloc_conf =
    "narenas:1,tcache:false,oversize_threshold:0,"
    "background_thread:false,retain:true,dss:disabled,muzzy_decay_ms:0,lg_extent_max_active_fit:30";

#define RUN_STACK_BYTES 262144U /* also for a signal handler of the program's that comes then; untouched till then */

static void (*fork_prepare)(void), (*fork_parent)(void), (*fork_child)(void);
static pthread_key_t early_key;
static bool has_key;
static void (*_Atomic key_end)(void *); /* what jemalloc wants done when a thread ends */

static _Atomic bool awake;
struct tp_lock tp_jemalloc_start_lock;
static _Atomic uintptr_t running_thread; /* its thread pointer; 0: none */
static bool (*function)(void *); /* under tp_jemalloc_start_lock, as what follows */
static void *argument;
static bool succeeded;
static _Alignas(16) unsigned char run_stack[RUN_STACK_BYTES];

/* What the renamed copy calls instead of libc. */
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
	return NULL; /* MALLOC_CONF is the host's */
}

ssize_t tp_jemalloc_readlink(const char *path, char *buffer, size_t bytes)
{
	(void)path, (void)buffer, (void)bytes;
	return -1; /* so is /etc/malloc.conf */
}

void *tp_jemalloc_dlsym(void *handle, const char *name)
{
	(void)handle, (void)name;
	return NULL; /* jemalloc then uses the pthread_create it is linked to, and never calls it */
}

/*
 * jemalloc begins in the middle of a program, which may have closed its sandbox by then
 * and must not see a descriptor more. So it learns nothing of the system: not how memory
 * is overcommitted (read by a raw system call) or made of huge pages, which matters to
 * extents of its own alone; not the end of the heap, which it is not to use; and of the
 * CPUs that there are several, so that its locks spin.
 */
int tp_jemalloc_open(const char *path, int flags, ...)
{
	(void)path, (void)flags;
	return -1;
}

long tp_jemalloc_syscall(long number, ...)
{
	va_list arguments;

	if (number != SYS_write) /* its last words */
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
 * For jemalloc's own profile and background threads, which are off: nothing calls them, and no
 * process has to load libm, or pages of libc that only looking a function up there touches.
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
 * jemalloc remembers who began to start it, and where that failed has every other
 * thread wait for ever. Here one at a time does, so they may all be the same.
 */
unsigned long tp_jemalloc_self(void)
{
	return 1;
}

static void end_thread(void *value)
{
	void (*end)(void *) = atomic_load_explicit(&key_end, memory_order_relaxed);

	if (end)
		end(value);
}

int tp_jemalloc_key_create(pthread_key_t *key, void (*end)(void *))
{
	if (!has_key)
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

	/* It asked malloc for something itself, which is not to wait for this. */
	if (atomic_load_explicit(&running_thread, memory_order_relaxed) == self)
		return false;
	tp_lock_acquire(&tp_jemalloc_start_lock);
	atomic_store_explicit(&running_thread, self, memory_order_relaxed);
	function = wanted;
	argument = its_argument;
	tp_call_on_stack(run_stack + sizeof run_stack, run_on_stack);
	bool result = succeeded;
	/* release: pairs with the acquire in tp_jemalloc_is_awake */
	if (result)
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
