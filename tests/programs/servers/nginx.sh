#!/bin/sh
# nginx with four workers serves the right bytes, plain and compressed, while wrk loads it and workers are replaced.
. "$(dirname "$0")/../sandbox.sh"
PATH=$PATH:/usr/sbin
needs nginx wrk

mkdir files temp
"$python" - <<'END'
import random
dice = random.Random(2)
for size in 0, 1, 100, 5000, 70000, 3000000:
    with open(f"files/{size}.txt", "wb") as file:
        file.write(bytes(dice.choices(b"abcdefgh \n", k=size)))
END

cat >fetch.py <<'END'
import gzip, sys, threading, urllib.request

def fetch(size, compressed):
    request = urllib.request.Request(f"http://127.0.0.1:{sys.argv[1]}/{size}.txt")
    if compressed:
        request.add_header("Accept-Encoding", "gzip")
    with urllib.request.urlopen(request, timeout=10) as reply:
        body = reply.read()
        if reply.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
    with open(f"files/{size}.txt", "rb") as file:
        if body != file.read():
            wrong.append(size)

wrong = []
def client():
    for _ in range(8):
        for size in 0, 1, 100, 5000, 70000, 3000000:
            for compressed in False, True:
                fetch(size, compressed)
                done.append(size)
done = []
clients = [threading.Thread(target=client) for _ in range(2)]
for thread in clients: thread.start()
for thread in clients: thread.join()
assert not wrong, f"wrong content in files of {wrong} bytes"
assert len(done) == 192, f"{len(done)} of 192 fetches ended"
END

port=$(free_port)
cat >nginx.conf <<END
daemon off;
pid nginx.pid;
error_log error.log notice;
worker_processes 4;
events { worker_connections 256; }
http {
	access_log access.txt;
	default_type text/plain;
	gzip on;
	gzip_min_length 50;
	client_body_temp_path temp/body;
	proxy_temp_path temp/proxy;
	fastcgi_temp_path temp/fastcgi;
	uwsgi_temp_path temp/uwsgi;
	scgi_temp_path temp/scgi;
	server { listen 127.0.0.1:$port; root files; }
}
END

answers() { "$python" -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/1.txt', timeout=2)"; }
serve nginx -p "$dir" -c nginx.conf -e error.log
await answers
"$python" fetch.py "$port" || fail "nginx served the wrong content"

wrk -t 2 -c 32 -d 3s -H 'Accept-Encoding: gzip' "http://127.0.0.1:$port/5000.txt" >wrk.log 2>&1 &
load=$!
sleep 1
kill -HUP "$server"
"$python" fetch.py "$port" || fail "nginx served the wrong content under load"
wait "$load" || fail "wrk ended with status $?"
grep -Eq '[1-9][0-9]* requests in' wrk.log || fail "wrk made no request"
! grep -q 'Non-2xx' wrk.log || fail "wrk got replies that are not 200"
answers || fail "nginx does not answer after the load"
! grep -Eq 'exited on signal|\[(alert|emerg|crit)\]' error.log || fail "a worker of nginx died"

kill -QUIT "$server"
served
! grep -Eq 'exited on signal|\[(alert|emerg|crit)\]' error.log || fail "a worker of nginx died at its end"
# The master, four workers, and the four that replaced them.
stats_seen nginx 9
