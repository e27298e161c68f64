/* The live file. See live.h. @rare */
#include "shim/report/live.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/class.h"
#include "shim/base/clock.h"
#include "shim/base/compiler.h"
#include "shim/base/output.h"
#include "shim/base/path.h"
#include "shim/base/process.h"
#include "shim/base/text.h"
#include "shim/base/version.h"
#include "shim/heap/size_classes.h"
#include "shim/pool/counters.h"
#include "shim/report/process_counters.h"
#include "shim/tick/admission.h"
#include "shim/tick/timer.h"

#define PATH_BYTES 1024

/* The words of the process, in the order of names. */
struct process_words {
	uint64_t uptime_ns;
	struct tp_process_counters counters;
	struct tp_counters_large large;
};

/* The words of a class, in the order of names. */
struct class_words {
	uint64_t size;
	uint64_t admitted; /* 1: pooled */
	struct tp_counters_row row;
};

/* The contents of the file. */
struct table {
	struct tp_live_header header;
	struct process_words process;
	struct class_words classes[TP_CLASS_LIMIT];
};

static const char names[] = "uptime_ns"
#define TP_STAT_TURN(field, help) " " #field
#include "policy/stats.def"
			    " large_gets large_puts large_bytes large_live_bytes\n"
			    "size admitted"
#define TP_STAT(field, group, name, column, help) " " #field
#include "policy/stats.def"
    ;

static_assert(sizeof(struct tp_live_header) == TP_LIVE_HEADER_BYTES, "the words begin at a page");
static_assert(sizeof names <= sizeof((struct tp_live_header *)0)->names, "the names fit into the header");
static_assert(sizeof((struct tp_live_header *)0)->program == sizeof tp_process.program, "the name is copied as it is");
static_assert(sizeof(struct tp_counters_large) == 4 * sizeof(uint64_t), "the names of the large ones are these four");

static struct table *_Atomic shared; /* the mapped file; NULL: there is none */
static _Atomic bool busy; /* a thread is making the file or writing its words */
static _Atomic bool wanted; /* in a forked child: the next tick has to make the file */
static char path[PATH_BYTES]; /* of the file; written under busy, or by the constructor */
static struct stat own_file; /* which file was made: another process may take its name */

/* ---- writing */

static void store_words(void *to, const void *from, size_t bytes)
{
	_Atomic uint64_t *target = to;
	const uint64_t *source = from;

	for (size_t i = 0; i < bytes / sizeof *source; i++)
		atomic_store_explicit(&target[i], source[i], memory_order_relaxed);
}

static void store_process(struct table *table)
{
	struct process_words words = { .uptime_ns = tp_clock_now_ns() - tp_process.start_ns };

	tp_process_counters_read(&words.counters);
	tp_counters_read_large(&words.large);
	store_words(&table->process, &words, sizeof words);
}

static void store_class(struct table *table, unsigned class_index)
{
	struct tp_admission_state state;

	tp_admission_read(class_index, &state);
	struct class_words words = {
		.size = tp_classes.row[class_index].object_bytes,
		.admitted = state.admitted,
	};

	tp_counters_read(class_index, &words.row);
	store_words(&table->classes[class_index - 1], &words, sizeof words);
}

static void write_table(struct table *table)
{
	uint64_t sequence = atomic_load_explicit(&table->header.sequence, memory_order_relaxed);

	atomic_store_explicit(&table->header.sequence, sequence + 1, memory_order_relaxed);
	/* release: no word is stored before the odd number. Pairs with the reader's second read of sequence. */
	atomic_thread_fence(memory_order_release);
	store_process(table);
	for (unsigned i = 1; i < tp_classes.count; i++)
		store_class(table, i);
	/* release: the words are stored before the even number. Pairs with the reader's first read of sequence. */
	atomic_store_explicit(&table->header.sequence, sequence + 2, memory_order_release);
}

/* Whether a store would raise SIGBUS, as another process has cut the file. Kernels before 5.14 cannot tell. */
static bool is_cut(struct table *table)
{
	return madvise(table, sizeof *table, MADV_POPULATE_WRITE) != 0 && errno == EFAULT;
}

/* ---- making the file */

static void fill_header(struct tp_live_header *header)
{
	memcpy(header->magic, TP_LIVE_MAGIC, sizeof header->magic);
	header->header_bytes = TP_LIVE_HEADER_BYTES;
	header->pid = (uint32_t)tp_process.pid;
	header->process_word_count = sizeof(struct process_words) / sizeof(uint64_t);
	header->class_word_count = sizeof(struct class_words) / sizeof(uint64_t);
	header->class_count = tp_classes.count - 1;
	header->tick_ns = tp_process.options.tick.number;
	header->start_ns = tp_process.start_ns;
	header->start_time_s = tp_process.start_time_s;
	strncpy(header->version, TP_VERSION, sizeof header->version - 1);
	memcpy(header->program, tp_process.program, sizeof header->program);
	memcpy(header->names, names, sizeof names);
}

