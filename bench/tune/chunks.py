"""A file read in pieces of 4 KiB that stay in memory: each is a bytes object of 4129. usage: chunks.py FILE"""

import hashlib
import sys

with open(sys.argv[1], "rb") as file:
    chunks = list(iter(lambda: file.read(4096), b""))
for _ in range(3):
    digest = hashlib.blake2b()
    for chunk in chunks:
        digest.update(chunk)
    chunks = [chunk[::-1] for chunk in chunks]
print(len(chunks), digest.hexdigest()[:16])
