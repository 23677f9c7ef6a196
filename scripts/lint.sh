#!/bin/sh
# Style, types and layers; every check runs, whatever the one before said.
set -u
cd "$(dirname "$0")/.."
bin=.venv/bin
status=0
$bin/ruff check . || status=1
$bin/ruff format --check . || status=1
AETHER_ENV_FILE=/dev/null $bin/mypy || status=1
(cd clients/python && ../../$bin/mypy --strict --config-file= --cache-dir=../../.mypy_cache/client aether_client generate.py) ||
    status=1
$bin/lint-imports --no-logo || status=1
exit $status
