/* Slabs: a give that cannot be right stops the program with one line that says why. */
#include "tests/unit/support/death.h"
#include "tests/unit/support/slabs.h"

struct gift {
	unsigned class_index;
	void *const *objects;
	size_t count;
};

static void give(void *argument)
{
	const struct gift *gift = argument;

	tp_slab_give(gift->class_index, gift->objects, gift->count, TP_SLAB_FLUSH);
}

static void expect_death(unsigned class_index, void *const *objects, size_t count, void *culprit, const char *why)
{
	struct gift gift = { class_index, objects, count };

	expect_fatal_free(give, &gift, culprit, why);
}

Test(slab_report, giving_a_pointer_into_an_object_is_reported, .init = slabs_start)
{
	char *object = take_one(CLASS_64);

	for (size_t offset = 1; offset < 64; offset += 9) {
		void *inside = object + offset;
		expect_death(CLASS_64, &inside, 1, inside, "is not the start of an object");
	}
}

Test(slab_report, giving_a_pointer_behind_the_last_object_is_reported, .init = slabs_start)
{
	char *slab = (char *)slab_of(CLASS_48, take_one(CLASS_48));
	void *behind = slab + 1365 * 48;

	expect_death(CLASS_48, &behind, 1, behind, "is not the start of an object");
}

Test(slab_report, giving_an_object_of_another_class_is_reported, .init = slabs_start)
{
	void *object = take_one(CLASS_64);

	expect_death(CLASS_16, &object, 1, object, "is not the start of an object");
}

Test(slab_report, giving_twice_is_reported, .init = slabs_start)
{
	void *objects[3];

	cr_assert_eq(tp_slab_take(CLASS_64, TP_PAGEMAP_NO_OWNER, objects, 3, TP_SLAB_GET), 3);
	give_one(CLASS_64, objects[1]);
	expect_death(CLASS_64, &objects[1], 1, objects[1], "was freed before");
}

Test(slab_report, giving_twice_in_one_batch_is_reported, .init = slabs_start)
{
	void *objects[4];

	cr_assert_eq(tp_slab_take(CLASS_64, TP_PAGEMAP_NO_OWNER, objects, 3, TP_SLAB_GET), 3);
	objects[3] = objects[0];
	expect_death(CLASS_64, objects, 4, objects[0], "was freed before");
}

Test(slab_report, giving_what_was_never_handed_out_is_reported, .init = slabs_start)
{
	void *next = (char *)take_one(CLASS_64) + 64;

	expect_death(CLASS_64, &next, 1, next, "was freed before");
}

Test(slab_report, giving_right_objects_is_not_reported, .init = slabs_start)
{
	void *objects[3];
	struct gift gift = { CLASS_64, objects, 3 };
	char said[512];

	cr_assert_eq(tp_slab_take(CLASS_64, TP_PAGEMAP_NO_OWNER, objects, 3, TP_SLAB_GET), 3);
	cr_assert_eq(run_in_child(give, &gift, said, sizeof said), 0);
	cr_assert_str_eq(said, "");
}
