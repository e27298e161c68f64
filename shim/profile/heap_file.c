/* The profile's files. See heap_file.h. @rare */
#include "shim/profile/heap_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/base/output.h"
#include "shim/base/path.h"
#include "shim/base/process.h"
#include "shim/base/text.h"
#include "shim/base/version.h"
#include "shim/heap/size_classes.h"
#include "shim/profile/frames.h"
#include "shim/profile/profile.h"
#include "shim/profile/site.h"

#define PATH_BYTES 1024
#define LINE_BYTES_MAX 2048U /* of one site: TP_FRAMES_MAX addresses of 21 bytes, and its counts */
#define SIDECAR_ENDING ".sites.json"

_Static_assert(TP_FRAMES_MAX * 21 + 600 < LINE_BYTES_MAX, "a site fits the line");

/* Static, as the stack of a signal handler may be small. */
static char path[PATH_BYTES], temporary[PATH_BYTES], buffer[16384];
static struct tp_text text; /* in buffer: what is not yet written */
static int file = -1; /* the descriptor that is written to */
static int error; /* of that file: 0 or the first errno value */

/* The counts of one site. They are added up once, so that the numbers of one line agree. */
struct sums {
	uint64_t in_use_objects, in_use_bytes, objects, bytes;
};

static uint64_t load(const _Atomic uint64_t *value)
{
	return atomic_load_explicit(value, memory_order_relaxed);
}

static struct sums sums_of(const struct tp_site *site)
{
	/* The frees are read first: each has its get counted before it, so the gets read after them are never fewer. */
	uint64_t freed_objects = load(&site->freed.objects), freed_bytes = load(&site->freed.bytes);
	struct sums sums = { 0 };

	for (unsigned source = 0; source < TP_SITE_SOURCE_COUNT; source++) {
		sums.objects += load(&site->got[source].objects);
		sums.bytes += load(&site->got[source].bytes);
	}
	sums.in_use_objects = sums.objects > freed_objects ? sums.objects - freed_objects : 0;
	sums.in_use_bytes = sums.bytes > freed_bytes ? sums.bytes - freed_bytes : 0;
	return sums;
}

static void flush(void)
{
	if (!error)
		error = tp_output_write(&text, file);
	text.length = 0;
}

/* Make room for one more line. */
static void make_room(void)
{
	if (text.capacity - text.length < LINE_BYTES_MAX)
		flush();
}

/* Call @add for every site that has samples. */
static void for_each_site(
    void (*add)(const struct tp_site *site, const struct sums *sums, void *argument), void *argument)
{
	for (uint32_t number = 0; number < tp_site_count(); number++) {
		const struct tp_site *site = tp_site_at(number);

		/* acquire: pairs with the release in site.c's add, which makes the site whole */
		if (atomic_load_explicit(&site->depth, memory_order_acquire) == 0)
			continue;
		struct sums sums = sums_of(site);
		if (sums.objects > 0)
			add(site, &sums, argument);
	}
}

/* ---- gperftools' format */

static void add_total(const struct tp_site *site, const struct sums *sums, void *argument)
{
	struct sums *total = argument;

	(void)site;
	total->in_use_objects += sums->in_use_objects;
	total->in_use_bytes += sums->in_use_bytes;
	total->objects += sums->objects;
	total->bytes += sums->bytes;
}

static void add_counts(const struct sums *sums)
{
	tp_text_add(
	    &text, "%lu: %lu [%lu: %lu] @", sums->in_use_objects, sums->in_use_bytes, sums->objects, sums->bytes);
}

static void add_line(const struct tp_site *site, const struct sums *sums, void *argument)
{
	(void)argument;
	make_room();
	add_counts(sums);
	for (uint32_t i = 0; i < site->depth; i++)
		tp_text_add(&text, " 0x%lx", site->frames[i]);
	tp_text_add(&text, "\n");
}

/* Add the kernel's list of mappings, by which a reader finds the names of functions. */
static void add_maps(void)
{
	int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	ssize_t length = 0;

	tp_text_add(&text, "\nMAPPED_LIBRARIES:\n");
	if (maps < 0)
		return;
	do {
		make_room();
		length = read(maps, text.start + text.length, text.capacity - text.length);
		if (length > 0)
			text.length += (size_t)length;
	} while (length > 0);
	close(maps);
}

static void add_profile(void)
{
	uint64_t every = tp_process.options.profile_every.number;
	struct sums total = { 0 };

	for_each_site(add_total, &total);
	tp_text_add(&text, "heap profile: ");
	add_counts(&total);
	/* If every request is sampled, the counts are the totals, and this word tells readers not to scale them. */
	if (every == 1)
		tp_text_add(&text, " heapprofile\n");
	else
		tp_text_add(&text, " heap_v2/%lu\n", every);
	for_each_site(add_line, NULL);
	add_maps();
}

