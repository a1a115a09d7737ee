#!/bin/sh
# What `make demo` shows: examples/marketplace on an embedded Postgres, each command printed.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
export PATH

run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

printf '\n$ cd examples/marketplace\n'
cd examples/marketplace
printf '$ export MODALEMBIC_DATABASE_URL=embedded\n'
export MODALEMBIC_DATABASE_URL=embedded

run modalembic upgrade heads
run modalembic modules
run modalembic current
