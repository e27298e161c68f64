/*
 * The policy in a dump: whether the class of a size is pooled and why, and what changed.
 */
#ifndef TEST_POLICY_H
#define TEST_POLICY_H

#include "watch.h"

/* The policy of the class of a size in the last dump; stops the test where it has no row. */
static inline const char *policy_of(long long size)
{
	const char *row = dump_class(size);
	EXPECT(row, "no class serves %lld bytes in %.500s", size, dump_text);
	const char *policy = dump_find(row, "policy");
	EXPECT(policy && *policy == '{', "the class of %lld bytes has no policy", size);
	return policy;
}

/* Whether a word of the dump after from, called name, begins like this. */
static inline int policy_is(const char *from, const char *name, const char *word)
{
	const char *at = dump_find(from, name);
	EXPECT(at, "no \"%s\" in the dump after: %.200s", name, from);
	return strncmp(at, word, strlen(word)) == 0;
}

static inline int policy_admits(long long size)
{
	return policy_is(policy_of(size), "admitted", "true");
}

/* How many changes to this, admitted or not, the dump has for exactly this size of class. */
static inline int policy_changes(long long size, int admitted)
{
	const char *end = strchr(dump_section("changes"), ']');
	int count = 0;

	for (const char *at = dump_section("changes"); (at = dump_find(at, "size")) && at < end;)
		count += strtoll(at, NULL, 10) == size && policy_is(at, "admitted", admitted ? "true" : "false");
	return count;
}

#endif
