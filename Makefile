# Tidepool: build, test, measure. `make help` lists the targets.
BUILD   ?= build
PREFIX  ?= /usr/local
CC      ?= gcc
CFLAGS  ?= -O2 -g
WERROR  ?=

WARNINGS := -Wall -Wextra -Wundef -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes $(WERROR)
SHIM_CFLAGS := -std=gnu17 -D_GNU_SOURCE $(CFLAGS) $(WARNINGS) -I. -fPIC -fvisibility=hidden -ftls-model=initial-exec \
	-fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free -fno-plt -fno-semantic-interposition
SHIM_LDFLAGS := -shared -static-libgcc -Wl,--exclude-libs,ALL -Wl,-z,nodelete -Wl,-z,now -Wl,-z,relro \
	-Wl,-soname,libtidepool.so -Wl,-z,noexecstack -Wl,--hash-style=gnu

MACHINE := $(shell uname -m)
SOURCES := $(wildcard shim/*.c policy/*.c)
ifeq ($(MACHINE),x86_64)
ARCH_SOURCES := $(wildcard shim/arch/x86_64/*.c shim/arch/x86_64/*.S)
else
ARCH_SOURCES := $(wildcard shim/arch/generic/*.c)
endif
GENERIC_SOURCES := $(wildcard shim/arch/generic/*.c)
JEMALLOC ?= $(firstword $(wildcard /usr/lib/$(MACHINE)-linux-gnu/libjemalloc_pic.a /usr/lib/libjemalloc_pic.a))

.PHONY: all setup help demo test check bench bench-quick install clean format lint generate
all: $(BUILD)/libtidepool.so

help:               ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

# ---- the library, in its three builds

# Private copy of jemalloc: every public name gets a prefix, and what it asks of libc for settings comes to us.
$(BUILD)/libjemalloc_private.a: shim/backend.syms
	@mkdir -p $(@D)
	@if [ -z "$(JEMALLOC)" ]; then echo "make: libjemalloc_pic.a is missing: run scripts/setup build" >&2; exit 1; fi
	objcopy --redefine-syms=$< $(JEMALLOC) $@

# $(1) folder, $(2) extra flags, $(3) architecture sources
define library
$(1)/libtidepool.so: $(patsubst %,$(1)/%.o,$(SOURCES) $(3)) $$(BUILD)/libjemalloc_private.a
	$$(CC) $$(SHIM_LDFLAGS) -o $$@ $$^ -lm
$(1)/%.c.o: %.c
	@mkdir -p $$(@D)
	$$(CC) $$(SHIM_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
$(1)/%.S.o: %.S
	@mkdir -p $$(@D)
	$$(CC) $$(SHIM_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
-include $(patsubst %,$(1)/%.d,$(SOURCES) $(3))
endef
$(eval $(call library,$(BUILD),,$(ARCH_SOURCES)))
$(eval $(call library,$(BUILD)/norseq,-DTP_NO_RSEQ,$(GENERIC_SOURCES)))
$(eval $(call library,$(BUILD)/delay,-DTP_TEST_DELAY=40,$(ARCH_SOURCES)))

include bench/bench.mk
