/* Text: formats, cutting at the buffer's end, bytes for people, JSON, writing. */
#include "shim/base/output.h"
#include "shim/base/text.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/support/threads.h"

#define ROOM 256
#define LINE_MAX_BYTES 512 /* of tp_output_say, its newline included */

static char buffer[ROOM];
static struct tp_text text = TP_TEXT(buffer);

static void expect_content(const char *expected)
{
	cr_assert_eq(text.length, strlen(expected), "\"%.*s\" is not \"%s\"", (int)text.length, buffer, expected);
	cr_assert_arr_eq(buffer, expected, text.length, "\"%.*s\" is not \"%s\"", (int)text.length, buffer, expected);
	text.length = 0;
}

#define EXPECT_TEXT(expected, ...) \
	do { \
		tp_text_add(&text, __VA_ARGS__); \
		expect_content(expected); \
	} while (0)

static void expect_bytes(unsigned long bytes, const char *expected)
{
	tp_text_add_bytes(&text, bytes);
	expect_content(expected);
}

static void expect_json(const char *string, const char *expected)
{
	tp_text_add_json(&text, string);
	expect_content(expected);
}

Test(text, formats_strings_and_characters)
{
	EXPECT_TEXT("", "%s", "");
	EXPECT_TEXT("tide pool", "%s %s", "tide", "pool");
	EXPECT_TEXT("abc", "a%cc", 'b');
	EXPECT_TEXT("100%", "%d%%", 100);
	EXPECT_TEXT("plain", "plain");
}

Test(text, formats_numbers)
{
	EXPECT_TEXT("0", "%d", 0);
	EXPECT_TEXT("-1", "%d", -1);
	EXPECT_TEXT("2147483647", "%d", INT_MAX);
	EXPECT_TEXT("-2147483648", "%d", INT_MIN);
	EXPECT_TEXT("4294967295", "%u", UINT_MAX);
	EXPECT_TEXT("0", "%lu", 0UL);
	EXPECT_TEXT("18446744073709551615", "%lu", ULONG_MAX);
	EXPECT_TEXT("18446744073709551615", "%zu", SIZE_MAX);
	EXPECT_TEXT("0", "%lx", 0UL);
	EXPECT_TEXT("7fffdeadbeef0123", "%lx", 0x7fffdeadbeef0123UL);
	EXPECT_TEXT("ffffffffffffffff", "%lx", ULONG_MAX);
	EXPECT_TEXT("10 100 a0", "%x %x %x", 16, 256, 160);
}

Test(text, an_unsigned_int_takes_only_its_own_bits)
{
	/* Two arguments: reading too much of the first would shift the second. */
	EXPECT_TEXT("4294967295 7", "%u %d", UINT_MAX, 7);
	EXPECT_TEXT("1 18446744073709551615 2", "%d %lu %d", 1, ULONG_MAX, 2);
}

Test(text, formats_like_printf_for_every_length_of_number_and_width)
{
	static const char *const formats[] = {
		"%lu",
		"%lx",
		"%1lu",
		"%7lu",
		"%07lu",
		"%-7lu|",
		"%19lx",
		"%020lu",
		"%40lu",
		"%-40lx|",
		"%040lx",
	};

	for (unsigned long value = 1; value != 0; value *= 2) {
		for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
			char expected[ROOM];

			snprintf(expected, sizeof expected, formats[i], value - 1);
			tp_text_add(&text, formats[i], value - 1);
			expect_content(expected);
		}
	}
}

Test(text, width_pads_on_the_left_and_with_minus_on_the_right)
{
	EXPECT_TEXT("[   ab]", "[%5s]", "ab");
	EXPECT_TEXT("[ab   ]", "[%-5s]", "ab");
	EXPECT_TEXT("[abcdef]", "[%5s]", "abcdef");
	EXPECT_TEXT("[abcdef]", "[%-5s]", "abcdef");
	EXPECT_TEXT("[    x]", "[%5c]", 'x');
	EXPECT_TEXT("[x    ]", "[%-5c]", 'x');
	EXPECT_TEXT("[  -42]", "[%5d]", -42);
	EXPECT_TEXT("[-42  ]", "[%-5d]", -42);
	EXPECT_TEXT("[          12]", "[%12zu]", (size_t)12);
}

