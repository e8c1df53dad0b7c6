# Two commands matter: `make demo` and `make test`. Both need Python 3.11 or newer and nothing else.
# Paths are relative throughout, so that a checkout may live in a directory with spaces.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python
MANAGE := $(PY) manage.py
PYTEST_WORKERS ?= 2

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

.PHONY: demo
demo: venv ## install, start PostgreSQL, load the demo, serve the back office
	@$(MANAGE) demo

.PHONY: demo-reset
demo-reset: venv ## the same, from an empty database
	@$(MANAGE) database_reset --yes
	@$(MANAGE) demo

.PHONY: venv
venv: ## make .venv and install requirements.txt, when they changed
	@sh .ci/venv

.PHONY: test
test: venv ## everything that must hold before a change is merged
	@MAKE="$(MAKE)" $(PY) -m tests.every_check

.PHONY: check-lint
check-lint: venv
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

.PHONY: check-types
check-types: venv
	@$(PY) -m mypy .

.PHONY: check-imports
check-imports: venv
	@PYTHONPATH=platform:. $(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

.PHONY: check-migrations
check-migrations: venv
	@$(PY) -m tests.database makemigrations --check --dry-run then lintmigrations --quiet ignore

.PHONY: check-documents
check-documents: venv
	@$(PY) -m tests.database --settings config.settings.demo write_docs --check

.PHONY: check-pytest
check-pytest: venv
	@$(PY) -m pytest -n $(PYTEST_WORKERS) --dist loadgroup

.PHONY: format
format: venv ## let ruff correct and format the code
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

.PHONY: docs
docs: venv ## write the generated documents, from an empty migrated database
	@$(PY) -m tests.database --settings config.settings.demo write_docs

.PHONY: bench-ledger
bench-ledger: venv ## tips a second of the ledger, beside other designs
	@$(PY) -m benchmarks.ledger

.PHONY: bench-rollups
bench-rollups: venv ## figures of a new hour, on top of 1,000,000 and of 10,000,000 past events
	@$(PY) -m benchmarks.rollups --rounds 9

.PHONY: bench-chat
bench-chat: venv ## sends and reads of the chat, from 100,000 to 5,000,000 messages
	@$(PY) -m benchmarks.chat

.PHONY: bench-capacity
bench-capacity: venv ## bytes a row, and the disk that a million people need
	@$(PY) -m benchmarks.capacity

.PHONY: bench-life-cycle
bench-life-cycle: venv ## a month dropped beside one deleted, counters folded beside a row that all update
	@$(PY) -m benchmarks.life_cycle

.PHONY: requirements
requirements: venv ## compile requirements.txt from requirements.in
	@CUSTOM_COMPILE_COMMAND='make requirements' $(PY) -m piptools compile --quiet --strip-extras \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
		--output-file requirements.txt requirements.in

.PHONY: stop
stop: venv ## stop the embedded database
	@$(MANAGE) database_stop

.PHONY: clean
clean: ## remove caches and the virtual environment; the data stays
	@rm -rf .venv staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
