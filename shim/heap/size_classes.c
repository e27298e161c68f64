/* The size classes in force: reading the policy, and saying what is wrong with it. See size_classes.h. */
#include "shim/heap/size_classes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/base/output.h"
#include "shim/base/process.h"

#define FILE_BYTES_MAX 65536U /* of a policy file */
#define SAID_MAX 16U /* warnings for each source: a file that is no policy is wrong in every line */
#define PATH_SHOWN 256U /* the last bytes of a longer path; the reason must fit in the line after it */

struct tp_classes tp_classes;

/* A text of directives while it is read. */
struct source {
	const char *path; /* of the policy file; NULL for TIDEPOOL_CLASSES */
	unsigned wrong_count; /* directives that are wrong */
};

static void say_wrong(void *context, const struct tp_language_error *error)
{
	struct source *source = context;

	if (source->wrong_count++ >= SAID_MAX)
		return;
	if (source->path)
		tp_output_say(
		    "TIDEPOOL_POLICY: %s:%zu:%zu: %s", source->path, error->line, error->column, error->reason);
	else
		tp_output_say("TIDEPOOL_CLASSES: column %zu: %s", error->offset + 1, error->reason);
}

static void read_text(struct source *source, const char *text, size_t bytes)
{
	tp_language_parse(&tp_classes, text, bytes, say_wrong, source);
	if (source->wrong_count > SAID_MAX)
		tp_output_say("%s: %u more directives are ignored",
		    source->path ? "TIDEPOOL_POLICY" : "TIDEPOOL_CLASSES", source->wrong_count - SAID_MAX);
}

/*
 * Read a file of up to @capacity bytes, and add the bytes read to @bytes. Returns 0 or a positive errno value.
 * Makes the system calls itself: libc's functions are cancellation points, and a cancelled thread must not end inside
 * its first malloc.
 */
static int read_all(const char *path, char *buffer, size_t capacity, size_t *bytes)
{
	/* O_NONBLOCK: opening a pipe without a writer would block the program. */
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int error = 0;

	if (fd < 0)
		return errno;
	while (*bytes < capacity) {
		long length = syscall(SYS_read, fd, buffer + *bytes, capacity - *bytes);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			error = errno;
		if (length <= 0)
			break;
		*bytes += (size_t)length;
	}
	syscall(SYS_close, fd);
	return error;
}

/* Read the policy file at @path. Returns whether all of it was right. */
static bool read_policy_file(const char *path)
{
	size_t length = strlen(path), capacity = FILE_BYTES_MAX + 1, bytes = 0;
	struct source source = { .path = length > PATH_SHOWN ? path + length - PATH_SHOWN : path };
	/* Mapped, as the stack of the thread may be small. */
	char *buffer = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int error = buffer == MAP_FAILED ? errno : read_all(path, buffer, capacity, &bytes);

	if (error) {
		tp_output_say("TIDEPOOL_POLICY: %s: cannot be read: %s", source.path, strerrordesc_np(error));
		source.wrong_count++;
	} else if (bytes > FILE_BYTES_MAX) {
		tp_output_say("TIDEPOOL_POLICY: %s: longer than %u bytes", source.path, FILE_BYTES_MAX);
		source.wrong_count++;
	} else {
		read_text(&source, buffer, bytes);
	}
	if (buffer != MAP_FAILED)
		munmap(buffer, capacity);
	return source.wrong_count == 0;
}

void tp_size_classes_start(void)
{
	const struct tp_options *options = &tp_process.options;
	struct source variable = { .path = NULL };
	int saved_errno = errno;
	bool right = true;

	tp_class_build(&tp_classes, options->max_size.number, (enum tp_class_zero)options->zero.number);
	if (*options->policy.text)
		right = read_policy_file(options->policy.text);
	read_text(&variable, options->classes.text, strlen(options->classes.text));
	tp_language_finish(&tp_classes);
	if (!right || variable.wrong_count > 0)
		tp_process_refuse_wrong_option();
	errno = saved_errno;
}

void tp_size_classes_print(struct tp_line *line)
{
	tp_language_print(&tp_classes, (enum tp_class_zero)tp_process.options.zero.number, line);
}
