/*
 * A program sees the same open files, environment, signal mask, signal dispositions, limits and
 * directory under the preload as without it.
 * @no-preload
 */
#include <dirent.h>

#include "child.h"

extern char **environ;

static void print_lines_of(const char *path, const char *const *starts)
{
	char line[1024];
	FILE *file = fopen(path, "r");

	EXPECT(file, "cannot open %s", path);
	while (fgets(line, sizeof line, file))
		for (const char *const *start = starts; *start; start++)
			if (!strncmp(line, *start, strlen(*start)))
				fputs(line, stdout);
	fclose(file);
}

static int print_state(void)
{
	static const char *const status[] = { "Umask", "Uid", "Gid", "FDSize", "Threads", "SigPnd", "ShdPnd", "SigBlk",
		"SigIgn", "SigCgt", "Cap", "NoNewPrivs", "Seccomp", NULL };
	static const char *const limits[] = { "Max", NULL };
	static void *objects[1000];

	for (size_t i = 0; i < 1000; i++)
		objects[i] = malloc(i * i);
	for (size_t i = 0; i < 1000; i++)
		free(objects[i]);

	DIR *files = opendir("/proc/self/fd");
	for (struct dirent *file; (file = readdir(files));)
		printf("fd %s\n", file->d_name);
	closedir(files);
	for (char **setting = environ; *setting; setting++)
		if (strncmp(*setting, "LD_PRELOAD=", 11))
			puts(*setting);
	print_lines_of("/proc/self/status", status);
	print_lines_of("/proc/self/limits", limits);
	return 0;
}

int main(int argc, char **argv)
{
	static struct child bare, preloaded;

	(void)argv;
	if (argc > 1)
		return print_state();
	child_run(&bare, "print", NULL, "LD_PRELOAD=", NULL);
	child_expect_exit(&bare, 0);
	child_run(&preloaded, "print", NULL, NULL);
	child_expect_exit(&preloaded, 0);

	char *left = bare.out, *right = preloaded.out;
	while (*left || *right) {
		size_t left_length = strcspn(left, "\n"), right_length = strcspn(right, "\n");
		EXPECT(left_length == right_length && !memcmp(left, right, left_length),
		    "bare: '%.*s', under the preload: '%.*s'", (int)left_length, left, (int)right_length, right);
		left += left_length + (left[left_length] == '\n');
		right += right_length + (right[right_length] == '\n');
	}
	return 0;
}
