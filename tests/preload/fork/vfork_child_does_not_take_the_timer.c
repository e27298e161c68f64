/*
 * The first slow path in a forked child is taken by a vfork child of its own: the timer's thread
 * belongs to the process, not to the vfork child, and what is freed later still goes back.
 * @no-preload
 * @env TIDEPOOL_TICK=20ms
 * @env TIDEPOOL_TIMER=thread
 */
#include "tasks.h"
#include "watch.h"

#define OBJECTS 500

__attribute__((noinline)) static void allocate_in_child(void)
{
	for (int i = 0; i < 20; i++)
		free(malloc(100000));
	_exit(0);
}

__attribute__((noinline)) static void expect_end(pid_t pid)
{
	int status;

	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with %#x", status);
}

static void vfork_once(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		allocate_in_child();
	expect_end(pid);
}

static void use_memory(void)
{
	void *objects[OBJECTS];

	for (int i = 0; i < OBJECTS; i++)
		objects[i] = malloc(2000);
	for (int i = 0; i < OBJECTS; i++)
		free(objects[i]);
	free(malloc(100000));
}

static int body(void)
{
	tasks_wait_for_tidepool();
	pid_t pid = fork();
	if (pid == 0) {
		alarm(60);
		vfork_once();
		use_memory();
		watch_two_ticks();
		tasks_wait_for_tidepool();
		_exit(0);
	}
	expect_end(pid);
	vfork_once();
	use_memory();
	watch_two_ticks();
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}
