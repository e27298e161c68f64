#!/bin/sh
# openssl: a file comes whole through TLS from s_server to s_client, signatures verify, and a short speed run ends.
. "$(dirname "$0")/../sandbox.sh"
needs openssl

preloaded openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out cert.pem \
	>req.log 2>&1 || fail "openssl req ended with status $?"
openssl verify -CAfile cert.pem cert.pem >/dev/null || fail "the certificate is not sound"
"$python" -c 'import random, sys; sys.stdout.buffer.write(random.Random(5).randbytes(3000000))' >data

preloaded openssl dgst -sha256 -sign key.pem -out signature data || fail "signing ended with status $?"
openssl x509 -in cert.pem -pubkey -noout >public.pem
openssl dgst -sha256 -verify public.pem -signature signature data >/dev/null || fail "the signature is wrong"

# The server ends by itself, and so in good order, after the last of the connections it was told to take.
# openssl 3.0 cannot listen on a path of more than 31 characters: a relative one.
serve openssl s_server -unix socket -unlink -cert cert.pem -key key.pem -HTTP -naccept 6
await test -S socket
printf 'HTTP/1.0 200 ok\r\n\r\n' | cat - data >reply.bin
for round in 1 2 3 4 5 6; do
	case $((round % 2)) in 0) version=-tls1_2 ;; *) version=-tls1_3 ;; esac
	printf 'GET /reply.bin HTTP/1.0\r\n\r\n' |
		preloaded openssl s_client -unix socket -CAfile cert.pem -verify_return_error "$version" -quiet -ign_eof \
			>got 2>client.log || fail "s_client ended with status $?"
	cmp got reply.bin || fail "TLS changed the file (round $round, $version)"
done
served
stats_seen openssl

preloaded openssl speed -seconds 1 -bytes 1024 -multi 2 -evp aes-128-gcm >speed.log 2>&1 ||
	fail "openssl speed ended with status $?"
grep -Eqi '^(evp|aes-128-gcm) +[1-9][0-9.]+k' speed.log || fail "openssl speed prints no result"
preloaded openssl speed -seconds 1 ecdhp256 >ecdh.log 2>&1 || fail "openssl speed ended with status $?"
grep -Eq 'ecdh \(nistp256\) +[0-9.]+s +[1-9][0-9.]*' ecdh.log || fail "openssl speed prints no result"
