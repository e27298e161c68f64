/*
 * lisp ROUNDS: an interpreter's heap: cells, strings and environments.
 *
 * Source: the heap of small interpreters that count references; the language is a few words of the Lisp of
 * McCarthy, "Recursive Functions of Symbolic Expressions and Their Computation by Machine", Part I, CACM 1960.
 * Pattern: every value is an object of its own with a count of references; a call binds its arguments in new cells
 * and lets go of them at its end. The program that is interpreted computes Fibonacci numbers, sorts lists, and
 * joins strings.
 */
#include "work.h"

static const char lisp_usage[] = "lisp ROUNDS";

static const char lisp_program[] =
    "(def fib (fn (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))))"
    "(def range (fn (n seed) (if (< n 1) nil (cons (% (* seed 7919) 10007) (range (- n 1) (% (* seed 7919) 10007))))))"
    "(def append (fn (a b) (if a (cons (car a) (append (cdr a) b)) b)))"
    "(def filter (fn (keep list) (if list (if (keep (car list)) (cons (car list) (filter keep (cdr list)))"
    "  (filter keep (cdr list))) nil)))"
    "(def sort (fn (list) (if list (append (sort (filter (fn (x) (< x (car list))) (cdr list)))"
    "  (cons (car list) (sort (filter (fn (x) (if (< x (car list)) nil 1)) (cdr list))))) nil)))"
    "(def spell (fn (list) (if list (join (text (car list)) (spell (cdr list))) (text 0))))"
    "(def work (fn (round) (+ (fib 15) (size (spell (sort (range 60 (+ round 1))))))))";

enum lisp_kind { LISP_NUMBER, LISP_SYMBOL, LISP_STRING, LISP_PAIR, LISP_FUNCTION, LISP_PRIMITIVE };

/* NULL is nil. A pair owns both halves; a function's are its parameters with its body, and its environment. */
struct value {
	enum lisp_kind kind;
	uint32_t references;
	union {
		long number; /* or which primitive */
		char *text; /* of a symbol or a string, an object of its own */
		struct {
			struct value *head;
			struct value *tail;
		};
	};
};

static struct value *lisp_globals; /* pairs of symbol and value */
static uint64_t lisp_operations;

static const char *const lisp_primitives[] = { "+", "-", "*", "%", "<", "cons", "car", "cdr", "join", "text", "size" };

static struct value *lisp_keep(struct value *value)
{
	if (value != NULL)
		value->references++;
	return value;
}

static void lisp_drop(struct value *value)
{
	while (value != NULL && --value->references == 0) {
		struct value *rest = NULL;
		if (value->kind == LISP_SYMBOL || value->kind == LISP_STRING)
			free(value->text);
		if (value->kind == LISP_PAIR || value->kind == LISP_FUNCTION) {
			lisp_drop(value->head);
			rest = value->tail; /* not by recursion: lists are long */
		}
		free(value);
		value = rest;
	}
}

static struct value *lisp_new(enum lisp_kind kind)
{
	struct value *value = checked_malloc(sizeof *value);
	lisp_operations++;
	value->kind = kind;
	value->references = 1;
	return value;
}

static struct value *lisp_number(long number)
{
	struct value *value = lisp_new(LISP_NUMBER);
	value->number = number;
	return value;
}

/* Takes over both halves. */
static struct value *lisp_pair(enum lisp_kind kind, struct value *head, struct value *tail)
{
	struct value *value = lisp_new(kind);
	value->head = head;
	value->tail = tail;
	return value;
}

static struct value *lisp_text(enum lisp_kind kind, const char *first, size_t first_length, const char *second)
{
	struct value *value = lisp_new(kind);
	size_t second_length = strlen(second);
	value->text = checked_malloc(first_length + second_length + 1);
	memcpy(value->text, first, first_length);
	memcpy(value->text + first_length, second, second_length + 1);
	return value;
}

static struct value *lisp_read(const char **at)
{
	*at += strspn(*at, " ");
	if (**at == '(') {
		struct value *list = NULL;
		struct value **end = &list;
		for (++*at; *(*at += strspn(*at, " ")) != ')'; end = &(*end)->tail)
			*end = lisp_pair(LISP_PAIR, lisp_read(at), NULL);
		++*at;
		return list;
	}
	const char *word = *at;
	size_t length = strcspn(word, " ()");
	*at += length;
	if (*word >= '0' && *word <= '9')
		return lisp_number(strtol(word, NULL, 10));
	return length == 3 && memcmp(word, "nil", 3) == 0 ? NULL : lisp_text(LISP_SYMBOL, word, length, "");
}

static struct value *lisp_look_up(const struct value *symbol, struct value *environment)
{
	for (; environment != NULL; environment = environment->tail)
		if (strcmp(environment->head->head->text, symbol->text) == 0)
			return lisp_keep(environment->head->tail);
	for (struct value *global = lisp_globals; global != NULL; global = global->tail)
		if (strcmp(global->head->head->text, symbol->text) == 0)
			return lisp_keep(global->head->tail);
	checked_fail("the Lisp program names something unknown");
}

