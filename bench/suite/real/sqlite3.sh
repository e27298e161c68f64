#!/bin/sh
# sqlite3 in memory: rows inserted, indexed, joined, grouped, changed and deleted.
. "$(dirname "$0")/prelude.sh"
cat >work.sql <<ENDSQL
CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, price INTEGER, kind INTEGER);
CREATE TABLE sale(item INTEGER, day INTEGER, note TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $amount / 3)
	INSERT INTO item SELECT i, printf('item %d of many', i * 7919 % 100003), i * 31 % 997, i % 50 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $amount)
	INSERT INTO sale SELECT i * 7919 % ($amount / 3) + 1, i % 365, substr('a note that is read and thrown away', i % 20) FROM n;
CREATE INDEX sale_item ON sale(item);
CREATE INDEX item_name ON item(name);
CREATE TABLE report AS SELECT kind, day, count(*) AS sold, sum(price) AS paid, group_concat(substr(note, 1, 3), '') AS notes
	FROM sale JOIN item ON item.id = sale.item GROUP BY kind, day;
UPDATE item SET name = name || ' changed' WHERE kind % 2 = 0;
DELETE FROM sale WHERE day % 3 = 0;
SELECT sum(sold) || '-' || sum(paid * (kind + 1)) || '-' || sum(length(notes)) FROM report;
SELECT count(*) || '-' || sum(length(item.name)) FROM sale JOIN item ON item.id = sale.item;
ENDSQL
measured sqlite3 -init /dev/null :memory: <work.sql >result 2>errors || fail "$(cat errors)"
[ "$(wc -l <result)" = 2 ] || fail "there are not two results"
case $(head -n 1 result) in "$amount"-*) ;; *) fail "not every sale is in the report" ;; esac
echo "operations=$amount sum=$(tr '\n' '-' <result)"
