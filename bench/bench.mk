# The benchmark programs and the targets that run them. Include it after the first target of a Makefile that
# says how to build $(BUILD)/libtidepool.so, or run it alone: make -f bench/bench.mk bench-build

BUILD ?= build
CFLAGS ?= -O2 -g

BENCH_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
BENCH_OUT = $(BUILD)/bench
BENCH_PROGRAMS := $(filter-out null,$(patsubst $(BENCH_DIR)/%.c,%,$(wildcard $(BENCH_DIR)/*.c)))
BENCH_BUILT = $(BENCH_PROGRAMS:%=$(BENCH_OUT)/%) $(BENCH_OUT)/libnull.so

# A compiler that knows malloc drops the pairs that these programs exist to make. Stated after CFLAGS, so
# that overriding those does not lose it.
BENCH_CFLAGS = -std=gnu17 $(CFLAGS) -Wall -Wextra -Wundef -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
	-fno-builtin-malloc -fno-builtin-free -fno-builtin-calloc -fno-builtin-realloc

# Arguments for bench/run: make bench BENCH_ARGS="--only pair --rounds 9"
BENCH_ARGS ?=

.PHONY: bench bench-quick bench-tide bench-build

bench-build: $(BENCH_BUILT)

bench:                         ## set up, build, measure against the other allocators, 5 minutes
	scripts/setup build bench
	$(MAKE) bench-build $(BUILD)/libtidepool.so
	$(BENCH_DIR)/run --build $(BUILD) $(BENCH_ARGS)

bench-quick:                   ## the same in a minute, rougher
	scripts/setup build bench
	$(MAKE) bench-build $(BUILD)/libtidepool.so
	$(BENCH_DIR)/run --build $(BUILD) --quick $(BENCH_ARGS)

bench-tide:                    ## what turns give back, what they cost, and a plot of it
	scripts/setup build bench
	$(MAKE) bench-build $(BUILD)/libtidepool.so
	$(BENCH_DIR)/run --build $(BUILD) --only idle,crowd,pause $(BENCH_ARGS)
	$(BENCH_DIR)/turns.py --build $(BUILD)

$(BENCH_OUT)/libnull.so: $(BENCH_DIR)/null.c $(BENCH_DIR)/bench.mk
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -fPIC -shared -o $@ $<

$(BENCH_OUT)/%: $(BENCH_DIR)/%.c $(BENCH_DIR)/sample.h $(BENCH_DIR)/bench.mk
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -pthread -o $@ $<
