/*
 * A program in C opens a plugin that has its C++ runtime inside and shows it to nobody: where memory
 * runs out, its new runs its new_handler and throws, and the nothrow forms give NULL.
 * @cc -ldl
 */
#include <dlfcn.h>
#include <stddef.h>

#include "expect.h"
#include "library.h"

int main(void)
{
	const char *plugin = library_path("own_cxx_runtime.so");

	EXPECT(!dlsym(RTLD_DEFAULT, "__cxa_throw"), "the program has a C++ runtime: there is nothing to test");
	void *handle = dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
	EXPECT(handle, "%s", dlerror());
	const char *(*fail_new)(size_t) = (const char *(*)(size_t))dlsym(handle, "plugin_fail_new");
	EXPECT(fail_new, "%s", dlerror());
	const char *wrong = fail_new((size_t)1 << 62);
	EXPECT(!wrong, "%s does not fail as it should", wrong);
	return 0;
}
