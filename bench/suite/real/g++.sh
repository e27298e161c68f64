#!/bin/sh
# g++ -O2 on a generated file of classes, templates and functions; the object file must be the same each time.
. "$(dirname "$0")/prelude.sh"

generate() {
	echo '#include <map>'
	echo '#include <string>'
	echo '#include <vector>'
	echo 'template <int N> struct step { static long run(long x) { return step<N - 1>::run(x * N + 1) ^ N; } };'
	echo 'template <> struct step<0> { static long run(long x) { return x; } };'
	i=0
	while [ "$i" -lt "$amount" ]; do
		i=$((i + 1))
		cat <<-ENDCPP
			struct shape$i { long a, b; std::string name; virtual ~shape$i() {} virtual long area(long s) const
				{ long t = a; for (long k = 0; k < s; k++) t = (t * $i + b) % ($i + 7); return t; } };
			long use$i(const std::vector<shape$i> &all) { long t = step<$((i % 40 + 1))>::run($i);
				for (const shape$i &one : all) t += one.area(t % 9) * (long)one.name.size(); return t; }
		ENDCPP
		[ $((i % 20)) = 0 ] || continue
		echo "long tell$i() { std::map<std::string, shape$i> m; m[\"$i\"].a = $i; return m.begin()->second.area(3); }"
	done
}
prepared "gxx-$amount.cpp" generate
cp "$BENCH_WORK/gxx-$amount.cpp" source.cpp
measured g++ -std=gnu++17 -O2 -c -o source.o source.cpp 2>errors || fail "$(tail -n 1 errors)"
[ -s source.o ] || fail "no object file"
echo "operations=$amount sum=$(checksum_of source.o)"
