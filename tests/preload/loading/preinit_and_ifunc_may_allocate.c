/*
 * An IFUNC resolver, which runs while the program is relocated, and .preinit_array, which runs
 * before every constructor, allocate; what they got lasts and can be freed.
 */
#include <stdlib.h>

#include "expect.h"

static char *resolved, *early;

static int answer(void)
{
	return 42;
}

/* the compiler takes the resolver for unused */
__attribute__((used)) static int (*resolve_answer(void))(void)
{
	resolved = malloc(100);
	if (resolved)
		resolved[99] = 'r';
	free(calloc(10, 1000));
	return answer;
}

static int indirect_answer(void) __attribute__((ifunc("resolve_answer")));

static void preinit(void)
{
	early = malloc(50000);
	early[49999] = 'e';
	early = realloc(early, 100000);
}

__attribute__((section(".preinit_array"), used)) static void (*const preinit_entry)(void) = preinit;

int main(void)
{
	EXPECT(indirect_answer() == 42, "the indirect function is a wrong one");
	EXPECT(resolved && resolved[99] == 'r', "what the resolver allocated is gone");
	EXPECT(early && early[49999] == 'e', "what .preinit_array allocated is gone");
	free(resolved);
	free(early);
	return 0;
}
