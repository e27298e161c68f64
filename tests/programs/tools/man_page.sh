#!/bin/sh
# man and groff set the library's own man page: without a warning, and as they set it without the library.
. "$(dirname "$0")/../sandbox.sh"
needs man groff

page=$root/${BUILD:-build}/tidepool.7
[ -r "$page" ] || fail "$page is not built: make all"
# man's sandbox lets nothing write the dumps by which this test sees that groff had the library.
export MANWIDTH=80 MAN_DISABLE_SECCOMP=1
man --warnings -E UTF-8 -l -Tutf8 -Z "$page" >expected 2>warnings || fail "man ended with status $?"
[ ! -s warnings ] || fail "man warns of the page: $(head -n 5 warnings)"
preloaded man --warnings -E UTF-8 -l -Tutf8 -Z "$page" >got 2>preloaded.log || fail "man ended with status $?"
cmp got expected || fail "man sets the page in another way"
[ ! -s preloaded.log ] || fail "man has more to say with the library"
man -l "$page" | col -b >text
for section in NAME SYNOPSIS DESCRIPTION OPTIONS "POLICY LANGUAGE" STATISTICS FILES "EXIT STATUS" EXAMPLES "SEE ALSO"; do
	grep -qx "$section" text || fail "the page has no section $section"
done
# No name is left out, and none is cut by what roff takes for its own.
sed -n 's/^TP_OPTION[A-Z_]*([^"]*"\([^"]*\)".*/TIDEPOOL_\1/p' "$root/policy/options.def" >names
sed -nE 's/^TP_STAT_TURN(_LEVEL)?\(([^,]*),.*/\2/p; s/^TP_STAT(_LEVEL)?\([^,]*, "([^"]*)", "([^"]*)".*/\2.\3/p' \
	"$root/policy/stats.def" | sed 's/^\.//' >>names
[ "$(wc -l <names)" = "$(grep -cE '^TP_(OPTION|STAT)[A-Z_]*\(' "$root"/policy/*.def | awk -F: '{ n += $2 } END { print n }')" ] ||
	fail "the tables have other names than $(cat names)"
while read -r name; do
	grep -q "^ *$name\>" text || fail "the page does not describe $name"
done <names
# What the page says is shown is shown.
example=$(sed -n 's/^[[:space:]]*LD_PRELOAD=libtidepool.so \(TIDEPOOL_VERBOSE.*\)/\1/p' text)
[ -n "$example" ] || fail "the page has no example of TIDEPOOL_VERBOSE"
[ -z "$library" ] || LD_PRELOAD=$library sh -c "$example" 2>&1 | grep -q '^4k:cap=64$' ||
	fail "the page's example shows nothing: $example"
stats_seen troff
