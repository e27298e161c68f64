/*
 * The libraries of tests/preload/lib, which some tests load: they are built beside the folders of the tests.
 */
#ifndef TEST_LIBRARY_H
#define TEST_LIBRARY_H

#include "expect.h"

/* The path of one of them, such as "other_malloc.so". It stands until the next call. */
static inline const char *library_path(const char *name)
{
	static char path[512];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 64);

	EXPECT(length > 0, "cannot read /proc/self/exe");
	path[length] = '\0';
	snprintf(strrchr(path, '/'), 64, "/../lib/%s", name);
	return path;
}

#endif
