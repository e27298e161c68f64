#!/bin/sh
# lua5.4: tables, strings and closures that come and go (churn.lua).
. "$(dirname "$0")/prelude.sh"
measured lua5.4 "$here/churn.lua" "$amount"
