/* Formatting without stdio. See text.h. @rare */
#include "shim/base/text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

static void add_char(struct tp_text *text, char c)
{
	if (text->length < text->capacity)
		text->start[text->length++] = c;
}

static void add_padded(struct tp_text *text, const char *string, size_t length, size_t width, bool left, char fill)
{
	size_t padding = width > length ? width - length : 0;

	if (!left)
		for (size_t i = 0; i < padding; i++)
			add_char(text, fill);
	for (size_t i = 0; i < length; i++)
		add_char(text, string[i]);
	if (left)
		for (size_t i = 0; i < padding; i++)
			add_char(text, ' ');
}

/* Write the digits of @value so that they end before @end. Returns their start. */
static char *digits(char *end, unsigned long value, unsigned base)
{
	do {
		*--end = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	return end;
}

void tp_text_add_va(struct tp_text *text, const char *format, va_list arguments)
{
	char number[24];
	char *const end = number + sizeof number;

	for (; *format; format++) {
		if (*format != '%') {
			add_char(text, *format);
			continue;
		}
		bool left = false, is_long = false;
		char fill = ' ';
		size_t width = 0;

		format++;
		if (*format == '-') {
			left = true;
			format++;
		}
		if (*format == '0')
			fill = '0';
		for (; *format >= '0' && *format <= '9'; format++)
			width = width * 10 + (size_t)(*format - '0');
		if (*format == 'l' || *format == 'z') {
			is_long = true;
			format++;
		}
		char *start = end;
		switch (*format) {
		case 's': {
			const char *string = va_arg(arguments, const char *);

			add_padded(text, string, strlen(string), width, left, ' ');
			continue;
		}
		case 'c':
			*--start = (char)va_arg(arguments, int);
			break;
		case 'd': {
			int value = va_arg(arguments, int);

			start = digits(end, value < 0 ? -(unsigned long)value : (unsigned long)value, 10);
			if (value < 0)
				*--start = '-';
			break;
		}
		case 'u':
		case 'x':
			start = digits(end, is_long ? va_arg(arguments, unsigned long) : va_arg(arguments, unsigned),
			    *format == 'x' ? 16 : 10);
			break;
		default:
			*--start = *format;
		}
		add_padded(text, start, (size_t)(end - start), width, left, fill);
	}
}

void tp_text_add(struct tp_text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tp_text_add_va(text, format, arguments);
	va_end(arguments);
}

void tp_text_add_bytes(struct tp_text *text, unsigned long bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	unsigned long tenths = bytes;
	size_t unit = 0;

	if (bytes < 1024) {
		tp_text_add(text, "%lu B", bytes);
		return;
	}
	for (tenths = bytes / 1024 * 10 + bytes % 1024 * 10 / 1024; tenths >= 10240 && unit < 3; unit++)
		tenths /= 1024;
	tp_text_add(text, "%lu.%lu %s", tenths / 10, tenths % 10, units[unit]);
}

void tp_text_add_json(struct tp_text *text, const char *string)
{
	for (; *string; string++) {
		unsigned char c = (unsigned char)*string;

		if (c == '"' || c == '\\')
			tp_text_add(text, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			tp_text_add(text, "\\u%04x", c); /* each byte as Latin-1: valid JSON */
		else
			add_char(text, *string);
	}
}
