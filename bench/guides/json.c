/*
 * json encode|decode OPERATIONS: a record with an array of records, to JSON and back.
 *
 * Source: guides to sync.Pool that pool the bytes.Buffer behind a json.Encoder, or the structures that a Decoder fills.
 * Pattern: an order with ten items, each with a name, a price, an amount and a flag, about 700 bytes of JSON.
 * Encode: into a buffer that grows. Decode: every string, every item and the array of them an object of its own; then
 * all are freed.
 */
#include <stdbool.h>

#include "text.h"

enum { JSON_ITEMS = 10 };

static const char json_usage[] = "json encode|decode OPERATIONS";

struct json_item {
	char *name;
	int64_t price;
	int64_t amount;
	bool ready;
};

struct json_order {
	int64_t id;
	char *customer;
	struct json_item **items;
	size_t item_count;
};

static char *json_copy(const char *bytes, size_t length)
{
	char *copy = checked_malloc(length + 1);
	memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

static void json_encode_string(struct text *text, const char *string)
{
	text_append_string(text, "\"");
	for (; *string != '\0'; string++) {
		if (*string == '"' || *string == '\\')
			text_append_string(text, "\\");
		text_append(text, string, 1);
	}
	text_append_string(text, "\"");
}

static void json_encode(struct text *text, const struct json_order *order)
{
	text_append_string(text, "{\"id\":");
	text_append_number(text, order->id);
	text_append_string(text, ",\"customer\":");
	json_encode_string(text, order->customer);
	text_append_string(text, ",\"items\":[");
	for (size_t i = 0; i < order->item_count; i++) {
		const struct json_item *item = order->items[i];
		text_append_string(text, i > 0 ? ",{\"name\":" : "{\"name\":");
		json_encode_string(text, item->name);
		text_append_string(text, ",\"price\":");
		text_append_number(text, item->price);
		text_append_string(text, ",\"amount\":");
		text_append_number(text, item->amount);
		text_append_string(text, item->ready ? ",\"ready\":true}" : ",\"ready\":false}");
	}
	text_append_string(text, "]}");
}

/* Goes past `word`, which must stand at *at. */
static void json_expect(const char **at, const char *word)
{
	size_t length = strlen(word);
	if (strncmp(*at, word, length) != 0)
		checked_fail("the JSON is not what was encoded");
	*at += length;
}

/* Goes past `word` if it stands at *at. */
static bool json_accept(const char **at, const char *word)
{
	size_t length = strlen(word);
	bool found = strncmp(*at, word, length) == 0;
	*at += found ? length : 0;
	return found;
}

static int64_t json_decode_number(const char **at)
{
	char *end;
	int64_t number = strtoll(*at, &end, 10);
	if (end == *at)
		checked_fail("the JSON has no number where one was encoded");
	*at = end;
	return number;
}

/* Strings with a backslash grow one character at a time; the others are copied whole, as most decoders do. */
static char *json_decode_string(const char **at)
{
	json_expect(at, "\"");
	size_t length = strcspn(*at, "\"\\");
	if ((*at)[length] == '"') {
		char *plain = json_copy(*at, length);
		*at += length + 1;
		return plain;
	}
	struct text text = { NULL, 0, 0 };
	for (; **at != '"'; ++*at) {
		*at += **at == '\\';
		text_append(&text, *at, 1);
	}
	text_append(&text, "", 1);
	++*at;
	return text.bytes;
}

static struct json_item *json_decode_item(const char **at)
{
	struct json_item *item = checked_malloc(sizeof *item);
	json_expect(at, "{\"name\":");
	item->name = json_decode_string(at);
	json_expect(at, ",\"price\":");
	item->price = json_decode_number(at);
	json_expect(at, ",\"amount\":");
	item->amount = json_decode_number(at);
	json_expect(at, ",\"ready\":");
	item->ready = json_accept(at, "true");
	if (!item->ready)
		json_expect(at, "false");
	json_expect(at, "}");
	return item;
}

static struct json_order *json_decode(const char *at)
{
	struct json_order *order = checked_malloc(sizeof *order);
	size_t capacity = 4;
	*order = (struct json_order){ .items = checked_malloc(capacity * sizeof(struct json_item *)) };
	json_expect(&at, "{\"id\":");
	order->id = json_decode_number(&at);
	json_expect(&at, ",\"customer\":");
	order->customer = json_decode_string(&at);
	json_expect(&at, ",\"items\":[");
	do {
		if (order->item_count == capacity) {
			capacity *= 2;
			order->items = checked_realloc(order->items, capacity * sizeof(struct json_item *));
		}
		order->items[order->item_count++] = json_decode_item(&at);
	} while (json_accept(&at, ","));
	json_expect(&at, "]}");
	return order;
}

/* Returns something that depends on the order, and frees it. */
static uint64_t json_free(struct json_order *order)
{
	uint64_t sum = (uint64_t)order->id + strlen(order->customer);
	for (size_t i = 0; i < order->item_count; i++) {
		struct json_item *item = order->items[i];
		sum += strlen(item->name) + (uint64_t)(item->price * item->amount) + item->ready;
		free(item->name);
		free(item);
	}
	free(order->items);
	free(order->customer);
	free(order);
	return sum;
}

static struct json_order *json_sample;
static struct text json_sample_text;

static uint64_t json_encode_once(uint64_t number)
{
	struct text text = { NULL, 0, 0 };
	json_sample->id = (int64_t)(number % 100000);
	json_encode(&text, json_sample);
	return text_free(&text);
}

static uint64_t json_decode_once(uint64_t number)
{
	return number + json_free(json_decode(json_sample_text.bytes));
}

int main(int argc, char **argv)
{
	uint64_t count = operation_count(argc, argv, json_usage);
	bool encode = argc == 3 && strcmp(argv[1], "encode") == 0;
	if (!encode && (argc != 3 || strcmp(argv[1], "decode") != 0)) {
		fprintf(stderr, "usage: %s\n", json_usage);
		return 2;
	}
	json_sample = checked_malloc(sizeof *json_sample);
	*json_sample = (struct json_order){ 4711, json_copy("Ada \"the first\" Lovelace", 24),
		checked_malloc(JSON_ITEMS * sizeof(struct json_item *)), JSON_ITEMS };
	for (int i = 0; i < JSON_ITEMS; i++) {
		json_sample->items[i] = checked_malloc(sizeof(struct json_item));
		*json_sample->items[i] =
		    (struct json_item){ json_copy("a flower pot of clay", 20), 1999 + i, i + 1, i % 2 == 0 };
	}
	json_encode(&json_sample_text, json_sample);
	text_append(&json_sample_text, "", 1);
	int status = operation_main(count, encode ? json_encode_once : json_decode_once);
	json_free(json_sample);
	text_free(&json_sample_text);
	return status;
}
