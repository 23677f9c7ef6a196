#!/usr/bin/env bash
# usage: quick.sh [PYTEST ARGUMENTS]
# What a developer runs before a commit: the linters, then, on SQLite, the tests that start no processes of their own
# (PROCESSES in tests/conftest.py). `make test` is the whole.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

work=$(mktemp -d "${TMPDIR:-/tmp}/aether-quick.XXXXXX")
trap 'rm -rf "$work"' EXIT
unset DATABASE_URL REDIS_URL
export AETHER_ENV=development AETHER_ENV_FILE=/dev/null AETHER_HOME="$work/home"

status=0
scripts/lint.sh || status=1
AETHER_TEST_RUN=quick .venv/bin/python -m pytest -q -n 2 "$@" || status=1
exit $status
