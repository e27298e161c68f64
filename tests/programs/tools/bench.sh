#!/bin/sh
# bench/run measures programs, finds an allocator that gives memory out twice, and reports the same again from its file.
. "$(dirname "$0")/../sandbox.sh"
needs make gcc g++ sqlite3

programs='launch/who launch/child suite/larson suite/alloc_test'
make -s -C "$root" -f bench/bench.mk BUILD="$dir/build" $(printf "$dir/build/bench/%s " $programs) >make.log 2>&1 ||
	fail "the benchmark programs do not build"
allocators=glibc,twice
[ -z "$library" ] || { cp "$library" build/libtidepool.so && allocators=$allocators,tidepool; }

# glibc's, but every thousandth object is handed out again to the next who asks for no more. Nothing is freed, so that
# glibc does not notice first.
cat >twice.c <<'ENDC'
#include <stdatomic.h>
#include <stddef.h>

void *__libc_malloc(size_t bytes);

static _Atomic unsigned long count;
static void *_Atomic again;
static _Atomic size_t again_bytes;

void *malloc(size_t bytes)
{
	if (bytes >= 16 && bytes <= again_bytes) {
		again_bytes = 0;
		return again;
	}
	void *block = __libc_malloc(bytes);
	if (++count % 1000 == 0 && bytes <= 1024) {
		again = block;
		again_bytes = bytes;
	}
	return block;
}

void free(void *block)
{
	(void)block;
}
ENDC
gcc -O1 -fno-builtin -shared -fPIC -o libtwice.so twice.c 2>gcc.log || fail "the wrong allocator does not build"

run() {
	"$python" "$root/bench/run" --build "$dir/build" --quick --rounds 2 --json "$dir/results.json" "$@"
}
status=0
run --only alloc_test,larson,sqlite3 --allocators "$allocators" --add twice="$dir/libtwice.so" >run.log 2>&1 || status=$?
[ "$status" = 1 ] || fail "bench/run ended with status $status, not 1, with an allocator that fails"
grep -q '^  failed: twice: suite alloc_test.*computed' run.log || fail "an allocator that gives memory out twice is not noticed"
! grep '^  failed: ' run.log | grep -qv ': twice: ' || fail "a right allocator failed"
grep -q '/jemalloc\|/glibc' run.log || fail "there are no geometric means"

"$python" "$root/bench/run" report --no-plot results.json >again.log || fail "bench/run report ended with status $?"
sed -n '/^2 rounds/,/^  failed: /p' run.log >first
sed -n '/^2 rounds/,/^  failed: /p' again.log >second
[ -s first ] || fail "the report has no beginning"
cmp first second || fail "the report made from the file is another one"

run --only sqlite3 --allocators glibc >run.log 2>&1 ||
	fail "bench/run ended with status $? though all went well"
! run --only nothing >run.log 2>&1 || fail "bench/run took a program that does not exist"
grep -q "no program 'nothing'" run.log || fail "bench/run does not say that there is no such program"

[ -n "$library" ] || exit 0
# Two builds of the library beside each other: a row for each of the program's, and the means.
run --only sqlite3,larson --library before="$library" --library after="$dir/build/libtidepool.so" >run.log 2>&1 ||
	fail "bench/run ended with status $? with two builds of the library"
sed -n '/^after \/ before: /,$p' run.log >compared
grep -q '^  suite larson  *[0-9.]* ([0-9.]*\.\.[0-9.]*)' compared || fail "the ratios of two builds are missing"
grep -q '^  all  *[0-9.]* of 2  *[0-9.]* of 2  *[0-9.]* of 2$' compared || fail "the means of two builds are missing"
! grep -q '^ *glibc' run.log || fail "a comparison of builds measures other allocators"

# What runs one of tidepool's commands on programs: every column that there can be, and the README's table of them.
for command in compare:g++ tune:sqlite; do
	step="bench/run ${command%:*}"
	"$python" "$root/bench/run" "${command%:*}" --build "$dir/build" --only "${command#*:}" --rounds 1 \
		--json "$dir/${command%:*}.json" >run.log 2>&1 || {
		cat run.log >&2
		fail "$step ended badly"
	}
done
"$python" - "$root/bench" <<'END' || fail "the figures are not all there"
import json, sys
sys.path.insert(0, sys.argv[1])
from harness.field import peers as known
from harness.pages import markdown

peers = [name for name in ("jemalloc", "mimalloc") if known.find_shared_library(known.PEER_LIBRARIES[name])]
compared, tuned = (json.load(open(name)) for name in ("compare.json", "tune.json"))
[program] = compared["programs"]
assert list(program["columns"]) == ["bare", "counted", "pooled", *peers], list(program["columns"])
assert all(len(column["cpu_s"]) == 1 and column["cpu_s"][0] > 0 for column in program["columns"].values()), program
assert len(markdown.compare(compared)) == 9, markdown.compare(compared)
[program] = tuned["programs"]
waste = [program["policies"][name]["waste_bytes"] for name in ("default", "tuned")]
assert 0 < waste[1] < waste[0] / 2 and program["directives"], program
assert markdown.tune(tuned)[-1].startswith("| sqlite3"), markdown.tune(tuned)
END
