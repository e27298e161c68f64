/*
 * Of a program whose allocations are known, the profile finds every site within 10 % of its true objects
 * and bytes, of those in use within 20 %, through each entry point and in both ways to unwind.
 * The least that a site is sampled here is 5,000 times, and a quarter of that in use: seven standard deviations.
 * @variants rseq lock norseq
 * @no-preload
 * @cc -fno-omit-frame-pointer -fno-optimize-sibling-calls -lm
 */
#include <malloc.h>
#include <pthread.h>

#include "child.h"
#include "heap.h"

#define SITE __attribute__((noinline, noclone)) static void
#define KEPT_OF 4 /* every fourth object is kept */

static void *volatile sink;

static void done(void *object, long i)
{
	sink = object;
	if (i % KEPT_OF)
		free(object);
}

SITE tiny(long i)
{
	done(malloc(24), i);
}
SITE small(long i)
{
	done(malloc(100), i);
}
SITE zeroed(long i)
{
	done(calloc(10, 100), i);
}
SITE aligned(long i)
{
	done(memalign(256, 2000), i);
}
SITE page(long i)
{
	done(malloc(5000), i);
}
SITE large(long i)
{
	done(malloc(100000), i);
}
SITE none(long i)
{
	done(malloc(0), i);
}
SITE mixed(long i)
{
	done(malloc(200 + i % 50 * 400), i);
}
SITE grown(long i)
{
	void *object = NULL;
	for (long bytes = 100000; bytes <= 300000; bytes += 100000)
		object = realloc(object, bytes);
	done(object, i);
}

/* Threads that allocate once: the first request of a thread is sampled as often as any other. */
__attribute__((noinline, noclone)) static void *in_thread(void *number)
{
	done(malloc(2000), (long)number);
	return NULL;
}

SITE threaded(long i)
{
	pthread_t thread;
	EXPECT(pthread_create(&thread, NULL, in_thread, (void *)i) == 0, "no thread");
	pthread_join(thread, NULL);
}

/* grown: all three sizes are allocated, the last is in use. */
static const struct site {
	const char *name;
	void (*run)(long i);
	long count;
	double objects, bytes, in_use_bytes; /* of one run */
} sites[] = {
	{ "tiny", tiny, 1000000, 1, 24, 24 },
	{ "small", small, 300000, 1, 100, 100 },
	{ "zeroed", zeroed, 30000, 1, 1000, 1000 },
	{ "aligned", aligned, 20000, 1, 2000, 2000 },
	{ "page", page, 12000, 1, 5000, 5000 },
	{ "large", large, 2000, 1, 100000, 100000 },
	{ "mixed", mixed, 20000, 1, 10000, 10000 },
	{ "grown", grown, 600, 3, 600000, 300000 },
	{ "threaded", threaded, 20000, 1, 2000, 2000 },
	{ "none", none, 20000000, 1, 1, 1 },
};
#define SITES (int)(sizeof sites / sizeof *sites)

static int run(void)
{
	for (int s = 0; s < SITES; s++) {
		printf("%p\n", sites[s].run == threaded ? (void *)in_thread : (void *)sites[s].run);
		for (long i = 0; i < sites[s].count; i++)
			sites[s].run(i);
	}
	return 0;
}

/* The site whose function begins nearest below the address. */
static int site_of(unsigned long address, const unsigned long *starts)
{
	int best = -1;
	for (int s = 0; s < SITES; s++)
		if (starts[s] < address && address - starts[s] < 200 && (best < 0 || starts[s] > starts[best]))
			best = s;
	return best;
}

static void expect_near(
    double found, double expected, double off, const char *name, const char *what, const char *unwind)
{
	EXPECT(fabs(found - expected) <= off * expected, "%s, %s: %s %.0f, expected %.0f", unwind, name, what, found,
	    expected);
}

static void look(const char *unwind)
{
	static struct child child;
	struct heap_line found[SITES] = { 0 }, line;
	unsigned long starts[SITES];
	char dir[256], setting[512], way[64];
	double every;

	child_make_directory(dir);
	snprintf(setting, sizeof setting, "TIDEPOOL_PROFILE=%s/heap", dir);
	snprintf(way, sizeof way, "TIDEPOOL_PROFILE_UNWIND=%s", unwind);
	child_run(&child, "run", NULL, "TIDEPOOL_PROFILE_EVERY=4k", setting, way, NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*child.err, "stderr has %s", child.err);
	char *at = child.out;
	for (int s = 0; s < SITES; s++)
		starts[s] = strtoul(at, &at, 16);

	FILE *file = heap_open(strchr(setting, '=') + 1, &every);
	EXPECT(every == 4096, "sampled every %.0f bytes", every);
	while (heap_read_line(file, every, &line)) {
		int s = site_of(line.stack[0], starts);
		if (s < 0)
			continue;
		/* Its caller is run, in both ways. */
		EXPECT(line.depth >= 3 || sites[s].run == threaded, "%s: %d frames", sites[s].name, line.depth);
		found[s].objects += line.objects;
		found[s].bytes += line.bytes;
		found[s].in_use_objects += line.in_use_objects;
		found[s].in_use_bytes += line.in_use_bytes;
	}
	fclose(file);
	for (int s = 0; s < SITES; s++) {
		const struct site *site = &sites[s];
		double kept = (double)site->count / KEPT_OF;
		expect_near(found[s].objects, site->objects * site->count, 0.1, site->name, "objects", unwind);
		expect_near(found[s].bytes, site->bytes * site->count, 0.1, site->name, "bytes", unwind);
		expect_near(found[s].in_use_objects, kept, 0.2, site->name, "objects in use", unwind);
		expect_near(found[s].in_use_bytes, site->in_use_bytes * kept, 0.2, site->name, "bytes in use", unwind);
	}
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return run();
	look("unwind");
	look("fp");
	return 0;
}
