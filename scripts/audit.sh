#!/usr/bin/env bash
# Known vulnerabilities of what the locks name: PyPI's advisories for requirements/*.txt, npm's for both package locks.
# Ends with 1 where there are some, and with 3 where the advisories can't be reached, as that is no clean audit.
set -u
cd "$(dirname "$0")/.."
found=0 unknown=0
said=$(mktemp)
trap 'rm -f "$said"' EXIT

for lock in requirements/{base,media,mariadb,s3,test,bench}.txt; do
    .venv/bin/python -m uv tool run -q pip-audit==2.10.1 --disable-pip --progress-spinner off -r "$lock" >"$said" 2>&1
    code=$?
    if grep -q "known vulnerabilit" "$said" && ! grep -q "No known vulnerabilities" "$said"; then
        found=1
        cat "$said"
    elif [ $code != 0 ] || grep -q "could not be audited" "$said"; then
        unknown=1
        echo "$lock: not audited; PyPI's advisories can't be reached from here"
    else
        echo "$lock: no known vulnerability"
    fi
done
for place in clients/typescript tests/e2e; do
    (cd "$place" && npm audit --package-lock-only) >"$said" 2>&1
    code=$?
    if grep -q "audit endpoint returned an error\|ENOTFOUND\|ECONNREFUSED" "$said"; then
        unknown=1
        echo "$place/package-lock.json: not audited; npm's advisories can't be reached from here"
    elif [ $code != 0 ]; then
        found=1
        cat "$said"
    else
        echo "$place/package-lock.json: no known vulnerability"
    fi
done
[ $found = 0 ] || exit 1
[ $unknown = 0 ] || exit 3
