# What every script here begins with: . "$(dirname "$0")/prelude.sh"
#
# bench/run sets the environment: BENCH_CHILD, the launcher that preloads and measures; BENCH_FOLDER, an empty
# folder for this run; BENCH_WORK, where what is prepared once for all runs is kept; and BENCH_PYTHON, the
# interpreter itself, where python3 may be a wrapper. A script is given the amount of work, prepares, runs what is
# to be measured with `measured`, checks what came of it, and prints a line of operations=COUNT sum=TEXT, where
# the sum must be the same under every allocator.
set -eu
LC_ALL=C
export LC_ALL
amount=$1
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$BENCH_WORK"
cd "$BENCH_FOLDER"

fail() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

# Runs a command with the preload and counts its time and memory; nothing else of a script is measured.
measured() {
	"$BENCH_CHILD" "$@"
}

# prepared FILE COMMAND...: makes FILE below BENCH_WORK from the command's output, unless it is there.
prepared() {
	file=$BENCH_WORK/$1
	shift
	[ -e "$file" ] || { "$@" >"$file.$$" && mv "$file.$$" "$file"; }
}

checksum_of() {
	cksum <"$1" | tr ' ' '-'
}
