/* Paths: what the signs in them become, and what does not fit. */
#include "shim/base/path.h"

#include <criterion/criterion.h>

#include "shim/base/process.h"

static void name_process(void)
{
	tp_process.pid = 4711;
	tp_process.start_time_s = 1234567890;
	strcpy(tp_process.program, "prog");
}

static void expect_path(const char *pattern, const char *expected)
{
	char path[64];

	cr_assert(tp_path_expand(pattern, path, sizeof path), "%s", pattern);
	cr_assert_str_eq(path, expected, "%s: %s", pattern, path);
}

Test(path, signs_become_what_they_stand_for, .init = name_process)
{
	expect_path("/tmp/stats", "/tmp/stats");
	expect_path("%p", "4711");
	expect_path("/tmp/%e.%p.%t.json", "/tmp/prog.4711.1234567890.json");
}

Test(path, two_percent_signs_are_one, .init = name_process)
{
	expect_path("100%%", "100%");
	expect_path("%%p", "%p");
	expect_path("%%%p", "%4711");
	expect_path("%%%%", "%%");
}

Test(path, other_signs_stay_as_they_are, .init = name_process)
{
	expect_path("%d/%x", "%d/%x");
	expect_path("50%", "50%");
	expect_path("%", "%");
	expect_path("", "");
}

Test(path, one_that_does_not_fit_is_refused_and_empty, .init = name_process)
{
	char path[8];

	cr_assert(tp_path_expand("/tmp/%%x", path, sizeof path));
	cr_assert_str_eq(path, "/tmp/%x");
	cr_assert_not(tp_path_expand("/tmp/%p", path, sizeof path));
	cr_assert_str_eq(path, "");
}

Test(path, only_the_sign_of_the_pid_makes_one_for_each_process)
{
	cr_assert(tp_path_is_per_process("/tmp/%p.json"));
	cr_assert(tp_path_is_per_process("%%%p"));
	cr_assert_not(tp_path_is_per_process("/tmp/%e.%t"));
	cr_assert_not(tp_path_is_per_process("%%p"));
	cr_assert_not(tp_path_is_per_process("p%"));
	cr_assert_not(tp_path_is_per_process(""));
}
