/*
 * A vfork child that lowers its own RLIMIT_AS before it execs leaves its parent's reservation as it
 * is; a parent that lowers its own has it give way.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include "expect.h"

static struct rlimit space = { (rlim_t)512 << 20, (rlim_t)512 << 20 };

static unsigned long mapped_pages(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	EXPECT(file && fscanf(file, "%lu", &pages) == 1, "cannot read /proc/self/statm");
	fclose(file);
	return pages;
}

int main(void)
{
	unsigned long before = mapped_pages();
	int status;
	pid_t pid = vfork();

	if (pid == 0)
		_exit(setrlimit(RLIMIT_AS, &space) != 0 || prlimit(0, RLIMIT_AS, &space, NULL) != 0);
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with wait status %#x", status);
	unsigned long after = mapped_pages();
	EXPECT(after > before / 2, "of the %lu pages mapped %lu are left after the child", before, after);

	EXPECT(setrlimit(RLIMIT_AS, &space) == 0, "cannot limit the address space");
	EXPECT(mapped_pages() < (512 << 20) / 4096, "%lu pages are mapped under a limit of 512 MiB", mapped_pages());
	return 0;
}