/* Returns a new reference; a and b are the caller's. */
static struct value *lisp_apply_primitive(long primitive, struct value *a, struct value *b)
{
	char digits[24];
	switch (primitive) {
	case 0:
		return lisp_number(a->number + b->number);
	case 1:
		return lisp_number(a->number - b->number);
	case 2:
		return lisp_number(a->number * b->number);
	case 3:
		return lisp_number(a->number % b->number);
	case 4:
		return a->number < b->number ? lisp_number(1) : NULL;
	case 5:
		return lisp_pair(LISP_PAIR, lisp_keep(a), lisp_keep(b));
	case 6:
		return lisp_keep(a->head);
	case 7:
		return lisp_keep(a->tail);
	case 8:
		return lisp_text(LISP_STRING, a->text, strlen(a->text), b->text);
	case 9:
		return lisp_text(LISP_STRING, digits, (size_t)snprintf(digits, sizeof digits, "%ld ", a->number), "");
	default:
		return lisp_number((long)strlen(a->text));
	}
}

static struct value *lisp_evaluate(struct value *form, struct value *environment);

static struct value *lisp_call(struct value *form, struct value *environment)
{
	struct value *function = lisp_evaluate(form->head, environment);
	struct value *result;
	if (function->kind == LISP_PRIMITIVE) {
		struct value *a = lisp_evaluate(form->tail->head, environment);
		struct value *b = form->tail->tail != NULL ? lisp_evaluate(form->tail->tail->head, environment) : NULL;
		result = lisp_apply_primitive(function->number, a, b);
		lisp_drop(a);
		lisp_drop(b);
	} else {
		struct value *inner = lisp_keep(function->tail);
		struct value *arguments = form->tail;
		for (struct value *parameter = function->head->head; parameter != NULL; parameter = parameter->tail) {
			struct value *argument = lisp_evaluate(arguments->head, environment);
			inner = lisp_pair(LISP_PAIR, lisp_pair(LISP_PAIR, lisp_keep(parameter->head), argument), inner);
			arguments = arguments->tail;
		}
		result = lisp_evaluate(function->head->tail->head, inner);
		lisp_drop(inner);
	}
	lisp_drop(function);
	return result;
}

/* Returns a new reference. */
static struct value *lisp_evaluate(struct value *form, struct value *environment)
{
	if (form == NULL || form->kind != LISP_PAIR)
		return form != NULL && form->kind == LISP_SYMBOL ? lisp_look_up(form, environment) : lisp_keep(form);
	const char *word = form->head->kind == LISP_SYMBOL ? form->head->text : "";
	if (strcmp(word, "if") == 0) {
		struct value *condition = lisp_evaluate(form->tail->head, environment);
		struct value *branches = form->tail->tail;
		struct value *chosen = condition != NULL ? branches->head : branches->tail->head;
		lisp_drop(condition);
		return lisp_evaluate(chosen, environment);
	}
	if (strcmp(word, "fn") == 0)
		return lisp_pair(LISP_FUNCTION, lisp_keep(form->tail), lisp_keep(environment));
	return lisp_call(form, environment);
}

/* Takes over both. */
static void lisp_define(struct value *symbol, struct value *value)
{
	lisp_globals = lisp_pair(LISP_PAIR, lisp_pair(LISP_PAIR, symbol, value), lisp_globals);
}

int main(int argc, char **argv)
{
	unsigned long rounds = work_argument(argc, argv, 1, lisp_usage, 1, 1000000);
	for (size_t i = 0; i < sizeof lisp_primitives / sizeof lisp_primitives[0]; i++) {
		struct value *primitive = lisp_new(LISP_PRIMITIVE);
		primitive->number = (long)i;
		lisp_define(lisp_text(LISP_SYMBOL, lisp_primitives[i], strlen(lisp_primitives[i]), ""), primitive);
	}
	for (const char *at = lisp_program; *at != '\0';) {
		struct value *definition = lisp_read(&at);
		struct value *value = lisp_evaluate(definition->tail->tail->head, NULL);
		lisp_define(lisp_keep(definition->tail->head), value);
		lisp_drop(definition);
	}
	uint64_t sum = 0;
	for (unsigned long round = 0; round < rounds; round++) {
		char text[48];
		snprintf(text, sizeof text, "(work %lu)", round);
		const char *at = text;
		struct value *form = lisp_read(&at);
		struct value *result = lisp_evaluate(form, NULL);
		sum = work_mix(sum + (uint64_t)result->number);
		lisp_drop(result);
		lisp_drop(form);
	}
	lisp_drop(lisp_globals);
	work_report(lisp_operations, sum);
	return 0;
}
