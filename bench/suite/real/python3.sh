#!/bin/sh
# python3 with PYTHONMALLOC=malloc: dicts, lists, strings, JSON and regular expressions (churn.py).
. "$(dirname "$0")/prelude.sh"
export PYTHONMALLOC=malloc PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1
measured "$BENCH_PYTHON" -s "$here/churn.py" "$amount"
