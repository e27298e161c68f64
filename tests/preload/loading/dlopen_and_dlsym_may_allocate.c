/*
 * Threads that allocate beside threads that look up missing names (dlsym and dlerror allocate then)
 * and open and close a library whose constructor allocates.
 * @cc -ldl
 */
#include <dlfcn.h>

#include "churn.h"
#include "library.h"

static const char *library;

static void *look_up(void *argument)
{
	long count = (long)argument;
	for (long i = 0; i < count; i++) {
		EXPECT(!dlsym(RTLD_DEFAULT, "no_such_name"), "a missing name was found");
		EXPECT(dlerror(), "dlsym left no message");
		EXPECT(!dlsym(RTLD_NEXT, "no_such_name_either"), "a missing name was found");
		EXPECT(dlsym(RTLD_NEXT, "malloc"), "there is no next malloc");
	}
	return NULL;
}

static void *open_and_close(void *argument)
{
	long count = (long)argument;
	for (long i = 0; i < count; i++) {
		void *handle = dlopen(library, RTLD_NOW);
		EXPECT(handle, "%s", dlerror());
		int (*constructed)(void) = (int (*)(void))dlsym(handle, "constructed_objects");
		EXPECT(constructed && constructed() == 300, "the constructor's objects are gone");
		EXPECT(dlclose(handle) == 0, "%s", dlerror());
		EXPECT(!dlopen("/nonexistent/library.so", RTLD_NOW), "a missing library was opened");
	}
	return NULL;
}

int main(void)
{
	static struct churn churns[2];
	pthread_t churners[2], lookers[2], opener;

	library = library_path("allocating_constructor.so");

	churn_init_slots();
	churn_start(churners, churns, 2, 1);
	for (int i = 0; i < 2; i++)
		pthread_create(&lookers[i], NULL, look_up, (void *)20000L);
	pthread_create(&opener, NULL, open_and_close, (void *)1000L);
	for (int i = 0; i < 2; i++)
		pthread_join(lookers[i], NULL);
	pthread_join(opener, NULL);
	churn_end(churners, 2);
	churn_finish_slots();
	return 0;
}
