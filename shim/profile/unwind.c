/* Unwinding: libunwind with our own accessors. See unwind.h. @rare */
#include "shim/profile/unwind.h"

#include <stdatomic.h>

#include "shim/arch/registers.h"
#include "shim/profile/frames.h"

#if TP_REGISTER_COUNT > 0

#include <dlfcn.h>
#include <fcntl.h>
#include <libunwind.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#define STACKS_REMEMBERED 256U /* stacks between two flushes of the library's cache, so that filling it costs little */
#define STACK_BYTES_NEEDED 16384U /* profile_of_everything_breaks_nothing.cpp, on the smallest stacks */

/* .eh_frame_hdr as all linkers write it. Source: Linux Standard Base, "Exception Frames". */
#define HEADER_VERSION 1
#define ENCODING_FRAMES 0x1b /* relative to the field, 4 bytes */
#define ENCODING_COUNT 0x03 /* 4 bytes */
#define ENCODING_TABLE 0x3b /* relative to the header, 4 bytes each */

struct eh_header {
	uint8_t version, frames_encoding, count_encoding, table_encoding;
	int32_t frames; /* where .eh_frame is */
	uint32_t count; /* pairs in the table */
	int32_t table[]; /* pairs: where a function begins, where its entry is */
};

/* What the accessors know of one unwinding. */
struct view {
	uint64_t registers[TP_REGISTER_COUNT]; /* of the function that begins to unwind */
	uintptr_t object_start, object_end; /* the loaded object whose tables are being read */
	struct tp_frames_pages pages;
};

/* The functions of the library that are used. find_functions has their names. */
static struct {
	unw_addr_space_t (*create)(unw_accessors_t *, int);
	int (*init)(unw_cursor_t *, unw_addr_space_t, void *);
	int (*step)(unw_cursor_t *);
	int (*read)(unw_cursor_t *, unw_regnum_t, unw_word_t *);
	int (*is_signal)(unw_cursor_t *);
	int (*set_caching)(unw_addr_space_t, unw_caching_policy_t);
	void (*flush)(unw_addr_space_t, unw_word_t, unw_word_t);
	int (*search)(unw_addr_space_t, unw_word_t, unw_dyn_info_t *, unw_proc_info_t *, int, void *);
} library;

static unw_addr_space_t space;
static _Atomic unsigned taken; /* stacks taken so far, modulo 2^32 */
static _Atomic unsigned unwinding; /* threads that may hold a lock of the library */
static _Atomic bool usable; /* the library works, and none of its locks is lost */

/* Tell the library where the table for @ip is. */
static int find_tables(unw_addr_space_t as, unw_word_t ip, unw_proc_info_t *info, int need, void *argument)
{
	struct view *view = argument;
	struct dl_find_object object;

	if (_dl_find_object((void *)ip, &object) != 0 || !object.dlfo_eh_frame)
		return -UNW_ENOINFO;
	const struct eh_header *header = object.dlfo_eh_frame;
	if (header->version != HEADER_VERSION || header->frames_encoding != ENCODING_FRAMES ||
	    header->count_encoding != ENCODING_COUNT || header->table_encoding != ENCODING_TABLE)
		return -UNW_ENOINFO;
	view->object_start = (uintptr_t)object.dlfo_map_start;
	view->object_end = (uintptr_t)object.dlfo_map_end;
	unw_dyn_info_t table = {
		.start_ip = view->object_start,
		.end_ip = view->object_end,
		.format = UNW_INFO_FORMAT_REMOTE_TABLE,
		.u.rti = {
			.segbase = (unw_word_t)header,
			.table_data = (unw_word_t)header->table,
			.table_len = header->count,
		},
	};
	return library.search(as, ip, &table, info, need, argument);
}

/* Read a word for the library. The object whose tables are being read is mapped; other pages are asked for. */
static int read_memory(unw_addr_space_t as, unw_word_t address, unw_word_t *value, int write, void *argument)
{
	struct view *view = argument;

	(void)as;
	if (write)
		return -UNW_EINVAL;
	if (address - view->object_start >= view->object_end - view->object_start &&
	    !tp_frames_is_readable(&view->pages, address))
		return -UNW_EINVAL;
	*value = *(const unw_word_t *)address;
	return 0;
}

static int read_register(unw_addr_space_t as, unw_regnum_t number, unw_word_t *value, int write, void *argument)
{
	(void)as;
	if (write || number < 0 || number >= TP_REGISTER_COUNT)
		return -UNW_EBADREG;
	*value = ((struct view *)argument)->registers[number];
	return 0;
}

/* The library demands the functions below, and needs none of them. */
static void put_tables(unw_addr_space_t as, unw_proc_info_t *info, void *argument)
{
	(void)as, (void)info, (void)argument;
}

static int find_no_list(unw_addr_space_t as, unw_word_t *list, void *argument)
{
	(void)as, (void)list, (void)argument;
	return -UNW_ENOINFO;
}

static int read_no_float(unw_addr_space_t as, unw_regnum_t number, unw_fpreg_t *value, int write, void *argument)
{
	(void)as, (void)number, (void)value, (void)write, (void)argument;
	return -UNW_EBADREG;
}

static int resume_nothing(unw_addr_space_t as, unw_cursor_t *cursor, void *argument)
{
	(void)as, (void)cursor, (void)argument;
	return -UNW_EINVAL;
}

static int find_no_name(
    unw_addr_space_t as, unw_word_t address, char *name, size_t bytes, unw_word_t *offset, void *argument)
{
	(void)as, (void)address, (void)name, (void)bytes, (void)offset, (void)argument;
	return -UNW_ENOINFO;
}

