/*
 * With every allocation sampled, in both ways to unwind: threads that throw, that open and close a
 * library, that fork, that are interrupted by signals, that allocate in a handler, that allocate
 * with a lock held which another takes within the loader's, and that have hardly any stack; none
 * hangs or crashes, and no object is handed out twice.
 * @variants rseq lock delay norseq
 * @no-preload
 * @cc -ldl
 */
#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <sys/time.h>
#include <vector>

#include "child.h"
#include "library.h"

#define GUARD_BYTES 65536
#define HANDLER_STACK_BYTES 3584 /* beside what the kernel needs for the signal itself */

static const char *library;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile bool over;
static void *volatile sink;

static void use(size_t bytes)
{
	void *object = malloc(bytes);
	EXPECT(object, "no memory");
	memset(object, 7, bytes);
	sink = object;
	object = realloc(object, bytes * 2);
	EXPECT(((char *)object)[bytes - 1] == 7, "the contents are gone");
	free(object);
}

static int throw_deep(int depth)
{
	std::vector<int> on_the_way(depth + 1);
	if (depth == 0)
		throw std::runtime_error("a message that is longer than any string keeps by itself");
	return throw_deep(depth - 1) + on_the_way[0];
}

static void *throw_often(void *)
{
	for (int i = 0; i < 200; i++) {
		try {
			throw_deep(10);
			EXPECT(false, "nothing was thrown");
		} catch (const std::exception &caught) {
			EXPECT(*caught.what() == 'a', "something else was thrown");
		}
	}
	return NULL;
}

static void *open_often(void *)
{
	for (int i = 0; i < 20; i++) {
		void *handle = dlopen(library, RTLD_NOW);
		EXPECT(handle, "%s", dlerror());
		dlclose(handle);
		EXPECT(!dlopen("/nonexistent/library.so", RTLD_NOW), "a missing library was opened");
	}
	return NULL;
}

static void *fork_often(void *)
{
	for (int i = 0; i < 50; i++) {
		pid_t pid = fork();
		EXPECT(pid >= 0, "cannot fork");
		if (pid == 0) {
			alarm(100);
			for (int k = 0; k < 20; k++)
				use(100 + k);
			_exit(0);
		}
		int status;
		EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with %#x", status);
	}
	return NULL;
}

/* Allocates with the lock held... */
static void *hold(void *)
{
	while (!over) {
		pthread_mutex_lock(&lock);
		use(64);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static int take_lock(struct dl_phdr_info *, size_t, void *)
{
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	return 0;
}

/* ...that this one takes while it holds the loader's. */
static void *iterate(void *)
{
	for (int i = 0; i < 500; i++)
		dl_iterate_phdr(take_lock, NULL);
	return NULL;
}

static void *use_once(void *)
{
	use(100);
	return NULL;
}

static void *start_small_threads(void *)
{
	for (size_t bytes = PTHREAD_STACK_MIN; bytes <= 65536; bytes += 4096) {
		pthread_attr_t attributes;
		pthread_t thread;
		pthread_attr_init(&attributes);
		pthread_attr_setstacksize(&attributes, bytes);
		EXPECT(pthread_create(&thread, &attributes, use_once, NULL) == 0, "no thread");
		pthread_join(thread, NULL);
	}
	return NULL;
}

static void allocate_in_handler(int)
{
	use(200);
}

/* On a stack that is enough for an allocation and not for unwinding; below it nothing can be touched. */
static void *raise_often(void *)
{
	size_t bytes = (size_t)sysconf(_SC_MINSIGSTKSZ) + HANDLER_STACK_BYTES;
	char *memory =
	    (char *)mmap(NULL, GUARD_BYTES + bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t other = {};
	other.ss_sp = memory + GUARD_BYTES;
	other.ss_size = bytes;
	EXPECT(mprotect(memory, GUARD_BYTES, PROT_NONE) == 0 && sigaltstack(&other, NULL) == 0, "no other stack");
	for (int i = 0; i < 200; i++)
		pthread_kill(pthread_self(), SIGUSR1);
	return NULL;
}

static int run()
{
	void *(*const parts[])(void *) = { throw_often, open_often, fork_often, iterate, start_small_threads,
		raise_often, throw_often, hold };
	const int count = sizeof parts / sizeof *parts;
	pthread_t threads[count];
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } };

	library = library_path("border_crosser.so");
	struct sigaction action = {};
	action.sa_flags = SA_RESTART | SA_ONSTACK;
	action.sa_handler = allocate_in_handler;
	sigaddset(&action.sa_mask, SIGALRM); /* which would come on top of it, on the same small stack */
	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&action.sa_mask);
	action.sa_flags = SA_RESTART;
	action.sa_handler = [](int) {};
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < count; i++)
		EXPECT(pthread_create(&threads[i], NULL, parts[i], NULL) == 0, "no thread");
	for (int i = 0; i < count - 1; i++)
		pthread_join(threads[i], NULL);
	over = true;
	pthread_join(threads[count - 1], NULL);
	return 0;
}

int main(int argc, char **)
{
	static struct child child;
	char unwind[] = "TIDEPOOL_PROFILE_UNWIND=unwind", fp[] = "TIDEPOOL_PROFILE_UNWIND=fp";

	if (argc > 1)
		return run();
	for (char *way : { unwind, fp }) {
		child_run(&child, "run", NULL, "TIDEPOOL_PROFILE=/dev/null", "TIDEPOOL_PROFILE_EVERY=1", way, NULL);
		child_expect_exit(&child, 0);
		EXPECT(!*child.err, "stderr has %s", child.err);
	}
	return 0;
}
