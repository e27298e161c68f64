"""churn.py ROUNDS: what Python programs do with objects: build, change, encode, decode, search, forget."""

import json
import re
import sys
import zlib


def records(count, seed):
    return [{"id": i, "name": "name-%d" % (i * 7919 % 1009), "seen": i % 3 == 0, "values": [i * 0.5, seed, i % 17],
             "links": {"next": i + 1, "of": "group-%d" % (i % 13)}} for i in range(count)]


def main():
    rounds = int(sys.argv[1])
    kept, check = [], 0
    for number in range(rounds):
        made = records(1500, number)
        text = json.dumps(made, sort_keys=True)
        if json.loads(text) != made:
            sys.exit("the records read back differ")
        groups = {}
        for record in made:
            groups.setdefault(record["links"]["of"], []).append(record["name"].upper())
        joined = "\n".join(",".join(sorted(names)) for names in groups.values())
        found = re.findall(r"NAME-(\d+)(?:,|$)", joined)
        kept = kept[-3:] + [made]
        check = zlib.crc32(("%d %s" % (len(found), text)).encode(), check)
    print("operations=%d sum=%08x" % (rounds * 1500, check))


main()