static unw_accessors_t accessors = {
	.find_proc_info = find_tables,
	.put_unwind_info = put_tables,
	.get_dyn_info_list_addr = find_no_list,
	.access_mem = read_memory,
	.access_reg = read_register,
	.access_fpreg = read_no_float,
	.resume = resume_nothing,
	.get_proc_name = find_no_name,
};

/* Take the stack. The frames of this library, the first of which is this function's caller, are left to the caller. */
static size_t take(uintptr_t *frames, size_t limit)
{
	struct view view = { .object_start = 0 };
	unw_cursor_t cursor;
	size_t count = 0;
	bool interrupted = false;

	/*
	 * What the library remembers of an address is wrong once another object is loaded there. Nothing tells us of
	 * that, so its cache is flushed now and then. Until then a wrong entry yields wrong frames, but no bad access.
	 */
	if (atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed) % STACKS_REMEMBERED == 0)
		library.flush(space, 0, 0);
	tp_registers_read(view.registers);
	if (library.init(&cursor, space, &view) != 0)
		return 0;
	while (count < limit && library.step(&cursor) > 0) {
		unw_word_t ip;

		if (library.read(&cursor, UNW_REG_IP, &ip) != 0 || ip == 0)
			break;
		/*
		 * Readers of a profile subtract 1 from an address, to be within the call. A function that a signal has
		 * interrupted has made no call, so 1 is added to its address.
		 */
		frames[count++] = ip + interrupted;
		interrupted = library.is_signal(&cursor) > 0;
	}
	return count;
}

size_t tp_unwind_take(uintptr_t *frames, size_t limit)
{
	size_t count = 0;
	int cancel_state;

	/*
	 * The thread is counted before it reads usable, both seq_cst: if another thread forks in between, the child
	 * sees the count and gives the library up.
	 */
	atomic_fetch_add_explicit(&unwinding, 1, memory_order_seq_cst);
	if (atomic_load_explicit(&usable, memory_order_seq_cst) && tp_frames_has_room(STACK_BYTES_NEEDED)) {
		/* malloc must not be a cancellation point, and the library makes calls that are. */
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
		count = take(frames, limit);
		pthread_setcancelstate(cancel_state, NULL);
	}
	atomic_fetch_sub_explicit(&unwinding, 1, memory_order_seq_cst);
	return count;
}

#define NAME_(name) #name
#define NAME(name) NAME_(name) /* the macros of the library's header make _Ux86_64_step of unw_step */

static bool find_functions(void)
{
	void *handle = dlopen(TP_UNWIND_LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return false;
	library.create = dlsym(handle, NAME(unw_create_addr_space));
	library.init = dlsym(handle, NAME(unw_init_remote));
	library.step = dlsym(handle, NAME(unw_step));
	library.read = dlsym(handle, NAME(unw_get_reg));
	library.is_signal = dlsym(handle, NAME(unw_is_signal_frame));
	library.set_caching = dlsym(handle, NAME(unw_set_caching_policy));
	library.flush = dlsym(handle, NAME(unw_flush_cache));
	library.search = dlsym(handle, NAME(UNW_OBJ(dwarf_search_unwind_table)));
	return library.create && library.init && library.step && library.read && library.is_signal &&
	       library.set_caching && library.flush && library.search;
}

static bool is_pipe(int fd, struct stat *file)
{
	return fd >= 0 && fstat(fd, file) == 0 && S_ISFIFO(file->st_mode);
}

/*
 * Close the pipe that the library has opened, if @fds are one. The library would write to it, to find out which memory
 * can be read; with our accessors it never does. Low descriptors are for the host.
 */
static void close_pipe(const int fds[2])
{
	struct stat reader, writer;

	if (!is_pipe(fds[0], &reader) || !is_pipe(fds[1], &writer) || reader.st_ino != writer.st_ino)
		return;
	close(fds[0]);
	close(fds[1]);
}

bool tp_unwind_start(void)
{
	uintptr_t frames[TP_FRAMES_MAX];
	int fds[2] = { -1, -1 };

	if (!find_functions())
		return false;
	space = library.create(&accessors, 0);
	if (!space)
		return false;
	/* Find out which numbers the next two descriptors will get. */
	for (unsigned i = 0; i < 2; i++)
		fds[i] = open("/", O_PATH | O_CLOEXEC);
	for (unsigned i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	bool works = library.set_caching(space, UNW_CACHE_GLOBAL) == 0 && take(frames, TP_FRAMES_MAX) > 0;
	close_pipe(fds);
	atomic_store_explicit(&usable, works, memory_order_seq_cst);
	return works;
}

void tp_unwind_start_child(bool self_is_unwinding)
{
	/* The child has no other thread, and a lock that one held is lost. This thread goes on unwinding, if it was. */
	if (atomic_load_explicit(&unwinding, memory_order_seq_cst) > (self_is_unwinding ? 1 : 0))
		atomic_store_explicit(&usable, false, memory_order_seq_cst);
	atomic_store_explicit(&unwinding, self_is_unwinding ? 1 : 0, memory_order_seq_cst);
}

#else

bool tp_unwind_start(void)
{
	return false;
}

size_t tp_unwind_take(uintptr_t *frames, size_t limit)
{
	(void)frames, (void)limit;
	return 0;
}

void tp_unwind_start_child(bool self_is_unwinding)
{
	(void)self_is_unwinding;
}

#endif
