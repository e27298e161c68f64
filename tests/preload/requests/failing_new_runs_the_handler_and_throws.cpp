/*
 * Under RLIMIT_AS a failing operator new runs the new_handler until there is none, then throws
 * std::bad_alloc; the nothrow forms return nullptr; a handler that throws gets through.
 * @no-preload
 */
#include <cstdint>
#include <new>
#include <sys/resource.h>

#include "child.h"

static int handler_runs;
static void *reserve;

/* Two runs free what was kept back; the third gives up. */
static void give_reserve()
{
	handler_runs++;
	if (handler_runs == 3)
		std::set_new_handler(nullptr);
}

struct Refusal {
};

static void refuse()
{
	throw Refusal();
}

static void release_reserve()
{
	free(reserve);
	reserve = nullptr;
	std::set_new_handler(nullptr);
}

template <typename New> static void expect_failure(const char *name, New request)
{
	handler_runs = 0;
	std::set_new_handler(give_reserve);
	try {
		void *object = request();
		EXPECT(!object, "%s gave memory beyond the limit", name);
		EXPECT(strstr(name, "nothrow"), "%s returned nullptr", name);
	} catch (const std::bad_alloc &) {
		EXPECT(!strstr(name, "nothrow"), "%s threw", name);
	}
	EXPECT(handler_runs == 3, "%s ran the handler %d times, not 3", name, handler_runs);
}

static int run_out_of_memory()
{
	const size_t size = (size_t)1 << 30;
	const std::align_val_t page{ 4096 };
	volatile size_t over = (size_t)PTRDIFF_MAX + 1;

	expect_failure("new", [&] { return ::operator new(size); });
	expect_failure("new[]", [&] { return ::operator new[](size); });
	expect_failure("nothrow new", [&] { return ::operator new(size, std::nothrow); });
	expect_failure("nothrow new[]", [&] { return ::operator new[](size, std::nothrow); });
	expect_failure("aligned new", [&] { return ::operator new(size, page); });
	expect_failure("aligned new[]", [&] { return ::operator new[](size, page); });
	expect_failure("aligned nothrow new", [&] { return ::operator new(size, page, std::nothrow); });
	expect_failure("aligned nothrow new[]", [&] { return ::operator new[](size, page, std::nothrow); });
	expect_failure("new of PTRDIFF_MAX + 1", [&] { return ::operator new(over); });

	std::set_new_handler(refuse);
	try {
		void *object = ::operator new(size);
		EXPECT(!object, "memory beyond the limit");
		EXPECT(false, "new returned nullptr");
	} catch (const Refusal &) {
	}

	/* fill with small objects, linked through their first word, then let the handler make room */
	std::set_new_handler(nullptr);
	reserve = malloc(8 << 20);
	EXPECT(reserve, "no reserve");
	void *last = nullptr;
	long count = 0;
	try {
		for (;; count++) {
			void **object = static_cast<void **>(::operator new(16384));
			*object = last;
			last = object;
		}
	} catch (const std::bad_alloc &) {
	}
	EXPECT(count > 1000, "only %ld objects fitted under the limit", count);
	std::set_new_handler(release_reserve);
	void *object = ::operator new(16384);
	EXPECT(object && !reserve, "the handler's memory was not used");
	::operator delete(object);
	while (last) {
		void *next = *static_cast<void **>(last);
		::operator delete(last);
		last = next;
	}
	::operator delete(::operator new(1 << 20));
	return 0;
}

static void limit()
{
	struct rlimit space = { 256u << 20, 256u << 20 };
	EXPECT(setrlimit(RLIMIT_AS, &space) == 0, "cannot limit the address space");
}

int main(int argc, char **)
{
	if (argc > 1)
		return run_out_of_memory();
	static struct child child;
	child_run(&child, "run out", limit, (char *)nullptr);
	child_expect_exit(&child, 0);
	return 0;
}