Test(text, zero_fills_numbers)
{
	EXPECT_TEXT("00042", "%05d", 42);
	EXPECT_TEXT("00000", "%05u", 0U);
	EXPECT_TEXT("001f", "%04x", 0x1f);
	EXPECT_TEXT("123456", "%05u", 123456U);
	EXPECT_TEXT("000000000000beef", "%016lx", 0xbeefUL);
}

Test(text, appends_behind_what_is_there)
{
	tp_text_add(&text, "one");
	tp_text_add_bytes(&text, 2);
	tp_text_add_json(&text, "\"");
	tp_text_add(&text, "%d", 4);
	expect_content("one2 B\\\"4");
}

static void add_everything(struct tp_text *to)
{
	tp_text_add(to, "%s %6d %-6d|%05u", "head", -12, 34, 56U);
	tp_text_add_bytes(to, 3 << 20);
	tp_text_add_json(to, "a\"\n\x80z");
	tp_text_add(to, "%c%%%lx", '!', ULONG_MAX);
}

Test(text, a_full_buffer_cuts_the_text_and_nothing_overflows)
{
	char whole[ROOM], cut[ROOM];
	struct tp_text all = TP_TEXT(whole);

	add_everything(&all);
	cr_assert_lt(all.length, ROOM - 16);
	for (size_t capacity = 0; capacity <= all.length; capacity++) {
		struct tp_text some = { .start = cut, .capacity = capacity };

		memset(cut, '#', sizeof cut);
		add_everything(&some);
		cr_assert_eq(some.length, capacity);
		cr_assert_arr_eq(cut, whole, capacity, "cut to %zu", capacity);
		for (size_t i = capacity; i < sizeof cut; i++)
			cr_assert_eq(cut[i], '#', "capacity %zu: wrote byte %zu", capacity, i);
	}
}

Test(text, a_width_beyond_the_buffer_is_cut)
{
	char small[8];
	struct tp_text to = { .start = small, .capacity = 4 };

	memset(small, '#', sizeof small);
	tp_text_add(&to, "%1000000d", 7);
	cr_assert_eq(to.length, 4);
	cr_assert_arr_eq(small, "    ####", 8);
}

Test(text, bytes_change_unit_at_powers_of_1024)
{
	expect_bytes(0, "0 B");
	expect_bytes(512, "512 B");
	expect_bytes(1023, "1023 B");
	expect_bytes(1024, "1.0 KiB");
	expect_bytes((1UL << 20) - 1, "1023.9 KiB");
	expect_bytes(1UL << 20, "1.0 MiB");
	expect_bytes((1UL << 30) - 1, "1023.9 MiB");
	expect_bytes(1UL << 30, "1.0 GiB");
	expect_bytes((1UL << 40) - 1, "1023.9 GiB");
	expect_bytes(1UL << 40, "1.0 TiB");
	expect_bytes(1UL << 50, "1024.0 TiB");
	expect_bytes(ULONG_MAX, "16777215.9 TiB");
}

Test(text, bytes_have_one_decimal_rounded_down)
{
	expect_bytes(1535, "1.4 KiB");
	expect_bytes(1536, "1.5 KiB");
	expect_bytes(3277, "3.2 KiB");
	expect_bytes(65536, "64.0 KiB");
	expect_bytes(18UL << 20, "18.0 MiB");
	expect_bytes((18UL << 20) + (1UL << 19) - 1, "18.4 MiB");
	expect_bytes((18UL << 20) + (1UL << 19), "18.5 MiB");
	expect_bytes((1UL << 30) + (9UL << 30) / 10, "1.8 GiB");
	expect_bytes(3UL << 39, "1.5 TiB");
}

Test(text, json_escapes_quotes_backslashes_and_controls)
{
	expect_json("", "");
	expect_json("plain /text' <>", "plain /text' <>");
	expect_json("say \"hi\"", "say \\\"hi\\\"");
	expect_json("C:\\new", "C:\\\\new");
	expect_json("a\nb\tc", "a\\u000ab\\u0009c");
	expect_json("\x1f \x7f", "\\u001f \\u007f");
	expect_json("caf\xc3\xa9", "caf\\u00c3\\u00a9");
	expect_json("%s%d", "%s%d");
}

