/*
 * A child that was forked while stacks were full and large blocks out begins to count at zero: what it
 * takes, gives back and holds adds up to the object, with what it inherited.
 * @no-preload
 * @env TIDEPOOL_TICK=0
 * @variants rseq lock delay norseq
 */
#include "sums.h"
#include "watch.h"

#define SIZE 7000 /* nobody else asks for such objects */
#define OBJECTS 200
#define LARGE 9

static void *objects[OBJECTS], *blocks[LARGE];

static void expect_row(const char *row, const char *name, long long expected)
{
	EXPECT(dump_number(row, name) == expected, "%lld %s, in truth %lld: %.500s", dump_number(row, name), name,
	    expected, row);
}

static void begin(void)
{
	watch_read();
	expect_all_sums();
	const char *row = dump_class(SIZE);
	EXPECT(row, "no class serves %d bytes", SIZE);
	expect_row(row, "gets", 0);
	expect_row(row, "puts", 0);
	EXPECT(dump_number(row, "inherited") >= 10, "stacks held nothing: there is nothing to test: %.500s", row);
	expect_row(row, "held_objects", dump_number(row, "inherited"));
	row = dump_section("large");
	expect_row(row, "gets", 0);
	expect_row(row, "puts", 0);
	expect_row(row, "bytes", 0);
}

/* Free some of what was inherited, and take and give more. */
static void go_on(void)
{
	void *own[30];

	for (int i = 0; i < 30; i++)
		own[i] = malloc(SIZE);
	for (int i = 0; i < 10; i++)
		free(own[i]);
	for (int i = 0; i < OBJECTS; i += 4)
		free(objects[i]);
	for (int i = 0; i < LARGE; i += 3)
		free(blocks[i]);
	free(malloc(2 << 20));

	watch_read();
	expect_all_sums();
	const char *row = dump_class(SIZE);
	expect_row(row, "gets", 30);
	expect_row(row, "puts", 10 + OBJECTS / 4);
	row = dump_section("large");
	expect_row(row, "gets", 1);
	expect_row(row, "puts", 1 + LARGE / 3);
	expect_row(row, "bytes", 2 << 20);
}

static int body(void)
{
	int status;

	for (int i = 0; i < OBJECTS; i++)
		objects[i] = malloc(SIZE);
	for (int i = 0; i < LARGE; i++)
		blocks[i] = malloc((size_t)(i + 1) * 300000);
	for (int i = 0; i < OBJECTS; i++)
		if (i % 4)
			free(objects[i]);
	free(blocks[1]);
	pid_t pid = fork();
	if (pid == 0) {
		begin();
		go_on();
		_exit(0);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with %#x", status);
	watch_read();
	expect_all_sums();
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}
