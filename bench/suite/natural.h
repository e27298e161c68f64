/*
 * Natural numbers of any size as immutable objects on the heap.
 *
 * Every function returns a new number, which the caller frees; operands are only read. What they cost is mostly
 * malloc and free, which is what they are for.
 */
#ifndef BENCH_NATURAL_H
#define BENCH_NATURAL_H

#include "work.h"

/* Little-endian digits of 32 bits, the last of them not 0; zero has none. */
struct natural {
	uint32_t count;
	uint32_t digits[];
};

static uint64_t natural_count; /* how many there have been */

static inline struct natural *natural_new(uint32_t count)
{
	struct natural *number = checked_malloc(sizeof *number + count * sizeof number->digits[0]);
	natural_count++;
	number->count = count;
	return number;
}

static inline struct natural *natural_trim(struct natural *number)
{
	while (number->count > 0 && number->digits[number->count - 1] == 0)
		number->count--;
	return number;
}

static inline struct natural *natural_copy(const struct natural *number)
{
	struct natural *copy = natural_new(number->count);
	memcpy(copy->digits, number->digits, number->count * sizeof number->digits[0]);
	return copy;
}

static inline int natural_compare(const struct natural *a, const struct natural *b)
{
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	for (uint32_t i = a->count; i-- > 0;)
		if (a->digits[i] != b->digits[i])
			return a->digits[i] < b->digits[i] ? -1 : 1;
	return 0;
}

/* Returns number * factor + addend. */
static inline struct natural *natural_scale(const struct natural *number, uint32_t factor, uint32_t addend)
{
	struct natural *result = natural_new(number->count + 1);
	uint64_t carry = addend;
	for (uint32_t i = 0; i < number->count; i++) {
		carry += (uint64_t)number->digits[i] * factor;
		result->digits[i] = (uint32_t)carry;
		carry >>= 32;
	}
	result->digits[number->count] = (uint32_t)carry;
	return natural_trim(result);
}

static inline struct natural *natural_multiply(const struct natural *a, const struct natural *b)
{
	struct natural *result = natural_new(a->count + b->count);
	memset(result->digits, 0, result->count * sizeof result->digits[0]);
	for (uint32_t i = 0; i < a->count; i++) {
		uint64_t carry = 0;
		for (uint32_t j = 0; j < b->count; j++) {
			carry += (uint64_t)a->digits[i] * b->digits[j] + result->digits[i + j];
			result->digits[i + j] = (uint32_t)carry;
			carry >>= 32;
		}
		result->digits[i + b->count] = (uint32_t)carry;
	}
	return natural_trim(result);
}

/* Returns larger - smaller. */
static inline struct natural *natural_subtract(const struct natural *larger, const struct natural *smaller)
{
	struct natural *result = natural_new(larger->count);
	int64_t borrow = 0;
	for (uint32_t i = 0; i < larger->count; i++) {
		borrow += (int64_t)larger->digits[i] - (i < smaller->count ? smaller->digits[i] : 0);
		result->digits[i] = (uint32_t)borrow;
		borrow >>= 32;
	}
	return natural_trim(result);
}

static inline struct natural *natural_difference(const struct natural *a, const struct natural *b)
{
	return natural_compare(a, b) < 0 ? natural_subtract(b, a) : natural_subtract(a, b);
}

/* Digit `index` of number << shift, for a shift of 0 to 31 bits. */
static inline uint32_t natural_shifted_digit(const struct natural *number, uint32_t index, unsigned shift)
{
	uint64_t pair = index < number->count ? (uint64_t)number->digits[index] << 32 : 0;
	if (index > 0)
		pair |= number->digits[index - 1];
	return (uint32_t)(pair << shift >> 32);
}

/* Returns a mod b; b is not 0. Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D. */
static inline struct natural *natural_modulo(const struct natural *a, const struct natural *b)
{
	if (natural_compare(a, b) < 0)
		return natural_copy(a);
	unsigned shift = (unsigned)__builtin_clz(b->digits[b->count - 1]);
	uint32_t n = b->count;
	struct natural *rest = natural_new(a->count + 1);
	struct natural *divisor = natural_new(n);
	for (uint32_t i = 0; i <= a->count; i++)
		rest->digits[i] = natural_shifted_digit(a, i, shift);
	for (uint32_t i = 0; i < n; i++)
		divisor->digits[i] = natural_shifted_digit(b, i, shift);

	uint64_t top = divisor->digits[n - 1];
	for (uint32_t j = a->count - n + 1; j-- > 0;) {
		uint32_t *part = &rest->digits[j];
		uint64_t head = (uint64_t)part[n] << 32 | part[n - 1];
		uint64_t guess = head / top;
		uint64_t left = head % top;
		while (guess >> 32 != 0 ||
		       (n > 1 && left >> 32 == 0 && guess * divisor->digits[n - 2] > (left << 32 | part[n - 2]))) {
			guess--;
			left += top;
			if (left >> 32 != 0)
				break;
		}
		int64_t borrow = 0;
		uint64_t carry = 0;
		for (uint32_t i = 0; i <= n; i++) {
			carry += i < n ? guess * divisor->digits[i] : 0;
			borrow += (int64_t)part[i] - (uint32_t)carry;
			part[i] = (uint32_t)borrow;
			borrow >>= 32;
			carry >>= 32;
		}
		if (borrow < 0) { /* one too many: add the divisor back */
			carry = 0;
			for (uint32_t i = 0; i <= n; i++) {
				carry += (uint64_t)part[i] + (i < n ? divisor->digits[i] : 0);
				part[i] = (uint32_t)carry;
				carry >>= 32;
			}
		}
	}
	struct natural *result = natural_new(n);
	for (uint32_t i = 0; i < n; i++)
		result->digits[i] = (uint32_t)(((uint64_t)rest->digits[i + 1] << 32 | rest->digits[i]) >> shift);
	free(divisor);
	free(rest);
	return natural_trim(result);
}

/* Frees `old`. */
static inline struct natural *natural_replace(struct natural *old, struct natural *value)
{
	free(old);
	return value;
}

static inline struct natural *natural_gcd(const struct natural *a, const struct natural *b)
{
	struct natural *x = natural_copy(a);
	struct natural *y = natural_copy(b);
	while (y->count > 0) {
		struct natural *rest = natural_modulo(x, y);
		free(x);
		x = y;
		y = rest;
	}
	free(y);
	return x;
}

static inline struct natural *natural_parse(const char *text)
{
	struct natural *number = natural_new(0);
	for (; *text >= '0' && *text <= '9'; text++)
		number = natural_replace(number, natural_scale(number, 10, (uint32_t)(*text - '0')));
	return number;
}

#endif
