#!/usr/bin/env bash
# usage: stock.sh [PYTEST ARGUMENTS]
# The contract's tests on stock Django, without the ways past it in aether/fast: on SQLite, and on a private MariaDB,
# whose driver is one of them, with Redis.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

work=$(mktemp -d "${TMPDIR:-/tmp}/aether-stock.XXXXXX")
trap 'rm -rf "$work"' EXIT
unset DATABASE_URL REDIS_URL
export AETHER_ENV=development AETHER_ENV_FILE=/dev/null AETHER_HOME="$work/home" AETHER_FAST_PATHS=false

status=0
.venv/bin/python -m pytest -q -n 2 tests/contract "$@" || status=1
scripts/with_services.sh .venv/bin/python -m pytest -q -n 2 tests/contract "$@" || status=1
exit $status