/*
 * Fill the file with zeroes. They are written, not left as a hole, so that a full disk is an error here and not a
 * signal later. Returns 0 or a positive errno value.
 */
static int fill_file(int fd)
{
	static const char zeros[4096];

	for (size_t left = sizeof(struct table); left > 0;) {
		ssize_t written = write(fd, zeros, left < sizeof zeros ? left : sizeof zeros);

		if (written < 0 && errno != EINTR)
			return errno;
		left -= written > 0 ? (size_t)written : 0;
	}
	return 0;
}

/*
 * Return 0 if the name is free or has a live file, which a killed process may have left; else a positive errno value.
 */
static int check_name(void)
{
	char magic[sizeof TP_LIVE_MAGIC] = "";
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : errno;
	ssize_t length = read(fd, magic, sizeof magic);
	close(fd);
	return length == sizeof magic && memcmp(magic, TP_LIVE_MAGIC, sizeof magic) == 0 ? 0 : EEXIST;
}

/* Fill and map the new file @fd, and rename it from @new_path. Returns 0 or a positive errno value. */
static int publish(int fd, const char *new_path)
{
	int error = fill_file(fd);

	if (error)
		return error;
	struct table *table = mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (table == MAP_FAILED)
		return errno;
	madvise(table, sizeof *table, MADV_DONTFORK);
	fill_header(&table->header);
	write_table(table);
	if (fstat(fd, &own_file) != 0 || rename(new_path, path) != 0) {
		error = errno;
		munmap(table, sizeof *table);
		return error;
	}
	/* release: pairs with the acquire in tick */
	atomic_store_explicit(&shared, table, memory_order_release);
	return 0;
}

/*
 * Make the file beside its name and rename it, so that a reader never finds half of one.
 * Returns 0 or a positive errno value.
 */
static int make_file(void)
{
	static char new_path[PATH_BYTES + 16]; /* static, as the stack of a signal handler may be small */
	struct tp_text text = TP_TEXT(new_path);

	if (!tp_path_expand(tp_process.options.live.text, path, sizeof path))
		return ENAMETOOLONG;
	int error = check_name();
	if (error)
		return error;
	tp_text_add(&text, "%s.%d%c", path, (int)tp_process.pid, '\0');
	int fd = open(new_path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	error = publish(fd, new_path);
	if (error)
		unlink(new_path);
	close(fd);
	return error;
}

/* Remove the file, unless another process has taken its name. It stays mapped, as a tick may be writing its words. */
static void remove_file(void)
{
	struct stat now;

	if (atomic_exchange_explicit(&shared, NULL, memory_order_relaxed) && lstat(path, &now) == 0 &&
	    now.st_dev == own_file.st_dev && now.st_ino == own_file.st_ino)
		unlink(path);
}

/* ---- when */

/* At a tick: write the words, or make the file if it is wanted. */
static void tick(void)
{
	/* acquire: pairs with the release in publish */
	struct table *table = atomic_load_explicit(&shared, memory_order_acquire);
	int saved_errno = errno, cancel_state;

	if (!table && !atomic_load_explicit(&wanted, memory_order_relaxed))
		return;
	if (atomic_exchange_explicit(&busy, true, memory_order_acquire))
		return; /* a tick of another thread has not ended yet */
	if (table && is_cut(table)) {
		remove_file();
	} else if (table) {
		write_table(table);
	} else if (atomic_exchange_explicit(&wanted, false, memory_order_relaxed)) {
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
		/* An error is not told: the standard error of a child may be any file by now. */
		make_file();
		pthread_setcancelstate(cancel_state, NULL);
	}
	atomic_store_explicit(&busy, false, memory_order_release);
	errno = saved_errno;
}

TP_START_CODE void tp_live_start(void)
{
	int saved_errno = errno;

	if (!*tp_process.options.live.text)
		return;
	if (!tp_timer_every(0, tick)) {
		tp_output_say("TIDEPOOL_LIVE: nothing to share without TIDEPOOL_MODE=pool and a TIDEPOOL_TICK");
		return;
	}
	int error = make_file();
	if (error == ENAMETOOLONG)
		tp_output_say("TIDEPOOL_LIVE: the path is too long");
	else if (error)
		tp_output_say("TIDEPOOL_LIVE: cannot make %s: %s", path, strerrordesc_np(error));
	errno = saved_errno;
}

void tp_live_start_child(void)
{
	bool had = atomic_exchange_explicit(&shared, NULL, memory_order_relaxed) != NULL ||
		   atomic_load_explicit(&wanted, memory_order_relaxed);

	atomic_store_explicit(&busy, false, memory_order_relaxed);
	atomic_store_explicit(
	    &wanted, had && tp_path_is_per_process(tp_process.options.live.text), memory_order_relaxed);
}

void tp_live_end(void)
{
	int saved_errno = errno;

	/* A free after this may be the slow path of a tick, which must not make a file any more. */
	atomic_store_explicit(&wanted, false, memory_order_relaxed);
	remove_file();
	errno = saved_errno;
}
