# Builds the tests; included by the Makefile.
# UNIT_LIBRARY: the archive that the unit tests are linked with, set by the includer; UNIT_RSEQ_LIBRARY: the same with
# sections, for tests that have "@variants norseq rseq" in their opening comment.
# A preload test adds flags of its own with an "@cc" line in its opening comment.

BUILD ?= build

TEST_WARNINGS := -Wall -Wextra -Wundef -Wshadow -Wvla
TEST_KEEP_CALLS := -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc \
	-fno-builtin-free -fno-builtin-aligned_alloc -fno-builtin-posix_memalign
TEST_CFLAGS := -std=gnu17 -D_GNU_SOURCE -O1 -g -pthread $(TEST_KEEP_CALLS) $(TEST_WARNINGS)
TEST_CXXFLAGS := -std=gnu++17 -O1 -g -pthread $(TEST_KEEP_CALLS) -fno-allocation-dce \
	$(TEST_WARNINGS)

preload_out := $(BUILD)/tests/preload
unit_out := $(BUILD)/tests/unit

# What cannot be built here is left out; tests/run says so.
HAVE_CRITERION := $(shell $(CC) -E -include criterion/criterion.h -x c /dev/null >/dev/null 2>&1 && echo yes)
HAVE_CXX := $(shell command -v $(CXX))
PRELOAD_LIBS := $(patsubst tests/preload/lib/%.c,$(preload_out)/lib/%.so,\
	$(wildcard tests/preload/lib/*.c)) \
	$(if $(HAVE_CXX),$(patsubst tests/preload/lib/%.cpp,$(preload_out)/lib/%.so,$(wildcard tests/preload/lib/*.cpp)))
PRELOAD_TESTS := $(patsubst tests/preload/%.c,$(preload_out)/%,$(filter-out tests/preload/lib/% tests/preload/support/%,$(wildcard tests/preload/*/*.c))) \
	$(if $(HAVE_CXX),$(patsubst tests/preload/%.cpp,$(preload_out)/%,$(filter-out tests/preload/lib/%,$(wildcard tests/preload/*/*.cpp))))
UNIT_TESTS := $(patsubst tests/unit/%.c,$(unit_out)/%,$(wildcard tests/unit/*/*_test.c)) \
	$(patsubst tests/unit/%.c,$(unit_out)/rseq/%,$(shell grep -l '@variants.* rseq' tests/unit/*/*_test.c))

# What follows "@cc" in a test's opening comment.
test_flags = $(shell sed -n 's/^[ /*]*@cc //p' $<)
test_link = -L$(preload_out)/lib -Wl,-rpath,'$$ORIGIN/../lib' $(test_flags)
test_include = -Itests/preload/support
unit_link = -Wl,--start-group $(1) $(BUILD)/libjemalloc_private.a -Wl,--end-group -lcriterion -lm
test_depend = -MMD -MP -MF $@.d

.PHONY: tests-build
tests-build: $(PRELOAD_LIBS) $(PRELOAD_TESTS) $(if $(HAVE_CRITERION),$(UNIT_TESTS))

$(preload_out)/lib/%.so: tests/preload/lib/%.c
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) $(test_depend) -fPIC -shared -o $@ $< $(test_flags)

$(preload_out)/lib/%.so: tests/preload/lib/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(TEST_CXXFLAGS) $(test_depend) -fPIC -shared -o $@ $< $(test_flags)

$(preload_out)/%: tests/preload/%.c | $(PRELOAD_LIBS)
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) $(test_include) $(test_depend) -o $@ $< $(test_link)

$(preload_out)/%: tests/preload/%.cpp | $(PRELOAD_LIBS)
	@mkdir -p $(@D)
	$(CXX) $(TEST_CXXFLAGS) $(test_include) $(test_depend) -o $@ $< $(test_link)

$(unit_out)/rseq/%: tests/unit/%.c $(UNIT_RSEQ_LIBRARY) $(BUILD)/libjemalloc_private.a
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -DTEST_RSEQ -I. $(test_depend) -o $@ $< $(call unit_link,$(UNIT_RSEQ_LIBRARY))

$(unit_out)/%: tests/unit/%.c $(UNIT_LIBRARY) $(BUILD)/libjemalloc_private.a
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -I. $(test_depend) -o $@ $< $(call unit_link,$(UNIT_LIBRARY))

# ---- fuzzing: clang's, with the sanitizers, so it builds the policy's sources anew

FUZZ_SECONDS ?= 60
fuzz_out := $(BUILD)/fuzz
FUZZ_SOURCES := $(wildcard policy/*.c)

.PHONY: fuzz-run
fuzz-run: $(fuzz_out)/language_fuzz
	@mkdir -p $(fuzz_out)/corpus
	$(fuzz_out)/language_fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=2000 -print_final_stats=1 -verbosity=0 \
		-dict=tests/fuzz/language.dict -artifact_prefix=$(fuzz_out)/ $(fuzz_out)/corpus tests/fuzz/corpus \
		tests/preload/options/policies

$(fuzz_out)/%: tests/fuzz/%.c $(FUZZ_SOURCES)
	@mkdir -p $(@D)
	clang -std=gnu17 -D_GNU_SOURCE -O2 -g $(TEST_WARNINGS) -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -I. -MMD -MP -MF $@.d -o $@ $< $(FUZZ_SOURCES)

-include $(wildcard $(fuzz_out)/*.d)
-include $(wildcard $(preload_out)/*/*.d $(unit_out)/*/*.d $(unit_out)/rseq/*/*.d)
