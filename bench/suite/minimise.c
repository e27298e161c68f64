/*
 * minimise VARIABLES ROUNDS: logic minimisation; cubes as small arrays that come and go by the thousand.
 *
 * Source: the pattern is that of espresso (Brayton, Hachtel, McMullen, Sangiovanni-Vincentelli, "Logic
 * Minimization Algorithms for VLSI Synthesis", 1984); the method here is that of Quine (1952) and McCluskey (1956).
 * Pattern: a function of VARIABLES inputs, true for three quarters of them at random. Its cubes are arrays of one
 * byte an input on the heap; pairs that differ in one input are joined into new ones, until none can be, and those
 * that were joined are freed; then a cover is chosen and checked against the function. ROUNDS functions, one after
 * the other.
 */
#include "work.h"

enum { CUBE_MAX_VARIABLES = 14, CUBE_BUCKETS = 4096, CUBE_FREE = 2 };

static const char minimise_usage[] = "minimise VARIABLES ROUNDS";

/* Inputs are 0, 1 or CUBE_FREE. One chain of a table by hash; the table owns its cubes. */
struct cube {
	struct cube *next;
	bool joined;
	unsigned char inputs[];
};

struct cube_table {
	struct cube *buckets[CUBE_BUCKETS];
	unsigned long count;
};

static unsigned variables;
static uint64_t minimise_operations;

static struct cube **cube_find(struct cube_table *table, const unsigned char *inputs)
{
	uint64_t hash = 0;
	for (unsigned i = 0; i < variables; i++)
		hash = hash * 3 + inputs[i];
	struct cube **place = &table->buckets[work_mix(hash) % CUBE_BUCKETS];
	while (*place != NULL && memcmp((*place)->inputs, inputs, variables) != 0)
		place = &(*place)->next;
	return place;
}

static void cube_insert(struct cube_table *table, const unsigned char *inputs)
{
	struct cube **place = cube_find(table, inputs);
	if (*place != NULL)
		return;
	struct cube *cube = checked_malloc(sizeof *cube + variables);
	minimise_operations++;
	cube->next = NULL;
	cube->joined = false;
	memcpy(cube->inputs, inputs, variables);
	*place = cube;
	table->count++;
}

/* Joins every cube of `from` with those that differ in one input, into `into`. */
static void cube_join_all(struct cube_table *from, struct cube_table *into)
{
	for (int bucket = 0; bucket < CUBE_BUCKETS; bucket++)
		for (struct cube *cube = from->buckets[bucket]; cube != NULL; cube = cube->next) {
			unsigned char *inputs = checked_malloc(variables);
			memcpy(inputs, cube->inputs, variables);
			for (unsigned i = 0; i < variables; i++) {
				if (inputs[i] != 0)
					continue;
				inputs[i] = 1;
				struct cube *partner = *cube_find(from, inputs);
				if (partner != NULL) {
					cube->joined = partner->joined = true;
					inputs[i] = CUBE_FREE;
					cube_insert(into, inputs);
				}
				inputs[i] = 0;
			}
			/* A pair is found from its half that has the 0. */
			free(inputs);
		}
}

/* Moves the cubes of `from` that were not joined to the list `primes`, and frees the others. */
static void cube_sort_out(struct cube_table *from, struct cube **primes)
{
	for (int bucket = 0; bucket < CUBE_BUCKETS; bucket++)
		while (from->buckets[bucket] != NULL) {
			struct cube *cube = from->buckets[bucket];
			from->buckets[bucket] = cube->next;
			if (cube->joined) {
				free(cube);
				continue;
			}
			cube->next = *primes;
			*primes = cube;
		}
	from->count = 0;
}

/*
 * Goes through the points of a cube: counts in *fresh those not covered yet, and covers them if `cover`.
 * Returns false if one is not a point of the function.
 */
static bool cube_walk(const struct cube *cube, const bool *function, bool *covered, bool cover, unsigned *fresh)
{
	unsigned fixed = 0;
	unsigned free_mask = 0;
	for (unsigned i = 0; i < variables; i++)
		if (cube->inputs[i] == CUBE_FREE)
			free_mask |= 1u << i;
		else
			fixed |= (unsigned)cube->inputs[i] << i;
	*fresh = 0;
	for (unsigned part = free_mask;; part = (part - 1) & free_mask) {
		unsigned point = fixed | part;
		if (!function[point])
			return false;
		*fresh += !covered[point];
		covered[point] |= cover;
		if (part == 0)
			return true;
	}
}

/* Chooses cubes that cover much first; returns how many it took. Frees the primes. */
static unsigned minimise_cover(struct cube *primes, const bool *function, uint64_t *sum)
{
	bool *covered = calloc(1u << variables, sizeof *covered);
	unsigned taken = 0;
	if (covered == NULL)
		checked_fail("calloc returned NULL");
	for (unsigned least = 1u << variables; least > 0; least /= 2)
		for (struct cube *cube = primes; cube != NULL; cube = cube->next) {
			unsigned fresh;
			if (!cube_walk(cube, function, covered, false, &fresh))
				checked_fail("a cube holds a point that the function does not");
			if (fresh < least)
				continue;
			cube_walk(cube, function, covered, true, &fresh);
			taken++;
			for (unsigned i = 0; i < variables; i++)
				*sum += work_mix((uint64_t)cube->inputs[i] << 32 | i);
		}
	if (memcmp(covered, function, 1u << variables) != 0)
		checked_fail("the cover is not the function");
	free(covered);
	while (primes != NULL) {
		struct cube *next = primes->next;
		free(primes);
		primes = next;
	}
	return taken;
}

int main(int argc, char **argv)
{
	variables = (unsigned)work_argument(argc, argv, 1, minimise_usage, 2, CUBE_MAX_VARIABLES);
	unsigned long rounds = work_argument(argc, argv, 2, minimise_usage, 1, 100000);
	static struct cube_table tables[2];
	static bool function[1u << CUBE_MAX_VARIABLES];
	uint64_t random = work_seed(0);
	uint64_t sum = 0;

	for (unsigned long round = 0; round < rounds; round++) {
		struct cube *primes = NULL;
		struct cube_table *now = &tables[0];
		struct cube_table *then = &tables[1];
		for (unsigned point = 0; point < 1u << variables; point++) {
			unsigned char inputs[CUBE_MAX_VARIABLES];
			function[point] = work_between(&random, 0, 3) != 0;
			for (unsigned i = 0; i < variables; i++)
				inputs[i] = point >> i & 1;
			if (function[point])
				cube_insert(now, inputs);
		}
		while (now->count > 0) {
			cube_join_all(now, then);
			cube_sort_out(now, &primes);
			struct cube_table *emptied = now;
			now = then;
			then = emptied;
		}
		sum = work_mix(sum) + minimise_cover(primes, function, &sum);
	}
	work_report(minimise_operations, sum);
	return 0;
}
