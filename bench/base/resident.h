/* Resident memory of this process, in KiB, as /proc says; 0 if /proc is missing. Nothing here allocates. */
#ifndef BENCH_RESIDENT_H
#define BENCH_RESIDENT_H

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Returns the number on the line `name` of a file under /proc, or 0 if there is none. */
static inline unsigned long resident_read_kib(const char *path, const char *name)
{
	char text[4096];
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return 0;
	ssize_t length = read(file, text, sizeof text - 1);
	close(file);
	text[length > 0 ? length : 0] = '\0';
	const char *line = strstr(text, name);
	return line == NULL ? 0 : strtoul(line + strlen(name), NULL, 10);
}

/*
 * Returns the peak of this process image. Not ru_maxrss: that one starts from the peak of the process that forked
 * this one, which hides every small program.
 */
static inline unsigned long resident_peak_kib(void)
{
	return resident_read_kib("/proc/self/status", "\nVmHWM:");
}

/*
 * Returns what is resident now. Not VmRSS: the kernel keeps that one in a part for every CPU (before 6.2, for every
 * thread) and reads it without adding them all up.
 */
static inline unsigned long resident_now_kib(void)
{
	return resident_read_kib("/proc/self/smaps_rollup", "\nRss:");
}

#endif
