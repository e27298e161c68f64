# Tidepool: build, test, measure, install. `make help` lists the targets.
BUILD   ?= build
, := ,
PREFIX  ?= /usr/local
DESTDIR ?=
CFLAGS  ?= -O2 -g
ifeq ($(CI),true)
WERROR  ?= -Werror
endif

WARNINGS := -Wall -Wextra -Wundef -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes $(WERROR)
SHIM_CFLAGS := -std=gnu17 -D_GNU_SOURCE $(CFLAGS) $(WARNINGS) -I. -fPIC -fvisibility=hidden \
	-ftls-model=initial-exec -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free \
	-fno-plt -fno-semantic-interposition -fdata-sections
SHIM_LDFLAGS := -shared -static-libgcc -Wl,--exclude-libs,ALL -Wl,-z,nodelete -Wl,-z,now -Wl,-z,relro \
	-Wl,-z,noexecstack -Wl,-z,defs -Wl,-z,max-page-size=65536 -Wl,-fini,none -Wl,--hash-style=gnu -Wl,-T,shim/layout.ld \
	-Wl,-soname,libtidepool.so
# A table of relocations a bit each instead of 24 bytes, where libc can read it (2.36).
SHIM_LDFLAGS += $(if $(shell grep -ao GLIBC_ABI_DT_RELR $$($(CC) -print-file-name=libc.so.6)),-Wl$(,)-z$(,)pack-relative-relocs)

