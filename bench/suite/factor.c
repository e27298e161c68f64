/*
 * factor NUMBER: small objects by the million, each alive for a moment: big-number arithmetic.
 *
 * Source: the pattern is that of cfrac (Dave Barrett), which factors by continued fractions; the method here is
 * Pollard's rho, "A Monte Carlo Method for Factorization", BIT 15, 1975.
 * Pattern: numbers are immutable objects of 16 to 48 bytes on the heap; every sum, product and remainder is
 * a new one, and its operands are freed soon after. NUMBER is the product of two primes; the answer is checked.
 */
#include "natural.h"

enum { FACTOR_MAX_DECIMALS = 40 };

static const char factor_usage[] = "factor NUMBER  (the product of two odd primes, 4 to 40 decimals)";

/* Returns (x * x + 1) mod n and frees x. */
static struct natural *factor_step(struct natural *x, const struct natural *n)
{
	x = natural_replace(x, natural_multiply(x, x));
	x = natural_replace(x, natural_scale(x, 1, 1));
	return natural_replace(x, natural_modulo(x, n));
}

/* Returns a factor of n by Pollard's rho, gcds taken of 100 differences at a time; n itself if that overshoots. */
static struct natural *factor_find(const struct natural *n)
{
	struct natural *slow = natural_parse("2");
	struct natural *fast = natural_parse("2");
	struct natural *divisor = natural_parse("1");
	while (divisor->count == 1 && divisor->digits[0] == 1) {
		struct natural *product = natural_parse("1");
		for (int i = 0; i < 100; i++) {
			slow = factor_step(slow, n);
			fast = factor_step(factor_step(fast, n), n);
			struct natural *difference = natural_difference(slow, fast);
			product = natural_replace(product, natural_multiply(product, difference));
			product = natural_replace(product, natural_modulo(product, n));
			free(difference);
		}
		divisor = natural_replace(divisor, natural_gcd(n, product));
		free(product);
	}
	free(slow);
	free(fast);
	return divisor;
}

int main(int argc, char **argv)
{
	size_t length = argc == 2 ? strspn(argv[1], "0123456789") : 0;
	if (length < 4 || length > FACTOR_MAX_DECIMALS || argv[1][length] != '\0') {
		fprintf(stderr, "usage: %s\n", factor_usage);
		return 2;
	}
	struct natural *n = natural_parse(argv[1]);
	struct natural *divisor = factor_find(n);
	struct natural *rest = natural_modulo(n, divisor);
	if (rest->count != 0 || natural_compare(divisor, n) >= 0)
		checked_fail("found no factor");
	uint64_t sum = 0;
	for (uint32_t i = 0; i < divisor->count; i++)
		sum = sum << 32 | divisor->digits[i];
	free(rest);
	free(divisor);
	free(n);
	work_report(natural_count, sum);
	return 0;
}
