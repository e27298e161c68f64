#!/bin/sh
# git commits, branches, merges, clones, repacks and checks a repository; the history comes through whole.
. "$(dirname "$0")/../sandbox.sh"
needs git

# A hook or a user's settings must not reach the repository of the test.
for variable in $(git rev-parse --local-env-vars); do
	unset "$variable"
done
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_DATE='2001-02-03T04:05:06Z' GIT_COMMITTER_DATE='2001-02-03T04:05:06Z'

run_git() {
	"$how" git -c user.name=Tester -c user.email=tester@example.org -c init.defaultBranch=main -c gc.auto=0 \
		-c pack.threads=2 "$@" >>git.log 2>&1 || fail "git $* ended with status $?"
}
bare() { "$@"; }

# The same history twice, without the library and with it.
write_history() {
	mkdir -p "$1"
	run_git -C "$1" init -q
	number=0
	while [ "$number" -lt 40 ]; do
		number=$((number + 1))
		mkdir -p "$1/folder$((number % 7))"
		seq "$number" "$((number * 97))" >"$1/folder$((number % 7))/file$number"
		seq "$((number * 3))" "$((number * 3 + 2000))" >"$1/changing"
		run_git -C "$1" add -A
		run_git -C "$1" commit -q -m "commit $number"
	done
	run_git -C "$1" checkout -q -b side HEAD~5
	echo side >"$1/side"
	run_git -C "$1" add side
	run_git -C "$1" commit -q -m side
	run_git -C "$1" checkout -q main
	run_git -C "$1" merge -q --no-edit side
	run_git -C "$1" tag -a -m 'a tag' v1
}
how=bare
write_history "$dir/expected"
how=preloaded
write_history "$dir/origin"
head_of() { git -C "$1" rev-parse HEAD v1; }
[ "$(head_of origin)" = "$(head_of expected)" ] || fail "the history has other ids than without the library"

run_git -C origin gc -q --aggressive --prune=now
run_git -C origin fsck --full --strict
run_git clone -q --no-local "file://$dir/origin" clone
run_git -C clone fsck --full --strict
run_git -C clone gc -q
run_git -C clone grep -c 1999 HEAD~10
run_git -C clone blame -s changing
[ "$(head_of clone)" = "$(head_of expected)" ] || fail "the clone has another history"
[ "$(git -C clone rev-list --count HEAD)" = 42 ] || fail "the clone has another number of commits"
diff -r -x .git expected clone >&2 || fail "the clone has other files"
preloaded git -C clone log -p --stat >log.got
git -C expected log -p --stat >log.expected
cmp log.got log.expected || fail "git log prints something else than without the library"
git -C origin fsck --full --strict >>git.log 2>&1 || fail "the repository is not sound when read without the library"
git -C clone fsck --full --strict >>git.log 2>&1 || fail "the clone is not sound when read without the library"
# One process for each command, and those that git starts itself.
stats_seen git 90
