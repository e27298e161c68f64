#!/bin/sh
# python3 with every object from malloc: JSON, threads and a pool of processes give the right results.
. "$(dirname "$0")/../sandbox.sh"
needs "$python"

cat >work.py <<'END'
import hashlib, json, multiprocessing, random, subprocess, sys, threading

def document(seed, items):
    dice = random.Random(seed)
    return [{"id": i, "name": "n%d" % i, "text": "x" * dice.randrange(2000), "ratio": dice.random(),
             "tags": [str(dice.randrange(10**9)) for _ in range(dice.randrange(8))], "none": None}
            for i in range(items)]

def digest(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()

def in_process(seed):
    return digest(json.loads(json.dumps(document(seed, 800))))

def main():
    original = document(1, 20000)
    text = json.dumps(original)
    parsed = json.loads(text)
    assert parsed == original and json.dumps(parsed) == text, "JSON changed on its way"
    del parsed[::2]
    assert [item["id"] for item in parsed] == list(range(1, 20000, 2)), "deleting changed the rest"

    expected = {seed: digest(document(seed, 800)) for seed in range(8)}
    seen = {}
    def in_thread(seed):
        seen[seed] = in_process(seed)
    threads = [threading.Thread(target=in_thread, args=(seed,)) for seed in expected]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert seen == expected, "a thread's document changed"

    # fork copies the caches as they are; spawn starts afresh.
    for method in "fork", "spawn":
        with multiprocessing.get_context(method).Pool(3) as pool:
            assert pool.map(in_process, expected) == list(expected.values()), f"a {method} worker's document changed"
            pool.close()
            pool.join()

    for number in range(20):
        child = subprocess.run(["/bin/echo", str(number)], capture_output=True, text=True)
        assert child.stdout == f"{number}\n", "a child's output changed"
    print("all", len(text))

if __name__ == "__main__":
    main()
END

# An odd build of the interpreter may differ in random: the same script, bare and with its own allocator, is the judge.
expected=$("$python" work.py)
got=$(PYTHONMALLOC=malloc preloaded "$python" work.py) || fail "python3 ended with status $?"
[ "$got" = "$expected" ] || fail "expected '$expected', got '$got'"
case $got in "all "*) ;; *) fail "python3 did not come to its end: '$got'" ;; esac
# The program, three workers by fork and three by spawn.
stats_seen 'python3*' 7
