#!/usr/bin/env bash
# usage: test.sh [PYTEST ARGUMENTS]
# The linters, then the suite twice: embedded (SQLite, no Redis), and with a private MariaDB and Redis. What no database
# has a part in runs in one of the two (ONE_RUN in tests/conftest.py).
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

work=$(mktemp -d "${TMPDIR:-/tmp}/aether-run.XXXXXX")
trap 'rm -rf "$work"' EXIT
# What a developer keeps in the environment, .env or var/ must neither decide the result nor be touched.
unset DATABASE_URL REDIS_URL
unset PYTHONDONTWRITEBYTECODE  # the tests start some hundred processes, and each would compile everything again
export AETHER_ENV=development AETHER_ENV_FILE=/dev/null AETHER_HOME="$work/home"

status=0
section() { printf '\n%s\n' "--- $1"; }
suite() {  # suite NAME [COMMAND PREFIX…] -- [PYTEST ARGUMENTS…]
    local name=$1 prefix=()
    shift
    while [ "$1" != -- ]; do prefix+=("$1"); shift; done
    shift
    AETHER_TEST_RUN=$name "${prefix[@]}" .venv/bin/python -m pytest -n 2 "$@" 2>&1 | tee "$work/$name.log" || status=1
}

section "linters"
scripts/lint.sh || status=1
section "embedded: SQLite"
suite embedded -- "$@"
section "services: MariaDB and Redis"
suite services scripts/with_services.sh -- "$@"

section "summary"
[ $status = 0 ] || grep -hE '^(FAILED|ERROR) ' "$work"/*.log
for name in embedded services; do
    printf '%-9s %s\n' "$name" "$(grep -E '(passed|failed|errors?|skipped|no tests ran).* in [0-9.]+s' "$work/$name.log" | tail -n 1)"
done
exit $status
