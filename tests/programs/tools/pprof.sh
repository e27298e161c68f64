#!/bin/sh
# google-pprof, go tool pprof and jeprof open the profile of a C++ program and tell its functions, inlined ones
# included, with the true numbers; so does `tidepool profile`.
. "$(dirname "$0")/../sandbox.sh"
needs g++ google-pprof go jeprof addr2line

g++ -std=c++17 -O1 -g -fno-optimize-sibling-calls -o sample "$here/pprof_sample.cpp"
TIDEPOOL_PROFILE="$dir/heap" TIDEPOOL_PROFILE_EVERY=16k preloaded ./sample || fail "the sample ended with status $?"
[ -s heap ] || fail "there is no profile"

# usage: expect TOOL, with its listing in `list`: demand each of these functions, and its number within 10 %.
# FUNCTION:TRUE VALUE:COLUMN, the value as the tool prints it.
expect() {
	tool=$1
	shift
	answer=$("$python" "$dir/expect.py" "$@" <list 2>&1) || fail "$tool: $answer; $(cat list)"
}
cat >expect.py <<-'END'
	import re, sys

	listing = sys.stdin.read().splitlines()
	for wanted in sys.argv[1:]:
	    function, value, column = wanted.rsplit("|", 2)
	    lines = [line for line in listing if function in line]
	    if not lines:
	        sys.exit(f"{function} is missing")
	    # The outermost is printed once as a sum: the largest of its numbers.
	    numbers = [float(re.match(r"[-0-9.]+", line.split()[int(column)]).group()) for line in lines]
	    if abs(max(numbers) - float(value)) > 0.1 * float(value):
	        sys.exit(f"{function}: {max(numbers)} where {value} should be")
END

# Cumulative megabytes stand in column 3 of all three, of a text listing.
for tool in google-pprof jeprof; do
	$tool --text --alloc_space ./sample heap >list 2>tool.log || fail "$tool ended with status $?"
	expect "$tool" 'churning_caller|200|3' 'keeping_caller|38.1|3' 'sample::Filler::fill|95.4|3' 'main|333.5|3'
	$tool --text --inuse_space ./sample heap >list 2>tool.log || fail "$tool ended with status $?"
	expect "$tool" 'keeping_caller|38.1|3' 'main|38.1|3'
	$tool --text --alloc_objects ./sample heap >list 2>tool.log || fail "$tool ended with status $?"
	expect "$tool" 'churning_caller|3276800|3' 'keeping_caller|20000|3' 'sample::Filler::fill|500|3'
	$tool --text --lines --alloc_space ./sample heap >list 2>tool.log || fail "$tool ended with status $?"
	grep -q 'inlined_into_caller.*pprof_sample.cpp' list || fail "$tool: the inlined function is missing: $(cat list)"
done
# Go's has a symbolizer of its own, which knows neither inlined functions nor members of C++ classes.
pprof="go tool pprof -symbolize=local -nodefraction=0 -text -unit=mb"
$pprof -sample_index=alloc_space ./sample heap >list 2>tool.log || fail "go tool pprof ended with status $?"
expect go 'churning_caller|200|3' 'keeping_caller|38.1|3' 'main|333.5|3'
$pprof -sample_index=inuse_space ./sample heap >list 2>tool.log || fail "go tool pprof ended with status $?"
expect go 'keeping_caller|38.1|3' 'main|38.1|3'
$pprof -sample_index=alloc_objects ./sample heap >list 2>tool.log || fail "go tool pprof ended with status $?"
expect go 'churning_caller|3276800|3' 'keeping_caller|20000|3'

# Ours: first what a larger TIDEPOOL_MAX_SIZE would pool; the status is the command's, and every process counts.
[ -n "$library" ] || exit 0
tidepool="$root/scripts/tidepool"
status=0
"$tidepool" profile --library "$library" --every 16k -o kept -- sh -c './sample; ./sample; exit 7' 2>list || status=$?
[ "$status" = 7 ] || fail "tidepool profile ended with status $status: $(cat list)"
expect tidepool 'keeping_caller|40000|1' 'churning_caller|6553600|1' 'sample::Filler<double>::fill|1000|0'
sed -n 4p list | grep -q 'sample::Filler<double>::fill' || fail "what gains most is not the first: $(cat list)"
grep -q 'inlined_into_caller.* < churning_caller() < main' list || fail "the stack is not whole: $(cat list)"
google-pprof --text --alloc_space ./sample kept >list 2>tool.log || fail "google-pprof ended with status $?"
expect google-pprof 'main|333.5|3'
"$tidepool" profile --library "$library" --unwind fp -o "$dir/each.%p" -- sh -c './sample; kill -TERM $$' 2>list || status=$?
[ "$status" = 143 ] || fail "tidepool profile ended with status $status where TERM ended the command"
[ "$(find "$dir" -name 'each.*.sites.json' | wc -l)" = 1 ] || fail "not one profile for each process: $(ls "$dir")"