MACHINE := $(shell uname -m)
# Frame pointers lead out of the library to who called malloc; its hot functions call nobody and need none.
SHIM_CFLAGS += -fno-omit-frame-pointer $(if $(filter x86_64 aarch64,$(MACHINE)),-momit-leaf-frame-pointer)
# The rooms of shim/ but arch, of which the machine's part is taken.
SOURCES := $(filter-out shim/arch/%,$(wildcard shim/*/*.c)) $(wildcard policy/*.c)
# The kernel maps a file's pages by 64 KiB, so what every process runs lies side by side, from such an edge on. Files
# that have @rare in their opening comment come after jemalloc, which few processes use at all.
RARE := $(shell grep -l '@rare' $(SOURCES))
GENERIC := $(wildcard shim/arch/generic/*.c)
NATIVE := $(or $(wildcard shim/arch/$(MACHINE)/*.c shim/arch/$(MACHINE)/*.S),$(GENERIC))
JEMALLOC ?= $(firstword $(wildcard /usr/lib/$(MACHINE)-linux-gnu/libjemalloc_pic.a /usr/lib/libjemalloc_pic.a))
TOOLS := $(patsubst scripts/%,%,$(wildcard $(addprefix scripts/tidepool_tools/,*.py */*.py */templates/*)))
COMPLETIONS := $(addprefix $(BUILD)/completion/tidepool.,bash zsh fish)
LIBRARIES := $(BUILD)/libtidepool.so $(BUILD)/delay/libtidepool.so $(BUILD)/norseq/libtidepool.so

.PHONY: all help demo test verify fuzz check install uninstall clean format lint generate
all: $(BUILD)/libtidepool.so $(BUILD)/tidepool.7   ## build the library and its man page

help:                          ## list the targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

# Set-up comes before anything is built, so what needs packages starts make again.

demo:                          ## set up, build, run redis with and without the library
	scripts/setup build demo
	$(MAKE) all
	scripts/demo --library $(BUILD)/libtidepool.so

test:                          ## set up, build, run every test
	scripts/setup build test verify fuzz
	$(MAKE) --no-print-directory check NO_SKIP='^(check/|unit/[^ ]*\Z)'

check:                         ## build, run the tests that this machine has the tools for; installs nothing
	$(MAKE) all $(LIBRARIES) tests-build
	tests/run $(if $(NO_SKIP),--no-skip '$(NO_SKIP)')

fuzz:                          ## feed the policy language anything for FUZZ_SECONDS (60)
	scripts/setup fuzz
	$(MAKE) fuzz-run

verify:                        ## check the models of turns and routes with spin
	scripts/setup build verify
	tests/model/verify

install: all $(COMPLETIONS)    ## library, command, man page and completion, below PREFIX (/usr/local)
	install -D -m 755 $(BUILD)/libtidepool.so $(DESTDIR)$(PREFIX)/lib/libtidepool.so
	install -D -m 755 scripts/tidepool $(DESTDIR)$(PREFIX)/bin/tidepool
	rm -rf $(DESTDIR)$(PREFIX)/share/tidepool
	$(foreach tool,$(TOOLS),install -D -m 644 scripts/$(tool) $(DESTDIR)$(PREFIX)/share/tidepool/$(tool) &&) true
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/tidepool shim/report/stats.schema.json shim/base/version.h
	install -D -m 644 $(BUILD)/completion/tidepool.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tidepool
	install -D -m 644 $(BUILD)/completion/tidepool.zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_tidepool
	install -D -m 644 $(BUILD)/completion/tidepool.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/tidepool.fish
	install -D -m 644 $(BUILD)/tidepool.7 $(DESTDIR)$(PREFIX)/share/man/man7/tidepool.7
	install -D -m 644 LICENSE $(DESTDIR)$(PREFIX)/share/doc/tidepool/LICENSE

uninstall:                     ## remove what install has put below PREFIX; nothing is built for that
	rm -rf $(addprefix $(DESTDIR)$(PREFIX)/,lib/libtidepool.so bin/tidepool share/tidepool share/doc/tidepool \
		share/bash-completion/completions/tidepool share/zsh/site-functions/_tidepool \
		share/fish/vendor_completions.d/tidepool.fish share/man/man7/tidepool.7)

clean:                         ## remove what was built
	rm -rf $(BUILD)

generate:                      ## write the pages' tables and the schema anew from policy/*.def and bench/results
	scripts/generate

C_FILES := $(wildcard shim/*/*.[ch] shim/arch/*/*.[ch] policy/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch] tests/*/*/*.cpp \
	bench/*/*.[ch] bench/*/*.cpp)

format:                        ## clang-format on all C files
	scripts/setup lint
	clang-format -i $(C_FILES)

lint:                          ## clang-format, clang-tidy, cppcheck and mypy, as checks
	scripts/setup build lint
	clang-format --dry-run -Werror $(C_FILES)
	clang-tidy --quiet $(SOURCES) -- -std=gnu17 -D_GNU_SOURCE -I.
	cppcheck --quiet --error-exitcode=1 --enable=warning,portability --suppress=legacyUninitvar \
		--suppress=ignoredReturnValue --suppress=memleak -I. -D__x86_64__ shim policy
	MYPYPATH=bench:scripts mypy --cache-dir=$(BUILD)/mypy --strict --allow-untyped-calls --follow-imports=silent \
		--ignore-missing-imports --scripts-are-modules bench/harness scripts/generate scripts/check-tree
	cd scripts && mypy --strict --ignore-missing-imports --scripts-are-modules --cache-dir=$(abspath $(BUILD))/mypy tidepool_tools completion

# ---- the library, in three builds: for use, with delays inside the sections, without restartable sequences

# Of jemalloc these are called while it starts, if at all, and lie behind the rest.
JEMALLOC_LAST := stats ctl prof_data prof_log prof_recent prof_stats prof_sys ckh hpdata sec buf_writer inspect log

# A private copy of jemalloc: its public names get a prefix, what it asks of libc for settings comes to us, and it has no
# constructor: it begins with the first block that no slab serves. What is cold in it stays with the rest of it; the
# linker would put that before ours.
$(BUILD)/libjemalloc_private.a: shim/heap/jemalloc.syms Makefile
	@mkdir -p $(@D)
	@if [ -z "$(JEMALLOC)" ]; then echo "make: libjemalloc_pic.a is missing: run scripts/setup build" >&2; exit 1; fi
	objcopy --remove-section=.init_array --rename-section .text.unlikely=.text --redefine-syms=$< $(JEMALLOC) $@
	ar d $@ jemalloc_cpp.pic.o
	ar ms $@ $(addsuffix .pic.o,$(JEMALLOC_LAST))

# In the archive's order, not in that in which its members need each other.
WHOLE := -Wl,--whole-archive $(BUILD)/libjemalloc_private.a -Wl,--no-whole-archive

# $(1) folder, $(2) further flags, $(3) the architecture's sources
define library
$(1)/libtidepool.so: $(patsubst %,$(1)/%.o,$(filter-out $(RARE),$(SOURCES)) $(3)) \
		$$(BUILD)/libjemalloc_private.a $(patsubst %,$(1)/%.o,$(RARE)) shim/layout.ld
	$$(CC) $$(SHIM_LDFLAGS) -o $$@.new $$(subst $$(BUILD)/libjemalloc_private.a,$$(WHOLE),$$(filter-out %.ld,$$^)) && mv -f $$@.new $$@
$(1)/%.c.o: %.c
	@mkdir -p $$(@D)
	$$(CC) $$(SHIM_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
$(1)/%.S.o: %.S
	@mkdir -p $$(@D)
	$$(CC) $$(SHIM_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
-include $(patsubst %,$(1)/%.d,$(SOURCES) $(3))
endef
$(eval $(call library,$(BUILD),,$(NATIVE)))
$(eval $(call library,$(BUILD)/delay,-DTP_TEST_DELAY=40,$(NATIVE)))
$(eval $(call library,$(BUILD)/norseq,-DTP_NO_RSEQ,$(GENERIC)))

# ---- the man page, from the tables of options and counters and the description of the language

$(BUILD)/tidepool.7: scripts/man-page scripts/definitions.py policy/options.def shim/report/stats.schema.json policy/README.md \
		shim/base/version.h
	@mkdir -p $(@D)
	scripts/man-page >$@.new && mv -f $@.new $@

# ---- completion for shells, from the parsers of the command and the library's table of options

$(BUILD)/completion/tidepool.%: scripts/completion $(addprefix scripts/,$(TOOLS)) $(BUILD)/libtidepool.so
	@mkdir -p $(@D)
	scripts/completion $* $(BUILD)/libtidepool.so >$@.$$$$ && mv -f $@.$$$$ $@

# ---- tests and benchmarks, beside their sources

# The unit tests meet the modules themselves, without those that export entry points: Criterion keeps libc's malloc.
# The linker takes what a test needs.
EXPORTING := $(shell grep -l TP_EXPORT $(SOURCES)) $(shell grep -lP '^\s*\.globl\s+(?!tp_)' $(filter %.S,$(NATIVE)) /dev/null)
UNIT_SOURCES := $(filter-out $(EXPORTING),$(SOURCES))
UNIT_OBJECTS := $(patsubst %,$(BUILD)/norseq/%.o,$(UNIT_SOURCES) $(GENERIC))
UNIT_RSEQ_OBJECTS := $(patsubst %,$(BUILD)/%.o,$(UNIT_SOURCES) $(filter-out $(EXPORTING),$(NATIVE)))
UNIT_LIBRARY := $(BUILD)/tests/libunit.a
UNIT_RSEQ_LIBRARY := $(BUILD)/tests/libunit-rseq.a
$(UNIT_LIBRARY): $(UNIT_OBJECTS)
$(UNIT_RSEQ_LIBRARY): $(UNIT_RSEQ_OBJECTS)
$(UNIT_LIBRARY) $(UNIT_RSEQ_LIBRARY):
	@mkdir -p $(@D)
	@rm -f $@
	ar rcs $@ $^

include tests/tests.mk
include bench/bench.mk
