#!/bin/sh
# The pages about redis-server, python3, a heap profile and a comparison load in Chromium without a complaint, on a phone
# and on a desk, and take no name for markup.
. "$(dirname "$0")/../sandbox.sh"
needs redis-server redis-cli redis-benchmark gcc objcopy addr2line chromium
[ -n "$library" ] || skip "there are no statistics to show without the library"

tidepool() { "$python" "$root/scripts/tidepool" "$@"; }
# Load pages; what the browser finds wrong goes to the log.
browse() {
	step="loading $*"
	"$python" "$here/browser.py" "$@" >browser.log
}
shows() { grep -qF -- "$2" "$1" || fail "$1 does not show: $2"; }

# ---- redis-server, as it goes on: a dump at each signal, and one at the end
export TIDEPOOL_STATS_SIGNAL=USR1 TIDEPOOL_TICK=100ms
serve redis-server --port 0 --unixsocket "$dir/socket" --dir "$dir" --save ''
redis=$server
await redis-cli -s socket ping
for round in 1 2 3 4; do
	redis-benchmark -s socket -q -n 3000 -c 10 -P 16 -d "${round}00" -t set,get,lpush >/dev/null
	kill -USR1 "$redis"
	sleep 0.2
done
redis-cli -s socket shutdown nosave || true
served
unset TIDEPOOL_STATS_SIGNAL TIDEPOOL_TICK
mv "stats/$redis.json" redis.json
tidepool report redis.json -o redis.html >/dev/null
for title in "Which sizes are hot" "Who served them" "Memory held over time" "Requests over time"; do
	shows redis.html "<h3>$title</h3>"
done

# ---- python3 in several processes, and a program whose name wants to be markup
PYTHONMALLOC=malloc preloaded "$python" -c '
import json, multiprocessing
def work(count):
    return len(json.dumps(json.loads(json.dumps([{"a": i} for i in range(count)]))))
if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        assert len(set(pool.map(work, [3000] * 4))) == 1
        pool.close()
        pool.join()
