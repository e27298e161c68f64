/*
 * copy OPERATIONS: a file of 256 KiB copied through a buffer of 32 KiB.
 *
 * Source: io.CopyBuffer of Go's documentation, and the pool of 32 KiB buffers that net/http/httputil's
 * ReverseProxy takes (BufferPool): 32 KiB is what io.Copy allocates for each copy.
 */
#include <fcntl.h>
#include <unistd.h>

#include "operation.h"

enum { COPY_BUFFER_BYTES = 32768, COPY_FILE_BYTES = 262144 };

static int copy_from;
static int copy_to;

static uint64_t copy_once(uint64_t number)
{
	char *buffer = checked_malloc(COPY_BUFFER_BYTES);
	uint64_t sum = number;
	ssize_t length;

	if (lseek(copy_from, 0, SEEK_SET) != 0 || lseek(copy_to, 0, SEEK_SET) != 0)
		checked_fail("cannot seek");
	while ((length = read(copy_from, buffer, COPY_BUFFER_BYTES)) > 0) {
		if (write(copy_to, buffer, (size_t)length) != length)
			checked_fail("cannot write");
		sum += (uint64_t)length;
	}
	free(buffer);
	return sum;
}

/* Returns a file that nobody else sees. */
static int copy_open(void)
{
	char path[4096];
	const char *folder = getenv("BENCH_FOLDER");
	snprintf(path, sizeof path, "%s/copy-XXXXXX", folder != NULL ? folder : "/tmp");
	int file = mkstemp(path);
	if (file < 0)
		checked_fail("cannot make a file");
	unlink(path);
	return file;
}

int main(int argc, char **argv)
{
	uint64_t count = operation_count(argc, argv, "copy OPERATIONS");
	copy_from = copy_open();
	copy_to = copy_open();
	if (ftruncate(copy_from, COPY_FILE_BYTES) != 0)
		checked_fail("cannot make a file of 256 KiB");
	return operation_main(count, copy_once);
}
