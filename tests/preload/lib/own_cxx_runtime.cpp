/*
 * A plugin that has its C++ runtime inside, for a program in C that opens it for itself alone.
 * @cc -static-libstdc++ -static-libgcc
 */
#include <new>

extern "C" const char *plugin_fail_new(std::size_t bytes);

static int handler_runs;

static void give_up()
{
	handler_runs++;
	std::set_new_handler(nullptr);
}

template <typename New> static bool throws(New request)
{
	handler_runs = 0;
	std::set_new_handler(give_up);
	try {
		request();
	} catch (const std::bad_alloc &) {
		return handler_runs == 1;
	}
	return false;
}

template <typename New> static bool gives_null(New request)
{
	handler_runs = 0;
	std::set_new_handler(give_up);
	return !request() && handler_runs == 1;
}

/* Ask every form of new for so many bytes, which there are not. Returns the form that does otherwise than it should. */
const char *plugin_fail_new(std::size_t bytes)
{
	const std::align_val_t page{ 4096 };

	if (!throws([&] { return ::operator new(bytes); }))
		return "new";
	if (!throws([&] { return ::operator new[](bytes); }))
		return "new[]";
	if (!throws([&] { return ::operator new(bytes, page); }))
		return "aligned new";
	if (!throws([&] { return ::operator new[](bytes, page); }))
		return "aligned new[]";
	if (!gives_null([&] { return ::operator new(bytes, std::nothrow); }))
		return "nothrow new";
	if (!gives_null([&] { return ::operator new[](bytes, std::nothrow); }))
		return "nothrow new[]";
	if (!gives_null([&] { return ::operator new(bytes, page, std::nothrow); }))
		return "aligned nothrow new";
	if (!gives_null([&] { return ::operator new[](bytes, page, std::nothrow); }))
		return "aligned nothrow new[]";
	return nullptr;
}
