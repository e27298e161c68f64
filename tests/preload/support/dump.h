/*
 * Stats dumps: finds the files that a run left in a directory, checks that python3 reads them as
 * JSON, and takes single numbers from them by their place and name.
 * For single-threaded test programs; holds the text of the last dump that was read.
 */
#ifndef TEST_DUMP_H
#define TEST_DUMP_H

#include <dirent.h>
#include <stdlib.h>

#include "expect.h"

static char dump_text[1 << 20];

/* Count the files in dir; path, 512 bytes, becomes the name of one of them. */
static inline int dump_count(const char *dir, char *path)
{
	int count = 0;
	DIR *files = opendir(dir);
	EXPECT(files, "cannot open %s", dir);
	for (struct dirent *file; (file = readdir(files));) {
		if (file->d_name[0] == '.')
			continue;
		snprintf(path, 512, "%.200s/%.255s", dir, file->d_name);
		count++;
	}
	closedir(files);
	return count;
}

static inline void dump_remove_all(const char *dir)
{
	char path[512];
	while (dump_count(dir, path) > 0)
		EXPECT(unlink(path) == 0, "cannot remove %s", path);
}

/* Read one dump, after python3 has found it valid. */
static inline void dump_read(const char *path)
{
	char command[1024];
	snprintf(command, sizeof command, "python3 -m json.tool '%s' >/dev/null", path);
	EXPECT(system(command) == 0, "python3 does not read %s as JSON", path);

	FILE *file = fopen(path, "r");
	EXPECT(file, "cannot open %s", path);
	size_t length = fread(dump_text, 1, sizeof dump_text - 1, file);
	dump_text[length] = '\0';
	fclose(file);
}

/* Read the only dump in dir. */
static inline void dump_read_only(const char *dir)
{
	char path[512] = "";
	int count = dump_count(dir, path);
	EXPECT(count == 1, "%d files in %s where one dump should be", count, dir);
	dump_read(path);
}

/* What follows "name": after from, or NULL. */
static inline const char *dump_find(const char *from, const char *name)
{
	char quoted[64];
	snprintf(quoted, sizeof quoted, "\"%s\"", name);
	const char *at = strstr(from, quoted);
	if (!at)
		return NULL;
	at += strlen(quoted);
	return at + strspn(at, " \n\t:");
}

/* Where a section of the dump starts; stops the test where it is missing. */
static inline const char *dump_section(const char *name)
{
	const char *at = dump_find(dump_text, name);
	EXPECT(at, "the dump has no \"%s\": %.300s", name, dump_text);
	return at;
}

/* The number called name, the first after from. */
static inline long long dump_number(const char *from, const char *name)
{
	const char *at = dump_find(from, name);
	EXPECT(at, "no \"%s\" in the dump after: %.200s", name, from);
	char *end;
	long long value = strtoll(at, &end, 10);
	EXPECT(end != at, "\"%s\" is not a number: %.40s", name, at);
	return value;
}

/* The row of a class after from, or NULL after the last. */
static inline const char *dump_next_class(const char *from)
{
	const char *row = dump_find(from, "size");
	return row && row < dump_section("large") ? row : NULL;
}

/* The second number of the pair [first, second] in the list at from, or 0 where there is none. */
static inline long long dump_pair(const char *from, long long first)
{
	char opening[32];
	const char *end = strstr(from, "]]");
	snprintf(opening, sizeof opening, "[%lld,", first);
	const char *at = strstr(from, opening);
	return at && at < end ? strtoll(at + strlen(opening), NULL, 10) : 0;
}

/* The row of the class that serves size, or NULL where no class does. */
static inline const char *dump_class(long long size)
{
	const char *best = NULL;
	long long best_size = 0;
	for (const char *row = dump_section("classes"); (row = dump_next_class(row));) {
		long long row_size = strtoll(row, NULL, 10);
		if (row_size >= size && (!best || row_size < best_size)) {
			best = row;
			best_size = row_size;
		}
	}
	return best;
}

#endif
