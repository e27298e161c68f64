/* Lines. See line.h. @rare */
#include "policy/line.h"

struct tp_line tp_line_start(char *buffer, size_t bytes)
{
	buffer[0] = '\0';
	return (struct tp_line){ .start = buffer, .bytes = bytes };
}

void tp_line_add_char(struct tp_line *line, char c)
{
	if (line->length + 1 >= line->bytes)
		return;
	line->start[line->length++] = c;
	line->start[line->length] = '\0';
}

void tp_line_add(struct tp_line *line, const char *text)
{
	for (; *text; text++)
		tp_line_add_char(line, *text);
}

void tp_line_add_number(struct tp_line *line, uint64_t number)
{
	char digits[21] = "";
	char *first = digits + sizeof digits - 1;

	do {
		*--first = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	tp_line_add(line, first);
}
