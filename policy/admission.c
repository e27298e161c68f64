/* Admission: rates, lifetimes, and which class gives way. README.md says where each number is from. See admission.h. */
#include "policy/admission.h"

#define NS_PER_S 1000000000U
#define EARLY_REQUESTS 16U /* requests; fewer say nothing about a rate */
#define KEPT_FACTOR 16U /* objects are kept if a put comes for fewer than one get in so many, */
#define KEPT_TICKS 2U /* and their mean lifetime is more ticks than this: as long as the pools hold an object */

const char *tp_admission_why_name(enum tp_why why)
{
	static const char *const names[TP_WHY_COUNT] = {
		[TP_WHY_START] = "start",
		[TP_WHY_RATE] = "rate",
		[TP_WHY_LIFETIME] = "lifetime",
		[TP_WHY_BUDGET] = "budget",
		[TP_WHY_ALWAYS] = "always",
		[TP_WHY_NEVER] = "never",
	};

	return names[why];
}

/* Whether @events in @elapsed_ns are more than @per_s a second. */
static bool exceeds(uint64_t events, uint64_t elapsed_ns, uint64_t per_s)
{
	return (__uint128_t)events * NS_PER_S > (__uint128_t)per_s * elapsed_ns;
}

/* Whether @events in @elapsed_ns are fewer than @per_s a second. */
static bool falls_below(uint64_t events, uint64_t elapsed_ns, uint64_t per_s)
{
	return (__uint128_t)events * NS_PER_S < (__uint128_t)per_s * elapsed_ns;
}

bool tp_admission_is_early(uint64_t requests, uint64_t elapsed_ns, uint64_t admit_per_s)
{
	return admit_per_s == 0 || (requests >= EARLY_REQUESTS && exceeds(requests, elapsed_ns, admit_per_s));
}

unsigned tp_admission_capacity(const struct tp_class *c, enum tp_why why)
{
	return why == TP_WHY_LIFETIME && c->refill_count < c->capacity ? c->refill_count : c->capacity;
}

/*
 * Whether the program keeps a class's objects. Such objects would only lie in a pool. The mean lifetime is the number
 * of objects out, divided by the rate of gets (Little's law).
 */
static bool is_kept(const struct tp_admission_limits *limits, const struct tp_admission_class *c)
{
	__uint128_t lifetime_ns = c->gets ? (__uint128_t)c->live * limits->elapsed_ns / c->gets : 0;

	return c->puts * KEPT_FACTOR < c->gets && lifetime_ns > KEPT_TICKS * limits->tick_ns;
}

/* Decide by the policy, and for an auto class by its rates. Budgets come after. */
static void decide_by_use(const struct tp_admission_limits *limits, struct tp_admission_class *c)
{
	bool asked = exceeds(c->gets, limits->elapsed_ns, limits->admit_per_s);
	/* Not above admit_per_s: a class with a rate between the two would come and go with every tick. */
	uint64_t dismiss_per_s =
	    limits->dismiss_per_s < limits->admit_per_s ? limits->dismiss_per_s : limits->admit_per_s;
	/* Puts keep a class admitted as well as gets do: a heap that is taken down is freed in batches. */
	bool used = !falls_below(c->gets, limits->elapsed_ns, dismiss_per_s) ||
		    !falls_below(c->puts, limits->elapsed_ns, dismiss_per_s);

	if (c->mode == TP_CLASS_ALWAYS || c->mode == TP_CLASS_NEVER) {
		c->admitted = c->mode == TP_CLASS_ALWAYS;
		c->why = c->admitted ? TP_WHY_ALWAYS : TP_WHY_NEVER;
		return;
	}
	if (c->admitted ? !used : !asked) {
		if (c->admitted)
			c->why = TP_WHY_RATE;
		c->admitted = false;
		return;
	}
	c->admitted = true;
	c->why = is_kept(limits, c) ? TP_WHY_LIFETIME : TP_WHY_RATE;
}

/* Note what a class would take: what it has and was refused now, or half of what it would have taken before. */
static void note_want(struct tp_admission_class *c)
{
	uint64_t now = c->reserved_bytes + c->denied_bytes;

	c->wanted_bytes = now > c->wanted_bytes / 2 ? now : c->wanted_bytes / 2;
}

/* Find the admitted class that is asked for least, among those that may give way. Returns it, or NULL. */
static struct tp_admission_class *rarest(struct tp_admission_class *classes, size_t count)
{
	struct tp_admission_class *found = NULL;

	for (size_t i = 0; i < count; i++) {
		struct tp_admission_class *c = &classes[i];

		if (c->admitted && c->mode == TP_CLASS_AUTO && c->wanted_bytes > 0 && (!found || c->gets < found->gets))
			found = c;
	}
	return found;
}

void tp_admission_decide(const struct tp_admission_limits *limits, struct tp_admission_class *classes, size_t count)
{
	uint64_t wanted_bytes = 0, denied_bytes = 0;
	size_t admitted = 0;

	for (size_t i = 0; i < count; i++) {
		struct tp_admission_class *c = &classes[i];
		bool gave_way = !c->admitted && c->why == TP_WHY_BUDGET;

		decide_by_use(limits, c);
		note_want(c);
		/* A class that gave way and is admitted again was refused all that it wants. */
		denied_bytes += gave_way && c->admitted ? c->wanted_bytes : c->denied_bytes;
		if (c->admitted) {
			wanted_bytes += c->wanted_bytes;
			admitted++;
		}
	}
	/* If any class was refused room, and there is not room for all, the rarest give way. One class always stays. */
	while (denied_bytes > 0 && wanted_bytes > limits->max_bytes && admitted-- > 1) {
		struct tp_admission_class *c = rarest(classes, count);

		if (!c)
			return;
		c->admitted = false;
		c->why = TP_WHY_BUDGET;
		wanted_bytes -= c->wanted_bytes;
	}
}
