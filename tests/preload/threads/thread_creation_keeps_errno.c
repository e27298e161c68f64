/* The program gets its thread; that the timer gets none, as nothing can be mapped, is not told by errno. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "expect.h"

#define STACK_BYTES (256 << 10)

static void *nothing(void *argument)
{
	return argument;
}

int main(void)
{
	static _Alignas(4096) char stack[STACK_BYTES];
	struct rlimit limit, small;
	pthread_attr_t attributes;
	pthread_t thread;

	free(malloc(1000));
	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, stack, sizeof stack);
	EXPECT(getrlimit(RLIMIT_AS, &limit) == 0, "no limit");
	small = limit;
	small.rlim_cur = 4096;
	EXPECT(syscall(SYS_prlimit64, 0, RLIMIT_AS, &small, NULL) == 0, "the limit is refused");
	errno = 0;
	int error = pthread_create(&thread, &attributes, nothing, NULL);
	int after = errno;
	EXPECT(syscall(SYS_prlimit64, 0, RLIMIT_AS, &limit, NULL) == 0, "the limit stays");
	if (error != 0)
		SKIP("this thread could not be made either: %s", strerror(error));
	EXPECT(after == 0, "errno is %d", after);
	pthread_join(thread, NULL);
	return 0;
}
