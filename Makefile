# `make run` serves a demo at http://127.0.0.1:5005; `make test` runs every check. See README.md.
# Another interpreter: make run PY=python3.12. Arguments for pytest: make test ARGS="tests/crud -x".
PY      ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
ARGS    ?=
UPGRADE ?=
export UV_PYTHON_DOWNLOADS := never

.PHONY: run audit test test-stock quick lint lock bench bench-scale bench-goals clean

run: $(VENV)/.run
	@exec $(BIN)/python manage.py serve --demo

test: $(VENV)/.test
	@scripts/test.sh $(ARGS)

# The contract's tests without the ways past Django in aether/fast, on both databases.
test-stock: $(VENV)/.test
	@scripts/stock.sh $(ARGS)

# Before a commit: lint, types, and the tests that start no processes, on SQLite.
quick: $(VENV)/.test
	@scripts/quick.sh $(ARGS)

lint: $(VENV)/.test
	@scripts/lint.sh

# Known vulnerabilities of what the locks name; needs the network. See docs/dependency_audit.md.
audit: $(BIN)/python
	@scripts/audit.sh

# wrk, the load generator, is installed where that is permitted; the bench has a slower one of its own.
bench: $(VENV)/.bench
	@command -v wrk >/dev/null || { [ "$$(id -u)" = 0 ] && DEBIAN_FRONTEND=noninteractive \
	    apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends wrk; } || true
	@$(BIN)/python -m bench $(ARGS)

# Two million rows in a MariaDB of its own, in some minutes; what small and large accounts and the admin take then.
bench-scale: $(VENV)/.bench
	@$(BIN)/python -m bench.scale $(ARGS)

# Every measure that there is a goal for, beside it. Only a quiet machine tells the truth.
bench-goals: $(VENV)/.bench
	@$(BIN)/python -m bench.goals $(ARGS)

# Locks hold for CPython 3.11 to 3.13, whichever made them. Newer versions: make lock UPGRADE=--upgrade
lock: | $(BIN)/python
	cd requirements && for part in base media mariadb s3 test bench; do \
	    ../$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	        --no-emit-index-url --no-emit-find-links $(UPGRADE) $$part.in -o $$part.txt || exit 1; done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv installs several times faster than pip, but pip alone is enough: hence the leading "-".
$(BIN)/python:
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PY=python3.12?)" >&2; exit 1; }
	@$(PY) -c 'import ensurepip' 2>/dev/null \
	    || { [ "$$(id -u)" = 0 ] && apt-get update -q \
	         && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends python3-venv; } \
	    || { echo "The venv module is missing; run: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making the virtual environment $(VENV)"
	@$(PY) -m venv $(VENV)
	-@$(BIN)/python -m pip install -q --disable-pip-version-check uv

define install
@echo "Installing $(1)"
@if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install -q -p $(VENV) $(foreach part,$(1),-r requirements/$(part).txt); \
 else $(BIN)/python -m pip install -q --disable-pip-version-check $(foreach part,$(1),-r requirements/$(part).txt); fi
@touch $@
endef

$(VENV)/.run: requirements/base.txt requirements/media.txt | $(BIN)/python
	$(call install,base media)

$(VENV)/.packages: scripts/test_packages.sh | $(BIN)/python
	@scripts/test_packages.sh $(BIN)/python
	@touch $@

# The TypeScript compiler, for the client's tests; axe-core, which looks at pages as people who can't see them do.
$(VENV)/.npm: clients/typescript/package-lock.json tests/e2e/package-lock.json $(VENV)/.packages
	@echo "Installing the TypeScript compiler and axe-core"
	@for part in clients/typescript tests/e2e; do (cd $$part && npm ci --silent --no-audit --no-fund) || exit 1; done
	@touch $@

$(VENV)/.test: requirements/test.txt requirements/mariadb.txt requirements/s3.txt $(VENV)/.run $(VENV)/.packages $(VENV)/.npm
	$(call install,test mariadb s3)

$(VENV)/.bench: requirements/bench.txt $(VENV)/.test
	$(call install,bench)
