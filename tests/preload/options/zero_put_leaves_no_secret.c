/*
 * With TIDEPOOL_ZERO=put nothing of a freed object is left in any memory of the process, whether it
 * was pooled, dropped or too large for a pool, resized or passed to another thread. Looked for from outside.
 * @env TIDEPOOL_ZERO=put
 * @env TIDEPOOL_ADMIT=100
 * @variants rseq lock delay norseq
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "expect.h"

#define WORDS 3 /* in a row: one alone may be left in a register that was saved */
#define COUNT 24
#define CHUNK (1 << 20)

static const size_t sizes[] = { 32, 100, 1000, 3000, 8192, 20000, 65536, 65537, 150000, 300000, 1 << 20, 3 << 20 };

/* Not in memory as such before it is written. */
static uint64_t secret_word(void)
{
	volatile uint64_t half = 0x5ec4e75ec4e75ec3;

	return half * 2 + 1;
}

__attribute__((noinline)) static void write_secret(void *object, size_t size)
{
	volatile uint64_t *words = object;

	for (size_t i = 0; i < size / sizeof *words; i++)
		words[i] = secret_word();
}

static void *secret(size_t size)
{
	void *object = malloc(size);

	EXPECT(object, "no memory for %zu bytes", size);
	write_secret(object, size);
	return object;
}

static void *free_it(void *object)
{
	free(object);
	return NULL;
}

static void free_in_a_thread(void *object)
{
	pthread_t thread;

	EXPECT(pthread_create(&thread, NULL, free_it, object) == 0, "no thread");
	pthread_join(thread, NULL);
}

static void keep_and_lose_secrets(size_t size)
{
	void *objects[COUNT], *aligned;
	int count = size > 200000 ? 4 : COUNT;

	for (int i = 0; i < count; i++)
		objects[i] = secret(size);
	free_in_a_thread(objects[--count]);
	/* Grown, shrunk a little and a lot: none stays where it was with its contents behind it. */
	objects[0] = realloc(objects[0], 2 * size + 1);
	objects[1] = realloc(objects[1], size - size / 8);
	objects[2] = realloc(objects[2], size / 5 + 1);
	for (int i = 0; i < count; i++)
		free(objects[i]);
	EXPECT(posix_memalign(&aligned, 4096, size) == 0, "no aligned memory");
	write_secret(aligned, size);
	free(aligned);
	free(realloc(secret(size), 16));
}

/* Times the secret is in memory of the process that may be written, but for its stack. */
static int find_secrets(pid_t pid)
{
	static uint64_t chunk[CHUNK / sizeof(uint64_t)];
	char path[64], line[512];
	int found = 0;

	snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
	FILE *maps = fopen(path, "r");
	snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
	int memory = open(path, O_RDONLY | O_CLOEXEC);
	EXPECT(maps && memory >= 0, "cannot read the memory of %d: %s", (int)pid, strerror(errno));
	while (fgets(line, sizeof line, maps)) {
		unsigned long start, end;
		char may[8];

		if (sscanf(line, "%lx-%lx %7s", &start, &end, may) != 3 || may[0] != 'r' || may[1] != 'w')
			continue;
		if (strstr(line, "[stack]"))
			continue; /* the program's own: vector registers are saved there when a function is first called */
		for (unsigned long at = start; at < end; at += CHUNK) {
			size_t wanted = end - at < CHUNK ? end - at : CHUNK;
			ssize_t got = pread(memory, chunk, wanted, (off_t)at);
			for (ssize_t i = 0, row = 0; i < got / (ssize_t)sizeof *chunk; i++) {
				row = chunk[i] == secret_word() ? row + 1 : 0;
				found += row == WORDS;
			}
		}
	}
	fclose(maps);
	close(memory);
	return found;
}

/* The child that has the secrets; it says with a byte when it may be looked at. */
static void child(int in, int out)
{
	char byte = 0;
	void *kept = secret(1000);

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		keep_and_lose_secrets(sizes[i]);
	EXPECT(write(out, &byte, 1) == 1 && read(in, &byte, 1) == 1, "no pipe");
	free(kept);
	EXPECT(write(out, &byte, 1) == 1 && read(in, &byte, 1) == 1, "no pipe");
	_exit(0);
}

int main(void)
{
	int to[2], from[2], status;
	char byte = 0;

	EXPECT(pipe(to) == 0 && pipe(from) == 0, "no pipe");
	pid_t pid = fork();
	EXPECT(pid >= 0, "cannot fork");
	if (pid == 0)
		child(to[0], from[1]);
	close(from[1]);
	EXPECT(read(from[0], &byte, 1) == 1, "the child is gone");
	int found = find_secrets(pid);
	EXPECT(found == 1, "one secret is kept, %d are found", found);
	EXPECT(write(to[1], &byte, 1) == 1 && read(from[0], &byte, 1) == 1, "the child is gone");
	found = find_secrets(pid);
	EXPECT(found == 0, "%d secrets are found", found);
	EXPECT(write(to[1], &byte, 1) == 1, "the child is gone");
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with %#x", status);
	return 0;
}
