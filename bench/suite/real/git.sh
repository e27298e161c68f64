#!/bin/sh
# git gc --aggressive on a repository of generated commits, then git fsck, and the same history as before.
. "$(dirname "$0")/prelude.sh"
for variable in $(git rev-parse --local-env-vars); do
	unset "$variable"
done
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1

# A stream for git fast-import: every commit changes some lines of three of 40 files.
history() {
	awk -v commits="$amount" 'BEGIN {
		for (c = 1; c <= commits; c++) {
			print "commit refs/heads/main\ncommitter A <a@example.org> " 1000000000 + c " +0000\ndata 5\nwork\n"
			for (k = 0; k < 3; k++) {
				file = (c * 7 + k * 11) % 40; text = ""
				for (l = 0; l < 120; l++)
					text = text "line " l " of file " file ((l * 13 + c) % 29 == 0 ? " changed by " c : "") "\n"
				printf "M 644 inline folder%d/file%d\ndata %d\n%s\n", file % 6, file, length(text), text
			}
		}
	}'
}
prepared "git-$amount.stream" history
git init -q -b main repository
git -C repository fast-import --quiet <"$BENCH_WORK/git-$amount.stream"
before=$(git -C repository rev-parse main)
measured git -C repository -c pack.threads=2 -c gc.auto=0 gc -q --aggressive --prune=now 2>errors || fail "$(tail -n 1 errors)"
git -C repository fsck --full --strict >errors 2>&1 || fail "the repository is broken: $(tail -n 1 errors)"
[ "$(git -C repository rev-parse main)" = "$before" ] || fail "the history has changed"
[ "$(git -C repository rev-list --count main)" = "$amount" ] || fail "the history has another length"
echo "operations=$amount sum=$before"
