#!/bin/sh
# The tree's own tools refuse what they do not know, in a few words and with status 2, before they do anything.
. "$(dirname "$0")/../sandbox.sh"
needs

# What would be run is not: neither make nor the benchmarks.
mkdir bin
for command in make head; do
	printf '#!/bin/sh\ntouch "%s/ran"\nexit 0\n' "$dir" >"bin/$command"
	chmod +x "bin/$command"
done
refuses() {
	step="$*"
	status=0
	PATH="$dir/bin:$PATH" "$@" >tool.out 2>tool.err || status=$?
	[ "$status" = 2 ] && [ ! -s tool.out ] && [ -s tool.err ] && [ "$(wc -l <tool.err)" -lt 12 ] && [ ! -e ran ] &&
		! grep -q Traceback tool.err || fail "$*: status $status, $(cat tool.out tool.err)"
}
refuses "$root/tests/run" --filter '['
refuses "$root/tests/run" --jobs 0
refuses "$root/tests/run" --timeout x
refuses "$root/scripts/check-tree" --wrong
refuses "$root/scripts/generate" --wrong
refuses "$root/scripts/man-page" --wrong
refuses "$root/.ci/run" test
for benchmark in compare tune; do
	refuses "$root/bench/run" "$benchmark" --rounds many
	refuses "$root/bench/run" "$benchmark" --rounds 0
	refuses "$root/bench/run" "$benchmark" --only nothing
	refuses "$root/bench/run" "$benchmark" --json "$dir/nowhere/figures.json"
done
