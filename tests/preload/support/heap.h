/*
 * Heap profiles, as TIDEPOOL_PROFILE writes them: reads one line by line, and gives each line's
 * counts and innermost address, with what the samples stand for.
 */
#ifndef TEST_HEAP_H
#define TEST_HEAP_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "expect.h"

struct heap_line {
	double in_use_objects, in_use_bytes, objects, bytes; /* estimated */
	unsigned long stack[64];
	int depth;
};

/* What a sample of objects this large stands for. Source: gperftools' pprof, "heap_v2". */
static inline double heap_scale(double objects, double bytes, double every)
{
	return every > 1 && objects > 0 ? 1 / (1 - exp(-bytes / objects / every)) : 1;
}

static inline int heap_read_line(FILE *file, double every, struct heap_line *line)
{
	char text[4096], *at;
	unsigned long count[4];
	int length = 0;

	EXPECT(fgets(text, sizeof text, file), "the profile ends early");
	if (*text == '\n')
		return 0;
	EXPECT(sscanf(text, "%lu: %lu [%lu: %lu] @%n", &count[0], &count[1], &count[2], &count[3], &length) == 4,
	    "no line of a profile: %.100s", text);
	EXPECT(count[0] <= count[2] && count[1] <= count[3], "more is in use than was allocated: %.100s", text);
	double scale = heap_scale(count[2], count[3], every);
	*line = (struct heap_line){ count[0] * scale, count[1] * scale, count[2] * scale, count[3] * scale, { 0 }, 0 };
	at = text + length;
	for (char *end; line->depth < 64; at = end) {
		unsigned long address = strtoul(at, &end, 16);
		if (end == at)
			break;
		line->stack[line->depth++] = address;
	}
	EXPECT(line->depth > 0, "a site has no stack: %.100s", text);
	return 1;
}

/* Open a profile and read its first line. every: as the header has it, 1 for one of every allocation. */
static inline FILE *heap_open(const char *path, double *every)
{
	char text[256];
	FILE *file = fopen(path, "r");

	EXPECT(file, "cannot open the profile %s", path);
	EXPECT(fgets(text, sizeof text, file) && strncmp(text, "heap profile: ", 14) == 0, "no profile: %s", text);
	if (sscanf(text, "heap profile: %*u: %*u [%*u: %*u] @ heap_v2/%lf", every) != 1)
		*every = 1;
	return file;
}

#endif
