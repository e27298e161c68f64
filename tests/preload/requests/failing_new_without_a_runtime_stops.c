/*
 * A program without any C++ runtime that calls operator new all the same: where memory runs out, the
 * nothrow forms give NULL, and one that would have to throw says so in one line and stops.
 * @cc -ldl
 * @status signal 6
 * @stdout the nothrow forms gave NULL
 * @stderr tidepool: operator new: out of memory, and no C++ runtime to throw std::bad_alloc
 */
#include <dlfcn.h>
#include <stddef.h>

#include "expect.h"

#define TOO_MUCH ((size_t)1 << 62)

static void *operator_named(const char *name)
{
	void *function = dlsym(RTLD_DEFAULT, name);

	EXPECT(function, "the library has no %s", name);
	return function;
}

int main(void)
{
	void *(*nothrow)(size_t, const void *) = (void *(*)(size_t, const void *))operator_named("_ZnwmRKSt9nothrow_t");
	void *(*aligned_nothrow)(size_t, size_t, const void *) =
	    (void *(*)(size_t, size_t, const void *))operator_named("_ZnwmSt11align_val_tRKSt9nothrow_t");
	char tag;

	EXPECT(!nothrow(TOO_MUCH, &tag), "nothrow new gave memory");
	EXPECT(!aligned_nothrow(TOO_MUCH, 4096, &tag), "aligned nothrow new gave memory");
	puts("the nothrow forms gave NULL");
	fflush(stdout);
	void *object = ((void *(*)(size_t))operator_named("_Znwm"))(TOO_MUCH);
	EXPECT(0, "new returned %p", object);
}
