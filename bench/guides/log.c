/*
 * log OPERATIONS: a log line built in a buffer that grows, then thrown away.
 *
 * Source: the example of sync.Pool in Go's documentation (pkg.go.dev/sync#Pool): a line of time, key and value. The
 * line here is a little longer, as those of servers are.
 */
#include "text.h"

static uint64_t log_line(uint64_t number)
{
	struct text line = { NULL, 0, 0 };
	text_append_string(
	    &line, "2006-01-02T15:04:05Z level=info msg=\"request served\" path=/search?q=flowers&page=");
	text_append_number(&line, (int64_t)(number % 1000));
	text_append_string(&line, " status=200 bytes=");
	text_append_number(&line, (int64_t)(number * 7919 % 65536));
	text_append_string(&line, " client=192.0.2.17 took_us=");
	text_append_number(&line, (int64_t)(number % 9973));
	text_append_string(&line, "\n");
	return text_free(&line);
}

int main(int argc, char **argv)
{
	return operation_main(operation_count(argc, argv, "log OPERATIONS"), log_line);
}
