# `make run` does the main job, `make test` proves it. Needs Python 3.11+ and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TEST_READY := $(VENV)/.test-ready

.DEFAULT_GOAL := help
.PHONY: help run ui doctor test test-fast lint format lock benchmark clean

help: ## show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: $(READY) ## read data/raw, make every table, model, picture and the report
	@$(BIN)/python -m custbehav_dagster refresh

ui: $(READY) ## serve the Dagster UI on http://127.0.0.1:3000 with the daily schedule
	@$(BIN)/python -m custbehav_dagster ui

# It must be able to say that the environment is missing, so it needs none.
doctor: ## look at environment, settings, files and warehouse; say what to do
	@PY=$(BIN)/python; test -x $$PY || PY=$(PYTHON); $$PY -m custbehav_dagster.doctor

test: $(TEST_READY) ## run every test, the slow ones too
	@$(BIN)/python -m pytest -n 2 --dist worksteal

test-fast: $(TEST_READY) ## run the tests that start no server, browser or other process
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

lint: $(TEST_READY) ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(TEST_READY) ## put the code into its shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

benchmark: $(TEST_READY) ## measure speed, memory and overhead, each against a peer or a limit
	@$(BIN)/python -m benchmarks

# The environment is made once and again when what it is made from changes.
# Byte-compiling halves the time of every later start.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the packages of requirements.lock into $(VENV) (once; some minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib custbehav_dagster || true
	@touch $@

$(TEST_READY): $(READY) requirements-dev.lock
	@echo "Installing the packages of requirements-dev.lock into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib || true
	@touch $@

lock: ## pin the newest packages that fit pyproject.toml
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet .
	build/lock/bin/python -m pip freeze --exclude custbehav_dagster > requirements.lock
	build/lock/bin/python -m pip install --quiet '.[test,lint]'
	build/lock/bin/python -m pip freeze --exclude custbehav_dagster | grep -vxFf requirements.lock > requirements-dev.lock
	rm -rf build

clean: ## remove the environment and caches, never data
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
