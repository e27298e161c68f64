/* Memory pressure. See pressure.h. */
#include "shim/tick/pressure.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "shim/base/text.h"

#define RISING_SHARE 10 /* pressure rises if tasks wait for more than one part in so many of the time */

/* Read the start of a file into @buffer, which becomes a string. Returns the length; 0: the file cannot be read. */
static size_t read_file(const char *path, char *buffer, size_t bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	ssize_t length = read(fd, buffer, bytes - 1);
	close(fd);
	buffer[length > 0 ? length : 0] = '\0';
	return length > 0 ? (size_t)length : 0;
}

/*
 * Read the pressure file of the process's cgroup, or of the machine if that cannot be read. The cgroup's path is in the
 * line "0::/path" of version 2. Returns the length, as read_file.
 */
static size_t read_pressure(char *buffer, size_t bytes)
{
	char groups[1024], path[1200];
	struct tp_text text = { .start = path, .capacity = sizeof path - 1 };

	if (read_file("/proc/self/cgroup", groups, sizeof groups) > 0) {
		const char *group = strncmp(groups, "0::", 3) == 0 ? groups : strstr(groups, "\n0::");

		if (group) {
			group += *group == '\n' ? 4 : 3;
			tp_text_add(&text, "/sys/fs/cgroup");
			for (; *group && *group != '\n'; group++)
				tp_text_add(&text, "%c", *group);
			tp_text_add(&text, "/memory.pressure");
			path[text.length] = '\0';
			size_t length = read_file(path, buffer, bytes);
			if (length > 0)
				return length;
		}
	}
	return read_file("/proc/pressure/memory", buffer, bytes);
}

bool tp_pressure_take_descriptors(void)
{
	return close_range(0, ~0U, CLOSE_RANGE_UNSHARE) == 0;
}

bool tp_pressure_rises(uint64_t now_ns)
{
	static uint64_t last_stalled_us, last_ns; /* at the last call; last_ns is 0 before the first */
	char buffer[256];
	uint64_t stalled_us = 0;

	if (read_pressure(buffer, sizeof buffer) == 0)
		return false;
	/* In the first line, "some": the microseconds in which any task waited. */
	const char *total = strstr(buffer, "total=");
	for (total = total ? total + 6 : ""; *total >= '0' && *total <= '9'; total++)
		stalled_us = stalled_us * 10 + (uint64_t)(*total - '0');

	/* The counter falls if the process has moved to another cgroup. */
	bool rises = last_ns != 0 && stalled_us > last_stalled_us &&
		     (stalled_us - last_stalled_us) * 1000 * RISING_SHARE > now_ns - last_ns;
	last_stalled_us = stalled_us;
	last_ns = now_ns;
	return rises;
}
