/*
 * The JSON dump has every documented field, names the program, and says rseq or lock as the run
 * was; %e and %t in the file's name become the program's name and the start time.
 * @no-preload
 * @variants rseq lock norseq
 */
#include <sys/rseq.h>

#include "child.h"
#include "dump.h"

int main(int argc, char **argv)
{
	static const char *const top[] = { "schema", "version", "pid", "program", "uptime_s", "mode", "cache_guard",
		"caches", "totals", "classes", "large", "turn", "changes", "peak_rss_bytes" };
	static const char *const policy[] = { "mode", "admitted", "since_s", "why", "capacity" };
	static const char *const change[] = { "at_s", "size", "admitted", "why" };
	static const char *const turn[] = { "held_primary_bytes", "held_victim_bytes", "reserved_bytes",
		"denied_bytes" };
	static const char *const counts[] = { "gets", "puts", "spilled", "unpooled", "from_slab", "held_objects",
		"held_bytes", "backend_calls", "backend_bytes" };
	static const char *const hits[] = { "local", "overflow", "stolen", "victim" };
	static struct child child;
	static char setting[512];
	char dir[256], path[512];

	(void)argv;
	if (argc > 1) {
		for (int i = 0; i < 1000; i++)
			free(malloc(7000));
		/* the test compares this with "cache_guard" */
		puts(__rseq_size ? "rseq" : "lock");
		return 0;
	}
	child_make_directory(dir);
	snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s/%%e.%%t.%%p", dir);
	child_run(&child, "run", NULL, "TIDEPOOL_STATS=json", setting, NULL);
	child_expect_exit(&child, 0);
	EXPECT(dump_count(dir, path) == 1, "there is not one dump");
	EXPECT(!strchr(strrchr(path, '/'), '%'), "the dump's name is %s", path);
	dump_read(path);

	for (size_t i = 0; i < sizeof top / sizeof *top; i++)
		dump_section(top[i]);
	const char *row = dump_class(7000);
	EXPECT(row, "no class serves 7,000 bytes");
	const char *const places[] = { dump_section("totals"), row };
	for (int i = 0; i < 2; i++) {
		for (size_t j = 0; j < sizeof counts / sizeof *counts; j++)
			dump_number(places[i], counts[j]);
		const char *found = dump_find(places[i], "hits");
		EXPECT(found && *found == '{', "hits is not an object");
		for (size_t j = 0; j < sizeof hits / sizeof *hits; j++)
			dump_number(found, hits[j]);
	}
	const char *in_force = dump_find(row, "policy");
	EXPECT(in_force && *in_force == '{', "policy is not an object");
	for (size_t i = 0; i < sizeof policy / sizeof *policy; i++)
		EXPECT(dump_find(in_force, policy[i]) < strchr(in_force, '}'), "no %s in %.200s", policy[i], in_force);
	EXPECT(*dump_section("changes") == '[', "changes is not a list");
	for (size_t i = 0; i < sizeof change / sizeof *change; i++)
		EXPECT(dump_find(dump_section("changes"), change[i]), "no %s in %.200s", change[i],
		    dump_section("changes"));
	for (size_t i = 0; i < sizeof turn / sizeof *turn; i++)
		dump_number(dump_section("turn"), turn[i]);
	EXPECT(!strncmp(dump_section("mode"), "\"pool\"", 6), "the mode is %.10s", dump_section("mode"));
	EXPECT(dump_number(dump_text, "peak_rss_bytes") > 100000, "peak_rss_bytes is too small");
	EXPECT(dump_number(dump_text, "caches") > 0, "no caches");

	const char *variant = getenv("TEST_VARIANT");
	int lock = strstr(child.out, "lock") || (variant && !strcmp(variant, "norseq"));
	EXPECT(!strncmp(dump_section("cache_guard"), lock ? "\"lock\"" : "\"rseq\"", 6),
	    "cache_guard is %.8s, the run had %s", dump_section("cache_guard"), lock ? "lock" : "rseq");
	return 0;
}
