/* Slabs: a give that cannot be right stops the program with one line that says why. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/slabs.h"

/* Give objects in a child whose standard error is read. Returns the signal that ended it. */
static int give_in_child(unsigned class_index, void *const *objects, size_t count, char *line, size_t line_bytes)
{
	int ends[2], status;
	size_t length = 0;

	cr_assert_eq(pipe(ends), 0);
	pid_t child = fork();
	cr_assert_geq(child, 0);
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
		dup2(ends[1], STDERR_FILENO);
		tp_slab_give(class_index, objects, count, TP_SLAB_FLUSH);
		_exit(0);
	}
	close(ends[1]);
	for (ssize_t got; (got = read(ends[0], line + length, line_bytes - 1 - length)) > 0;)
		length += (size_t)got;
	line[length] = '\0';
	close(ends[0]);
	cr_assert_eq(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void expect_death(unsigned class_index, void *const *objects, size_t count, void *culprit, const char *why)
{
	char line[512], expected[512];

	cr_assert_eq(give_in_child(class_index, objects, count, line, sizeof line), SIGABRT, "%s", why);
	snprintf(expected, sizeof expected, "tidepool: free(): %p %s\n", culprit, why);
	cr_assert_str_eq(line, expected);
}

Test(slab_report, giving_a_pointer_into_an_object_is_reported, .init = slabs_start)
{
	char *object = take_one(CLASS_64);

	for (size_t offset = 1; offset < 64; offset += 9) {
		void *inside = object + offset;
		expect_death(CLASS_64, &inside, 1, inside, "is not the start of an object");
	}
}

Test(slab_report, giving_a_pointer_behind_the_last_object_is_reported, .init = slabs_start)
{
	char *slab = (char *)slab_of(CLASS_48, take_one(CLASS_48));
	void *behind = slab + 1365 * 48;

	expect_death(CLASS_48, &behind, 1, behind, "is not the start of an object");
}

Test(slab_report, giving_an_object_of_another_class_is_reported, .init = slabs_start)
{
	void *object = take_one(CLASS_64);

	expect_death(CLASS_16, &object, 1, object, "is not the start of an object");
}

Test(slab_report, giving_twice_is_reported, .init = slabs_start)
{
	void *objects[3];

	cr_assert_eq(tp_slab_take(CLASS_64, TP_REGION_NO_HOME, objects, 3, TP_SLAB_GET), 3);
	give_one(CLASS_64, objects[1]);
	expect_death(CLASS_64, &objects[1], 1, objects[1], "was freed before");
}

Test(slab_report, giving_twice_in_one_batch_is_reported, .init = slabs_start)
{
	void *objects[4];

	cr_assert_eq(tp_slab_take(CLASS_64, TP_REGION_NO_HOME, objects, 3, TP_SLAB_GET), 3);
	objects[3] = objects[0];
	expect_death(CLASS_64, objects, 4, objects[0], "was freed before");
}

Test(slab_report, giving_what_was_never_handed_out_is_reported, .init = slabs_start)
{
	void *next = (char *)take_one(CLASS_64) + 64;

	expect_death(CLASS_64, &next, 1, next, "was freed before");
}

Test(slab_report, giving_right_objects_is_not_reported, .init = slabs_start)
{
	void *objects[3];
	char line[512];

	cr_assert_eq(tp_slab_take(CLASS_64, TP_REGION_NO_HOME, objects, 3, TP_SLAB_GET), 3);
	cr_assert_eq(give_in_child(CLASS_64, objects, 3, line, sizeof line), 0);
	cr_assert_str_eq(line, "");
}
