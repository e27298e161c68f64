/*
 * http OPERATIONS: an HTTP response, head and body formatted into buffers, in memory.
 *
 * Source: handlers that render into a pooled bytes.Buffer, so that the length of the body is known before the head
 * is written; the standard example of guides to sync.Pool.
 * Pattern: a body of a table with 40 rows, about 2 KiB, in one buffer; the head and the body in a second.
 */
#include "text.h"

enum { HTTP_ROWS = 40 };

static uint64_t http_respond(uint64_t number)
{
	struct text body = { NULL, 0, 0 };
	struct text response = { NULL, 0, 0 };

	text_append_string(&body, "<html><body><table>\n");
	for (int row = 0; row < HTTP_ROWS; row++) {
		text_append_string(&body, "<tr><td>");
		text_append_number(&body, row);
		text_append_string(&body, "</td><td>an item of the list, number ");
		text_append_number(&body, (int64_t)(number % 1000) + row);
		text_append_string(&body, "</td></tr>\n");
	}
	text_append_string(&body, "</table></body></html>\n");
	text_append_string(&response, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: ");
	text_append_number(&response, (int64_t)body.length);
	text_append_string(&response, "\r\nX-Request: ");
	text_append_number(&response, (int64_t)(number % 1000));
	text_append_string(&response, "\r\n\r\n");
	text_append(&response, body.bytes, body.length);
	return text_free(&body) + text_free(&response);
}

int main(int argc, char **argv)
{
	return operation_main(operation_count(argc, argv, "http OPERATIONS"), http_respond);
}
