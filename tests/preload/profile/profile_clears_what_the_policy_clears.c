/*
 * Sampled requests are served elsewhere than by their class, yet cleared like its objects.
 * @no-preload
 */
#include "child.h"

#define BYTES 64
#define ROUNDS 1000

static int count_dirty(void)
{
	int dirty = 0;

	for (int i = 0; i < ROUNDS; i++) {
		unsigned char *object = malloc(BYTES);
		for (int j = 0; j < BYTES; j++)
			dirty += object[j] != 0;
		memset(object, 0xaa, BYTES);
		free(object);
	}
	return dirty;
}

static void expect_clear(const char *classes)
{
	static struct child child;

	child_run(&child, "count", NULL, classes, "TIDEPOOL_PROFILE=/dev/null", "TIDEPOOL_PROFILE_EVERY=1", NULL);
	child_expect_exit(&child, 0);
	EXPECT(strcmp(child.out, "0") == 0, "%s: %s bytes are not clear", classes, child.out);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		printf("%d", count_dirty());
		return 0;
	}
	expect_clear("TIDEPOOL_CLASSES=64:zero=get");
	expect_clear("TIDEPOOL_CLASSES=64:zero=put");
	return 0;
}
