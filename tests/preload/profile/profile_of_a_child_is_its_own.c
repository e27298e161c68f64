/*
 * A forked child begins an empty profile and knows its parent's objects when it frees them; a vfork
 * child leaves none. Each file is whole, and nothing is left under another name.
 * @no-preload
 * @cc -lm
 */
#include <sys/stat.h>

#include "child.h"
#include "dump.h"
#include "heap.h"

#define OBJECTS 100
#define OBJECT_BYTES 3000

static void run(void)
{
	static void *objects[OBJECTS], *own[OBJECTS];
	void **kept = objects;
	int status;
	pid_t pid;

	/* One call site for both: the child comes back to it, with objects of its own. */
again:
	for (int i = 0; i < OBJECTS; i++)
		kept[i] = malloc(OBJECT_BYTES);
	if (kept == own)
		exit(0);
	pid = vfork();
	if (pid == 0) {
		free(malloc(100));
		_exit(0);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the vfork child ended with %#x", status);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < OBJECTS; i++)
			free(objects[i]);
		kept = own;
		goto again;
	}
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with %#x", status);
	printf("%d\n", pid);
	for (int i = 0; i < OBJECTS / 2; i++)
		free(objects[i]);
}

/* The objects of one size that a profile has. */
static struct heap_line sum(const char *dir, int pid, unsigned long bytes)
{
	struct heap_line total = { 0 }, line;
	char path[512];
	double every;

	snprintf(path, sizeof path, "%s/%d", dir, pid);
	FILE *file = heap_open(path, &every);
	EXPECT(every == 1, "sampled every %.0f bytes", every);
	while (heap_read_line(file, every, &line)) {
		if (line.bytes != line.objects * bytes)
			continue;
		total.objects += line.objects;
		total.in_use_objects += line.in_use_objects;
	}
	fclose(file);
	return total;
}

int main(int argc, char **argv)
{
	static struct child child;
	char dir[256], setting[512], path[512];

	(void)argv;
	if (argc > 1) {
		printf("%d\n", getpid());
		run();
		return 0;
	}
	child_make_directory(dir);
	snprintf(setting, sizeof setting, "TIDEPOOL_PROFILE=%s/%%p", dir);
	child_run(&child, "run", NULL, "TIDEPOOL_PROFILE_EVERY=1", setting, NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*child.err, "stderr has %s", child.err);
	int pids[2];
	/* The child leaves by exit and prints what it inherited unwritten: the last line is the parent's. */
	EXPECT(sscanf(child.out, "%d", &pids[0]) == 1, "stdout has %s", child.out);
	char *last = child.out + strlen(child.out) - 1;
	while (last > child.out && last[-1] != '\n')
		last--;
	pids[1] = atoi(last);

	struct heap_line parent = sum(dir, pids[0], OBJECT_BYTES), own = sum(dir, pids[1], OBJECT_BYTES);
	EXPECT(parent.objects == OBJECTS && parent.in_use_objects == OBJECTS - OBJECTS / 2,
	    "the parent has %.0f, in use %.0f", parent.objects, parent.in_use_objects);
	EXPECT(own.objects == OBJECTS && own.in_use_objects == OBJECTS, "the child has %.0f, in use %.0f", own.objects,
	    own.in_use_objects);
	EXPECT(
	    dump_count(dir, path) == 4, "%d files where two profiles should be, one %s", dump_count(dir, path), path);
	return 0;
}
