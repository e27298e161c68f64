/* Paths that options name. See path.h. @rare */
#include "shim/base/path.h"

#include "shim/base/process.h"
#include "shim/base/text.h"

bool tp_path_expand(const char *pattern, char *path, size_t bytes)
{
	struct tp_text text = { .start = path, .capacity = bytes };

	for (; *pattern; pattern++) {
		if (*pattern != '%' || pattern[1] == '\0')
			tp_text_add(&text, "%c", *pattern);
		else if (*++pattern == 'p')
			tp_text_add(&text, "%d", (int)tp_process.pid);
		else if (*pattern == 'e')
			tp_text_add(&text, "%s", tp_process.program);
		else if (*pattern == 't')
			tp_text_add(&text, "%lu", (unsigned long)tp_process.start_time_s);
		else
			tp_text_add(&text, *pattern == '%' ? "%c" : "%%%c", *pattern);
	}
	bool fits = text.length < bytes;

	path[fits ? text.length : 0] = '\0';
	return fits;
}

bool tp_path_is_per_process(const char *pattern)
{
	for (; *pattern; pattern++)
		if (*pattern == '%' && *++pattern == 'p')
			return true;
		else if (*pattern == '\0')
			break;
	return false;
}
