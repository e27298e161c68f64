# Writes 60,000 dicts as JSON and reads them, three times.
import json

rows = [{"id": i, "name": "item %d" % i, "tags": ["a", "b", str(i)], "price": i / 7} for i in range(60000)]
for _ in range(3):
    rows = json.loads(json.dumps(rows))
