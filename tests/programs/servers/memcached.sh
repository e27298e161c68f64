#!/bin/sh
# memcached returns every value of every size to several clients that write, read, overwrite and delete.
. "$(dirname "$0")/../sandbox.sh"
needs memcached

cat >clients.py <<'END'
import socket, sys, threading

SIZES = [0, 1, 7, 64, 100, 500, 1024, 4000, 10000, 60000, 300000]
failures = []
checked = []

def value(client, i, round):
    size = SIZES[(i + round) % len(SIZES)]
    return (b"%d.%d.%d;" % (client, i, round) * (size // 5 + 1))[:size]

def client(number):
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(sys.argv[1])
            replies = connection.makefile("rb")
            for round in range(3):
                for i in range(300):
                    data = value(number, i, round)
                    connection.sendall(b"set k%d.%d 0 0 %d\r\n%s\r\n" % (number, i, len(data), data))
                    assert replies.readline() == b"STORED\r\n", "not stored"
                for i in range(300):
                    connection.sendall(b"get k%d.%d\r\n" % (number, i))
                    head = replies.readline().split()
                    assert head[0] == b"VALUE", f"k{number}.{i} is lost"
                    data = replies.read(int(head[3]) + 2)[:-2]
                    assert data == value(number, i, round), f"k{number}.{i} changed"
                    assert replies.readline() == b"END\r\n"
                    checked.append(i)
                # One request with many keys makes long lists of reply buffers.
                connection.sendall(b"get " + b" ".join(b"k%d.%d" % (number, i) for i in range(300)) + b"\r\n")
                for i in range(300):
                    head = replies.readline().split()
                    assert head[:2] == [b"VALUE", b"k%d.%d" % (number, i)], f"k{number}.{i} is lost in the list"
                    data = replies.read(int(head[3]) + 2)[:-2]
                    assert data == value(number, i, round), f"k{number}.{i} changed in the list"
                assert replies.readline() == b"END\r\n"
            for i in range(0, 300, 2):
                connection.sendall(b"delete k%d.%d\r\n" % (number, i))
                assert replies.readline() == b"DELETED\r\n", "not deleted"
    except Exception as error:
        failures.append(f"client {number}: {error!r}")

# The values live in its own slabs: connections and reports are what it takes from malloc.
def crowd():
    connections = []
    for i in range(150):
        connections.append(socket.socket(socket.AF_UNIX))
        connections[-1].settimeout(20)
        connections[-1].connect(sys.argv[1])
        connections[-1].sendall(b"set crowd%d 0 0 5\r\n%05d\r\n" % (i, i))
    # Any of them may be served last: all are stored before one is asked for.
    readers = [connection.makefile("rb") for connection in connections]
    for replies in readers:
        assert replies.readline() == b"STORED\r\n", "not stored for the crowd"
    for i, (connection, replies) in enumerate(zip(connections, readers)):
        connection.sendall(b"get crowd%d\r\n" % (i * 7 % 150))
        assert replies.readline() == b"VALUE crowd%d 0 5\r\n" % (i * 7 % 150), "lost for the crowd"
        assert replies.readline() + replies.readline() == b"%05d\r\nEND\r\n" % (i * 7 % 150), "changed for the crowd"
        for report in b"", b" items", b" slabs", b" settings", b" conns":
            connection.sendall(b"stats%s\r\n" % report)
            lines = 0
            while (line := replies.readline()) != b"END\r\n":
                # For the address of a client of a unix socket it prints bytes that nobody wrote, new lines among them.
                assert line.startswith(b"STAT ") or report == b" conns", f"stats{report} holds {line}"
                lines += 1
            assert lines > 3, f"stats{report} has {lines} lines"
        replies.close()
        connection.close()

clients = [threading.Thread(target=client, args=(number,)) for number in range(4)]
for thread in clients: thread.start()
for thread in clients: thread.join()
if failures:
    sys.exit("\n".join(failures))
assert len(checked) == 4 * 3 * 300
crowd()
END

# As root it demands to be told whose rights to take.
serve memcached -u "$(id -un)" -s "$dir/socket" -t 4 -m 512 -I 1m
await test -S socket
"$python" clients.py socket || fail "memcached did not return the values"
"$python" clients.py socket || fail "memcached did not return the values to new connections"
kill -TERM "$server"
served
stats_seen memcached
