/*
 * A forked child, whose statistics begin at zero, frees what its parent allocated: mallinfo still
 * says what is in use, in no field less than nothing.
 * @env TIDEPOOL_STATS=json
 * @env TIDEPOOL_STATS_FILE=/dev/null
 * @cc -Wno-deprecated-declarations
 */
#include <malloc.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "expect.h"

#define BLOCKS 6
#define SANE ((size_t)1 << 40)

int main(void)
{
	void *blocks[BLOCKS], *objects[1000];
	int status;

	for (int i = 0; i < BLOCKS; i++)
		blocks[i] = malloc(1 << 20);
	for (int i = 0; i < 1000; i++)
		objects[i] = malloc(300);
	pid_t pid = fork();
	if (pid == 0) {
		EXPECT(mallinfo2().hblks >= BLOCKS, "%zu large blocks are out after the fork", mallinfo2().hblks);
		for (int i = 0; i < BLOCKS - 1; i++)
			free(blocks[i]);
		for (int i = 0; i < 1000; i++)
			free(objects[i]);
		struct mallinfo2 info = mallinfo2();
		EXPECT(info.hblks >= 1 && info.hblks < 100, "%zu large blocks are out", info.hblks);
		EXPECT(info.uordblks < SANE && info.fordblks < SANE && info.hblkhd < SANE && info.ordblks < SANE,
		    "in use %zu, held %zu, large %zu", info.uordblks, info.fordblks, info.hblkhd);
		EXPECT(mallinfo().hblks >= 1, "mallinfo says %d", mallinfo().hblks);
		_exit(0);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with wait status %#x", status);
	return 0;
}