'
cp /bin/echo '<img src=x onerror=hacked=1>'
preloaded "./<img src=x onerror=hacked=1>" >/dev/null
cat stats/*.json >others.json

# ---- a heap profile of known call sites, one of them with a name that wants to end the title and begin a script
cat >site.c <<'END'
#include <execinfo.h>
#include <stdio.h>

void outer(void);
void write_sample(unsigned count, unsigned bytes);
void wicked(void);

void write_sample(unsigned count, unsigned bytes)
{
	void *stack[32];
	int depth = backtrace(stack, 32);
	printf("  %u: %u [%u: %u] @", count, bytes, 2 * count, 2 * bytes);
	for (int i = 1; i < depth; i++)
		printf(" %p", stack[i]);
	printf("\n");
}

__attribute__((noinline)) void outer(void)
{
	write_sample(3, 3 * 1048576);
	wicked();
	__asm__ volatile("");
}

int main(void)
{
	char line[4096];
	printf("heap profile:    4:  3149824 [    8:  6299648] @ heap_v2/524288\n");
	outer();
	printf("     1:       64 [     1:       64] @ 0x10\n\nMAPPED_LIBRARIES:\n");
	FILE *maps = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof line, maps))
		fputs(line, stdout);
	return 0;
}
END
cat >wicked.c <<'END'
void write_sample(unsigned count, unsigned bytes);

void wicked(void)
{
	write_sample(1, 4096);
	__asm__ volatile("");
}
END
wicked='</title><script>hacked=1</script>'
gcc -O1 -c wicked.c && gcc -g -O1 -c site.c && objcopy --redefine-sym wicked="$wicked" wicked.o &&
	objcopy --redefine-sym wicked="$wicked" site.o && gcc -o site site.o wicked.o || fail "gcc does not compile the sample"
./site >site.heap

# ---- a comparison, with what may be missing from one
"$python" - >comparison.json <<'END'
import json
columns = [{"name": "bare"}, {"name": "<b>pooled</b>"}, {"name": "empty"}, {}, 7]
measures = [{"key": "wall_s", "label": "time", "unit": "seconds"}, {"key": "peak_rss_bytes", "label": "<i>", "unit": []}, {}]
samples = [{"column": name, "wall_s": 1.5 + i, "peak_rss_bytes": 1e6, "status": i} for i in range(3) for name in ("bare", "<b>pooled</b>")]
print(json.dumps({"command": ["sort", "</code><script>hacked=1</script>"], "rounds_measured": 3, "columns": columns,
                  "measures": measures, "samples": samples + [{}, None], "notes": ["<hr>", 1]}, indent=1))
END

tidepool report redis.json others.json site.heap comparison.json -o all.html >/dev/null
shows all.html "Two runs compared"
shows all.html "&lt;img src=x onerror=hacked=1&gt;"
shows all.html "&lt;/title&gt;&lt;script&gt;hacked=1&lt;/script&gt;"
shows all.html "site.c:$(grep -n 'write_sample(3' site.c | cut -d: -f1)"
shows all.html "&lt;b&gt;pooled&lt;/b&gt;"
shows all.html "0xf"  # an address in no file
# 4,096 bytes sampled once at 524,288 stand for 526,338, as pprof has it.
shows all.html "514.0 KiB" # with a space that does not break
grep -qE '(src|href)="?[a-z]+:|@import|url\(' all.html && fail "all.html wants something from elsewhere"

# ---- garbage is refused in one line
head -c 3000 /dev/urandom >garbage
status=0
tidepool report garbage -o garbage.html 2>garbage.err || status=$?
[ "$status" = 2 ] && [ "$(wc -l <garbage.err)" = 1 ] || fail "garbage: status $status, $(cat garbage.err)"
[ ! -e garbage.html ] || fail "garbage made a page"
# So are figures that are none, among those that are: they count as nothing.
echo '{"classes":[{"size":"x"},{"size":64,"gets":1e999,"hits":[],"policy":7}],"uptime_s":NaN,"totals":3,"program":["a"]}' >odd.json
tidepool report odd.json -o odd.html >/dev/null || fail "odd figures are not survived"

# ---- the policy and what classes waste: 100 requests of 40 bytes and 50 of 48 in objects of 48 waste 800 bytes of 7,200
cat >policy.json <<'END'
{"schema":2,"pid":7,"program":"p","uptime_s":8,"totals":{"gets":150},"classes":[{"size":48,"gets":150,"hits":{"local":150},"policy":{"mode":"auto","admitted":true,"since_s":4,"why":"rate","capacity":255}}],"changes":[{"at_s":2,"size":48,"admitted":false,"why":"lifetime"},{"at_s":4,"size":48,"admitted":true,"why":"<u>"}],"histogram":{"sizes":[[40,100],[48,50]]}}
END
tidepool report policy.json -o policy.html >/dev/null
shows policy.html "1 of 1 classes are pooled at the end"
shows policy.html "&lt;u&gt;"
# Pooled in the first quarter of the time and in the second half.
shows policy.html "left:0.000%;width:25.000%"
shows policy.html "left:50.000%;width:50.000%"
tr '\302\240' '  ' <policy.html | tr -s ' ' >plain.html
shows plain.html "11.1 % of the bytes handed out"
shows plain.html '<td class="n">800 B</td>'

browse redis.html all.html odd.html policy.html || fail "$(tail -n 1 browser.log)"

# ---- the browser would have said so
cat >wrong.html <<'END'
<!DOCTYPE html><meta name="viewport" content="width=device-width"><div style="width:2000px">wide</div>
<script>console.error("not well")</script>
END
browse wrong.html && fail "a wrong page goes unnoticed"
shows browser.log "console: not well"
shows browser.log "2008 pixels wide on a screen of 390"