Test(text, json_of_any_byte_is_printable_ascii)
{
	for (int c = 1; c < 256; c++) {
		const char string[] = { (char)c, '\0' };
		char expected[8];
		bool as_is = c >= 0x20 && c < 0x7f;

		snprintf(expected, sizeof expected, c == '"' || c == '\\' ? "\\%c" : as_is ? "%c" : "\\u%04x", c);
		expect_json(string, expected);
	}
}

Test(text, write_writes_the_whole_text)
{
	int ends[2];
	char read_back[ROOM];

	cr_assert_eq(pipe(ends), 0);
	tp_text_add(&text, "all of it\n");
	errno = ERANGE;
	cr_assert_eq(tp_output_write(&text, ends[1]), 0);
	cr_assert_eq(errno, ERANGE);
	cr_assert_eq(read(ends[0], read_back, sizeof read_back), 10);
	cr_assert_arr_eq(read_back, "all of it\n", 10);
}

Test(text, write_of_nothing_succeeds_anywhere)
{
	cr_assert_eq(tp_output_write(&text, -1), 0);
}

Test(text, write_returns_the_error_and_keeps_errno)
{
	int ends[2];

	tp_text_add(&text, "lost");
	errno = ERANGE;
	cr_assert_eq(tp_output_write(&text, -1), EBADF);
	cr_assert_eq(errno, ERANGE);
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(ends), 0);
	close(ends[0]);
	cr_assert_eq(tp_output_write(&text, ends[1]), EPIPE);
	cr_assert_eq(errno, ERANGE);
}

enum { LONG_TEXT_BYTES = 1 << 20 };
static int long_pipe[2];
static pthread_t writer;
static size_t long_read, long_wrong;

static void ignore(int number)
{
	(void)number;
}

/* Reads slowly and interrupts the writer before each portion. */
static void read_long_text(unsigned number)
{
	char portion[4096];
	ssize_t length;

	(void)number;
	do {
		pthread_kill(writer, SIGUSR1);
		length = read(long_pipe[0], portion, sizeof portion);
		for (ssize_t i = 0; i < length; i++)
			long_wrong += portion[i] != (char)('a' + (long_read + (size_t)i) % 23);
		long_read += length > 0 ? (size_t)length : 0;
	} while (length > 0 && long_read < LONG_TEXT_BYTES);
}

Test(text, write_goes_on_after_signals_and_short_writes)
{
	static char content[LONG_TEXT_BYTES];
	struct tp_text whole = { .start = content, .length = sizeof content, .capacity = sizeof content };
	struct sigaction action = { .sa_handler = ignore }; /* no SA_RESTART */
	struct thread reader;

	for (size_t i = 0; i < sizeof content; i++)
		content[i] = (char)('a' + i % 23);
	cr_assert_eq(pipe(long_pipe), 0);
	sigaction(SIGUSR1, &action, NULL);
	writer = pthread_self();
	thread_start(&reader, read_long_text, 0);
	int error = tp_output_write(&whole, long_pipe[1]);
	close(long_pipe[1]);
	thread_join(&reader);
	cr_assert_eq(error, 0);
	cr_assert_eq(long_read, sizeof content);
	cr_assert_eq(long_wrong, 0);
}

Test(text, say_writes_one_line_with_the_librarys_name, .init = cr_redirect_stderr)
{
	tp_output_say("%s=%d", "answer", 42);
	cr_assert_stderr_eq_str("tidepool: answer=42\n");
}

Test(text, say_keeps_what_it_quotes_on_its_line, .init = cr_redirect_stderr)
{
	tp_output_say("MODE=%s: %s", "foo\nbar\r\x1b[31m\t\x7f", "caf\xc3\xa9 ~");
	cr_assert_stderr_eq_str("tidepool: MODE=foo?bar??[31m??: caf\xc3\xa9 ~\n");
}

Test(text, say_cuts_a_long_line_and_still_ends_it, .init = cr_redirect_stderr)
{
	char expected[LINE_MAX_BYTES + 1] = "tidepool: ";

	memset(expected + 10, 'x', sizeof expected - 12);
	expected[LINE_MAX_BYTES - 1] = '\n';
	char content[2 * LINE_MAX_BYTES];
	memset(content, 'x', sizeof content - 1);
	content[sizeof content - 1] = '\0';
	tp_output_say("%s", content);
	cr_assert_stderr_eq_str(expected);
}
