/*
 * A limit that the library does not see coming leaves no page to map when the first large blocks are asked
 * for. They are refused like others, or served; the program goes on, and nothing is printed.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "expect.h"

int main(void)
{
	struct rlimit limit;
	int ends[2];
	char printed[64];

	free(malloc(100));
	EXPECT(pipe(ends) == 0 && dup2(ends[1], STDERR_FILENO) == STDERR_FILENO, "no pipe");
	close(ends[1]);
	EXPECT(getrlimit(RLIMIT_DATA, &limit) == 0, "no limit");
	limit.rlim_cur = 65536;
	EXPECT(syscall(SYS_prlimit64, 0, RLIMIT_DATA, &limit, NULL) == 0, "the limit is refused");
	for (size_t bytes = 70000; bytes < (size_t)64 << 20; bytes *= 2) {
		char *block = malloc(bytes);

		if (block)
			block[0] = block[bytes - 1] = 1;
		else
			EXPECT(errno == ENOMEM, "errno is %d for %zu bytes", errno, bytes);
		free(block);
	}
	limit.rlim_cur = limit.rlim_max;
	EXPECT(syscall(SYS_prlimit64, 0, RLIMIT_DATA, &limit, NULL) == 0, "the limit stays");
	char *block = malloc((size_t)8 << 20);
	EXPECT(block, "no memory when there is some again");
	block[0] = 1;
	free(block);
	close(STDERR_FILENO);
	EXPECT(read(ends[0], printed, sizeof printed) == 0, "something was printed");
	return 0;
}
