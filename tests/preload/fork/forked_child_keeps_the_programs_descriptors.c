/*
 * With statistics a way to standard error is kept, at a number that no script names. A program that puts
 * a copy of its standard error there itself has it in its forked children as well.
 * @env TIDEPOOL_STATS=text
 */
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "expect.h"

#define NAMED 256 /* scripts name these */
#define DESCRIPTORS 1024

static bool is_standard_error(int fd)
{
	struct stat standard, other;

	return fstat(STDERR_FILENO, &standard) == 0 && fstat(fd, &other) == 0 && standard.st_dev == other.st_dev &&
	       standard.st_ino == other.st_ino;
}

int main(void)
{
	int kept = STDERR_FILENO + 1, status;

	while (kept < DESCRIPTORS && !is_standard_error(kept))
		kept++;
	EXPECT(kept >= NAMED, "descriptor %d is taken", kept);
	EXPECT(kept < DESCRIPTORS, "no way to standard error is kept: there is nothing to test");
	EXPECT(dup2(STDERR_FILENO, kept) == kept, "no copy at %d", kept);
	pid_t pid = fork();
	if (pid == 0)
		_exit(!is_standard_error(kept));
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child does not have descriptor %d", kept);
	return 0;
}
