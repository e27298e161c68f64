/*
 * With a profile malloc counts on its hot path where there are restartable sequences: its code begins
 * with a jump. Where sizes are counted too, or objects cleared, and without a profile, it is untouched.
 * @no-preload
 */
#include <stdbool.h>
#include <stdlib.h>

#include "child.h"

#define JUMP 0xe9

static void print_first_byte(void)
{
	const unsigned char *code = (const unsigned char *)malloc;
	static const unsigned char endbr[] = { 0xf3, 0x0f, 0x1e, 0xfa };

	code += memcmp(code, endbr, sizeof endbr) == 0 ? sizeof endbr : 0;
	free(malloc(100));
	printf("%s", *code == JUMP ? "jump" : "untouched");
}

static void expect(const char *setting, const char *other, const char *printed)
{
	static struct child child;

	child_run(&child, "print", NULL, setting, other, NULL);
	child_expect_exit(&child, 0);
	EXPECT(strcmp(child.out, printed) == 0, "%s %s: %s, expected %s", setting, other, child.out, printed);
	EXPECT(!*child.err, "stderr has %s", child.err);
}

int main(int argc, char **argv)
{
	const char *tunables = getenv("GLIBC_TUNABLES");
	bool lock_only = tunables && strstr(tunables, "glibc.pthread.rseq=0");

	(void)argv;
	if (argc > 1) {
		print_first_byte();
		return 0;
	}
#ifdef __x86_64__
	expect("TIDEPOOL_PROFILE=/dev/null", "TIDEPOOL_ZERO=put", lock_only ? "untouched" : "jump");
#else
	(void)lock_only;
#endif
	expect("TIDEPOOL_PROFILE=/dev/null", "TIDEPOOL_ZERO=get", "untouched");
	expect("TIDEPOOL_PROFILE=/dev/null", "TIDEPOOL_HISTOGRAM=1", "untouched");
	expect("TIDEPOOL_PROFILE=", "TIDEPOOL_ZERO=off", "untouched");
	return 0;
}
