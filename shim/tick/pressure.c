/* Memory pressure. See pressure.h. */
#include "shim/tick/pressure.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "shim/base/text.h"

#define RISING_SHARE 10 /* a tenth of the time */

/* Read the start of a small file. Returns its length, 0 where it cannot be read. */
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

/* The cgroup's own file (version 2: the line "0::/path"), else the machine's. */
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
	static uint64_t last_stalled_us, last_ns;
	char buffer[256];
	uint64_t stalled_us = 0;

	if (read_pressure(buffer, sizeof buffer) == 0)
		return false;
	const char *total = strstr(buffer, "total="); /* of the first line, "some" */
	for (total = total ? total + 6 : ""; *total >= '0' && *total <= '9'; total++)
		stalled_us = stalled_us * 10 + (uint64_t)(*total - '0');

	bool rises = last_ns != 0 && (stalled_us - last_stalled_us) * 1000 * RISING_SHARE > now_ns - last_ns;
	last_stalled_us = stalled_us;
	last_ns = now_ns;
	return rises;
}
