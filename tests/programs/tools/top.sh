#!/bin/sh
# tidepool top on a real terminal: shows redis-server under load, sorts and pauses by key, says when the process ends, and
# puts the terminal right after q, after an interrupt, after a signal and when it cannot go on.
. "$(dirname "$0")/../sandbox.sh"
needs redis-server redis-cli redis-benchmark tmux
[ -n "$library" ] || skip "there is nothing to watch without the library"

tidepool() { "$python" "$root/scripts/tidepool" "$@"; }
terminal() { tmux -S "$dir/tmux" "$@"; }
screen() { terminal capture-pane -p >screen; }
# Wait until the screen shows a pattern.
shows() { await sh -c "tmux -S '$dir/tmux' capture-pane -p | grep -q -- '$1'"; }
keys() { terminal send-keys "$@"; }
# The first column of the classes on the screen.
sizes() { screen; awk 'NR > 4 && $1 ~ /^[0-9]+$/ { print $1 }' screen; }
# Whether they rise; one look, as rows come and go from one to the next.
rising() { sizes >sizes && [ -s sizes ] && sort -n -c sizes 2>/dev/null; }
falling() { sizes >sizes && [ -s sizes ] && sort -nr -c sizes 2>/dev/null; }
# Whether two looks, half a second apart, show the same.
still() { screen && mv screen earlier && sleep 0.5 && screen && cmp -s screen earlier; }

# ---- without a process that shares anything
sleep 30 &
plain=$!
for words in "$plain" "" "--file $dir/none-%p"; do
	status=0
	tidepool top --file "$dir/none-%p.live" $words --once 2>none.log || status=$?
	[ "$status" = 2 ] && [ "$(wc -l <none.log)" = 1 ] && grep -q "tidepool run --live" none.log ||
		fail "top $words: status $status, $(cat none.log)"
done
kill "$plain"

# ---- redis-server under load
export TIDEPOOL_LIVE="$dir/%p.live" TIDEPOOL_TICK=100ms
serve redis-server --port 0 --unixsocket "$dir/socket" --dir "$dir" --save ''
unset TIDEPOOL_LIVE TIDEPOOL_TICK
await redis-cli -s socket ping
(while redis-benchmark -s socket -q -n 20000 -P 16 -d 700 -r 5000 -t set,get; do :; done) >/dev/null 2>&1 &
load=$!
# Found by what it has mapped, and by the pattern alone; a pipe that is closed early is no complaint.
await sh -c "'$python' '$root/scripts/tidepool' top $server --once | grep -q '  800 '"
tidepool top --file "$dir/%p.live" --once >once
grep -q "^redis-server  pid $server  up " once || fail "top --once: $(cat once)"
awk 'NR == 4 { exit !($1 == "all" && $3 > 50 && $3 <= 100) }' once || fail "the hit rate is odd: $(cat once)"
tidepool top --file "$dir/%p.live" --once 2>pipe.log | head -n 1 >/dev/null
[ ! -s pipe.log ] || fail "into a pipe: $(cat pipe.log)"

# ---- on a terminal of 80 columns and 24 lines
cat >start <<END
trap : INT # of the keyboard, which reaches this shell too
stty -a >before
"$python" "$root/scripts/tidepool" top --file "$dir/%p.live" --interval 0.1
echo "status \$?"
stty -a >after
cmp before after && echo "terminal is right"
END
terminal -f /dev/null new-session -d -x 80 -y 24 -s top "sh" 2>tmux.log || skip "tmux does not start here: $(cat tmux.log)"
run() { keys "clear; sh ./start" Enter; }
right() { shows "^status $1" && shows "^terminal is right"; }
run
shows '^redis-server  pid .* up .* tick 0.1 s'
shows '^    size  \*gets/s  hit % local  ovfl  stol  vict  slab   puts/s     held  pool$'
shows '^     all  *[0-9.]*[kM]  '
shows '^     800  *[0-9.]*[kM] .* yes$'
shows '^q quit  space pause  sort:'
[ "$(screen && wc -l <screen)" = 24 ] || fail "the screen is not 24 lines"
awk 'length > 80 { exit 1 }' screen || fail "a line is too long"
keys s
shows ' \*size   gets/s '
await rising
keys r
await falling
keys g
shows ' \*gets/s '
keys ' '
shows '\[paused\]'
await still
keys ' '
terminal resize-window -t top -x 60 -y 12
await sh -c "tmux -S '$dir/tmux' capture-pane -p | tail -n 1 | grep -q '^q quit'"
terminal resize-window -t top -x 20 -y 3
sleep 0.3
terminal resize-window -t top -x 80 -y 24
shows 'held  pool$'

# ---- every way out leaves the terminal as it was
keys q
right 0
run
shows 'held  pool$'
keys C-c
right 130
run
shows 'held  pool$'
kill -TERM "$(pgrep -P "$(pgrep -P "$(terminal list-panes -F '#{pane_pid}')")")" || fail "top is not running"
right 143

# ---- the process ends
run
shows 'held  pool$'
kill "$load"
redis-cli -s socket shutdown nosave || true
served
shows 'the process has ended'
keys q
right 0
terminal kill-server
[ -z "$(ls "$dir"/*.live 2>/dev/null)" ]
