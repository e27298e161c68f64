#!/bin/sh
# sqlite3 builds a table of 200,000 rows; sums, indexes, updates and its own integrity check come out right.
. "$(dirname "$0")/../sandbox.sh"
needs sqlite3

cat >work.sql <<'END'
CREATE TABLE item (id INTEGER PRIMARY KEY, bucket INTEGER, name TEXT, body BLOB);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
INSERT INTO item SELECT i, i % 97, 'name ' || (i * 7919 % 200003), zeroblob(i % 50) FROM n;
CREATE INDEX item_name ON item (name);
CREATE INDEX item_bucket ON item (bucket, id);
SELECT count(*), sum(id), sum(length(body)), count(DISTINCT name), count(DISTINCT bucket) FROM item;
SELECT count(*), sum(a.id) FROM item a JOIN item b ON b.name = 'name ' || (a.id * 7919 % 200003);
SELECT length(group_concat(name, ',')) - sum(length(name)) FROM (SELECT name FROM item ORDER BY name DESC);
UPDATE item SET body = zeroblob(3000) WHERE id % 100 = 0;
DELETE FROM item WHERE id % 2 = 1;
SELECT count(*), sum(id), sum(length(body)) FROM item;
SELECT id FROM item WHERE name = 'name ' || (123456 * 7919 % 200003);
VACUUM;
PRAGMA integrity_check;
END
# 200000*200001/2; sum of i%50 = 4000*1225; even ids: 2*(100000*100001/2); bodies of even ids: sum of even i%50, where
# i%100 = 0 has 3000 instead of 0.
cat >expected <<'END'
200000|20000100000|4900000|200000|97
200000|20000100000
199999
100000|10000100000|8400000
123456
ok
END
preloaded sqlite3 -batch data.db <work.sql >got 2>sqlite3.log || fail "sqlite3 ended with status $?"
diff expected got >&2 || fail "sqlite3's answers differ"
[ "$(sqlite3 data.db 'PRAGMA integrity_check; SELECT sum(id) FROM item')" = "$(printf 'ok\n10000100000')" ] ||
	fail "the database is not sound when read without the library"
stats_seen sqlite3
