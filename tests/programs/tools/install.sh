#!/bin/sh
# make install puts a library and a command that work below PREFIX; make uninstall takes every file of it away, and no other.
. "$(dirname "$0")/../sandbox.sh"
needs make
/usr/bin/python3 -c 'import shtab' 2>/dev/null || { echo 'python3-shtab is missing' >&2; exit 77; }
umask 077 # what is installed is everybody's all the same

build=$(cd "$root" && cd "${BUILD:-build}" && pwd)
mkdir -p prefix/lib prefix/share/doc/other
touch prefix/lib/libother.so prefix/share/doc/other/LICENSE
find prefix -type f | sort >before

# usage: run_make TARGET: for the prefix, with what is built; another make's flags are not its.
run_make() {
	step="make $1"
	env -u MAKEFLAGS -u MAKELEVEL make -C "$root" "$1" BUILD="$build" PREFIX="$dir/prefix" >"$1.log" 2>&1 ||
		fail "make $1 ended with status $?"
}

run_make install
[ "$(stat -c %a prefix/bin/tidepool prefix/lib/libtidepool.so | tr '\n' ' ')" = "755 755 " ] || fail "the modes: $(ls -l prefix/*)"
[ -z "$(find prefix/share/tidepool -type f ! -perm 644)" ] || fail "not for everybody: $(find prefix/share/tidepool -type f ! -perm 644)"
library=$dir/prefix/lib/libtidepool.so
preloaded /bin/sh -c 'exit 3' || [ $? = 3 ] || fail "a program does not run under the installed library"
stats_seen sh
# As root it may leave compiled Python beside the installed modules, which is to go as well.
prefix/bin/tidepool run --mode count --stats json --stats-file "$dir/counted" -- /bin/echo well >out 2>run.log ||
	fail "tidepool run ended with status $?"
[ "$(cat out)" = well ] && grep -q '"mode":"count"' counted || fail "tidepool run prints $(cat out)"
prefix/bin/tidepool merge counted >out 2>merge.log || fail "tidepool merge ended with status $?"

run_make uninstall
find prefix -type f | sort >after
cmp -s before after || fail "another file is there, or one is missing: $(diff before after)"
run_make uninstall
