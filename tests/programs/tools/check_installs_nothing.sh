#!/bin/sh
# `make check` installs nothing, and says which tests it leaves out because a program is missing.
. "$(dirname "$0")/../sandbox.sh"
needs make

# A package manager that would be noticed, and a machine without spin and clang.
mkdir bin
for program in apt-get dpkg sudo; do
	printf '#!/bin/sh\necho "%s $*" >>"%s/asked"\nexit 1\n' "$program" "$dir" >bin/$program
	chmod 755 bin/$program
done
for folder in /usr/local/bin /usr/bin /bin; do
	for file in "$folder"/*; do
		name=${file##*/}
		case $name in spin | clang | clang-*) continue ;; esac
		[ -e "bin/$name" ] || ln -s "$file" "bin/$name"
	done
done

make -n -C "$root" check >commands 2>make.log || fail "make -n check: $(tail -n 3 make.log)"
if grep -E "^[[:space:]]*(scripts/setup|apt-get|dpkg|sudo)\b" commands; then fail "make check would install something"; fi
grep -q 'tests/run' commands || fail "make check does not run the tests"

PATH=$dir/bin "$root/tests/run" --filter '^check/(models|fuzz|layers)$' >out 2>&1 || fail "tests/run failed: $(cat out)"
grep -q '^SKIP check/models .*spin is missing' out || fail "nothing says that spin is missing: $(cat out)"
grep -q '^SKIP check/fuzz .*clang is missing' out || fail "nothing says that clang is missing: $(cat out)"
grep -q '^PASS check/layers' out || fail "what needs neither did not run: $(cat out)"
tail -n 1 out | grep -qx '1 passed, 0 failed, 2 skipped' || fail "the last line is $(tail -n 1 out)"
[ ! -e asked ] || fail "a package manager was asked: $(cat asked)"
