# The benchmark programs and the targets that run them. Include it after the first target of a Makefile that
# says how to build $(BUILD)/libtidepool.so, or run it alone: make -f bench/bench.mk bench-build

BUILD ?= build
CFLAGS ?= -O2 -g

BENCH_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
BENCH_OUT = $(BUILD)/bench
# Every C file of these rooms is a program, and lies below $(BENCH_OUT) as its source does below here.
BENCH_SOURCES := $(wildcard $(foreach room,launch micro suite guides,$(addprefix $(BENCH_DIR)/$(room)/*.,c cpp)))
BENCH_HEADERS := $(wildcard $(BENCH_DIR)/*/*.h)
BENCH_PROGRAMS := $(filter-out micro/null,$(patsubst $(BENCH_DIR)/%,%,$(basename $(BENCH_SOURCES)))) \
	$(if $(shell command -v go),guides/guides.test)
BENCH_BUILT = $(patsubst %,$(BENCH_OUT)/%,$(BENCH_PROGRAMS) libnull.so)

# A compiler that knows malloc drops the pairs that these programs exist to make. Stated after CFLAGS, so
# that overriding those does not lose it.
BENCH_KEEP_PAIRS := -fno-builtin-malloc -fno-builtin-free -fno-builtin-calloc -fno-builtin-realloc
BENCH_CFLAGS = -std=gnu17 $(CFLAGS) -Wall -Wextra -Wundef -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
	$(WERROR) $(BENCH_KEEP_PAIRS) -I$(BENCH_DIR)
BENCH_CXXFLAGS = -std=gnu++17 $(CFLAGS) -Wall -Wextra -Wshadow $(WERROR) $(BENCH_KEEP_PAIRS)

# Arguments for bench/run: make bench BENCH_ARGS="--only pair --rounds 9"
BENCH_ARGS ?=

.PHONY: bench bench-quick bench-scaling bench-guides bench-turns bench-compare bench-page bench-tune \
	bench-modes bench-build

bench-build: $(BENCH_BUILT)

# What every target below needs first; in a make of its own, as the set-up may install the compiler.
BENCH_READY = scripts/setup build bench && $(MAKE) bench-build $(BUILD)/libtidepool.so

bench:                         ## set up, build, measure against the other allocators, half an hour
	$(BENCH_READY)
	$(BENCH_DIR)/run --build $(BUILD) $(BENCH_ARGS)

bench-quick:                   ## the same in two minutes, rougher
	$(BENCH_READY)
	$(BENCH_DIR)/run --build $(BUILD) --quick $(BENCH_ARGS)

bench-scaling:                 ## one program with 1 to 64 threads: throughput and memory
	$(BENCH_READY)
	$(BENCH_DIR)/run --build $(BUILD) --scaling --rounds 3 --json $(BENCH_DIR)/results/scaling.json $(BENCH_ARGS)

bench-guides:                  ## the workloads of the sync.Pool guides, in Go and in C
	$(BENCH_READY)
	$(BENCH_DIR)/run --build $(BUILD) --only guides --json $(BENCH_DIR)/results/guides.json $(BENCH_ARGS)

bench-turns:                   ## what turns give back, what they cost, and a plot of it
	$(BENCH_READY)
	$(BENCH_DIR)/run --build $(BUILD) --only idle,crowd,pause --json $(BENCH_DIR)/results/turns.json $(BENCH_ARGS)
	$(BENCH_DIR)/run loads --build $(BUILD)

bench-compare:                 ## four programs bare, counted and pooled, and a plot of it
	$(BENCH_READY)
	$(BENCH_DIR)/run compare --build $(BUILD)

bench-page:                    ## what tidepool report shows of a redis under load, as a picture
	scripts/setup build test && $(MAKE) $(BUILD)/libtidepool.so
	$(BENCH_DIR)/run page --build $(BUILD)

bench-tune:                    ## what tidepool tune finds for four programs, and what came true
	$(BENCH_READY)
	$(BENCH_DIR)/run tune --build $(BUILD) --rounds 15

bench-modes:                   ## what a profile costs, and a kernel without restartable sequences
	$(BENCH_READY)
	$(BENCH_DIR)/run --build $(BUILD) --rounds 9 --only pair,real --sizes 64 --allocators tidepool,profiled,locked \
		--json $(BENCH_DIR)/results/modes.json $(BENCH_ARGS)

$(BENCH_OUT)/libnull.so: $(BENCH_DIR)/micro/null.c $(BENCH_DIR)/bench.mk
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -fPIC -shared -o $@ $<

# Nothing is fetched: the module needs none but the standard library.
$(BENCH_OUT)/guides/guides.test: $(wildcard $(BENCH_DIR)/guides/go/*)
	@mkdir -p $(@D)
	cd $(BENCH_DIR)/guides/go && CGO_ENABLED=0 GOTOOLCHAIN=local GOPROXY=off GOCACHE=$(abspath $(BENCH_OUT))/go-cache \
		go test -c -o $(abspath $@) .

$(BENCH_OUT)/%: $(BENCH_DIR)/%.c $(BENCH_HEADERS) $(BENCH_DIR)/bench.mk
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -pthread -o $@ $<

$(BENCH_OUT)/%: $(BENCH_DIR)/%.cpp $(BENCH_DIR)/bench.mk
	@mkdir -p $(@D)
	$(CXX) $(BENCH_CXXFLAGS) -o $@ $<