/* ---- the sidecar */

static const char *const source_names[TP_SITE_SOURCE_COUNT] = { "local", "overflow", "stolen", "victim", "slab",
	"backend" };

static void add_object(const struct tp_site *site, const struct sums *sums, void *argument)
{
	bool *first = argument;

	make_room();
	tp_text_add(&text, "%s\n{\"stack\":[", *first ? "" : ",");
	*first = false;
	for (uint32_t i = 0; i < site->depth; i++)
		tp_text_add(&text, "%s\"0x%lx\"", i ? "," : "", site->frames[i]);
	tp_text_add(&text, "],\"in_use\":[%lu,%lu],\"allocated\":[%lu,%lu]", sums->in_use_objects, sums->in_use_bytes,
	    sums->objects, sums->bytes);
	for (unsigned source = 0; source < TP_SITE_SOURCE_COUNT; source++)
		tp_text_add(&text, ",\"%s\":[%lu,%lu]", source_names[source], load(&site->got[source].objects),
		    load(&site->got[source].bytes));
	tp_text_add(&text, "}");
}

static void add_sidecar(void)
{
	struct tp_profile_left_out left_out;
	bool first = true;

	tp_profile_read_left_out(&left_out);
	tp_text_add(&text, "{\"version\":\"%s\",\"pid\":%d,\"program\":\"", TP_VERSION, (int)tp_process.pid);
	tp_text_add_json(&text, tp_process.program);
	tp_text_add(&text, "\",\"every\":%lu,\"unwind\":\"%s\",\"pooled_bytes_max\":%u,",
	    tp_process.options.profile_every.number, tp_profile_unwind_name(), tp_classes.max_bytes);
	tp_text_add(&text, "\"left_out\":{\"objects\":%lu,\"bytes\":%lu,\"untracked\":%lu},\"sites\":[",
	    left_out.objects, left_out.bytes, left_out.untracked);
	for_each_site(add_object, &first);
	tp_text_add(&text, "\n]}\n");
}

/* ---- the files */

/* Have @add format the contents, and write them to the open file. */
static void fill(void (*add)(void))
{
	text = (struct tp_text)TP_TEXT(buffer);
	add();
	flush();
}

/* Write to @fd and close it; if @fd is -1, opening failed and errno says why. Returns 0 or a positive errno value. */
static int write_file(int fd, void (*add)(void))
{
	file = fd;
	error = fd < 0 ? errno : 0;
	if (fd < 0)
		return error;
	fill(add);
	if (close(file) != 0 && !error)
		error = errno;
	return error;
}

/*
 * Write a file beside the name and rename it, so that a reader finds all of it or nothing.
 * Returns 0 or a positive errno value.
 */
static int replace_file(void (*add)(void))
{
	struct tp_text name = { .start = temporary, .capacity = sizeof temporary - 1 };

	tp_text_add(&name, "%s.%d.new", path, (int)tp_process.pid);
	if (name.length == name.capacity)
		return ENAMETOOLONG;
	temporary[name.length] = '\0';
	int failed = write_file(open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), add);
	if (!failed && rename(temporary, path) != 0)
		failed = errno;
	if (failed)
		unlink(temporary);
	return failed;
}

/* Whether the name is free or has a regular file. A terminal or a pipe cannot be replaced, and gets one file only. */
static bool is_replaceable(void)
{
	struct stat status;

	return stat(path, &status) != 0 || S_ISREG(status.st_mode);
}

void tp_heap_file_write(void)
{
	int saved_errno = errno;

	if (!tp_path_expand(tp_process.options.profile.text, path, sizeof path - strlen(SIDECAR_ENDING))) {
		tp_output_say_to(tp_output_error_fd(), "TIDEPOOL_PROFILE: the path is too long");
		return;
	}
	bool replaceable = is_replaceable();
	int failed = replaceable ? replace_file(add_profile) : write_file(tp_output_open_end(path, 0), add_profile);
	if (!failed && replaceable) {
		memcpy(path + strlen(path), SIDECAR_ENDING, sizeof SIDECAR_ENDING);
		failed = replace_file(add_sidecar);
	}
	if (failed)
		tp_output_say_to(
		    tp_output_error_fd(), "TIDEPOOL_PROFILE: cannot write %s: %s", path, strerrordesc_np(failed));
	errno = saved_errno;
}
