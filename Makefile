# Two commands for a fresh machine: make run, make test. Both install what they need into .venv first.
SHELL := /bin/sh
PYTHON ?= python3
MO := dashboard/translations/de/LC_MESSAGES/messages.mo
VENV := .venv
BIN := $(VENV)/bin
# What Babel writes into the head of a catalog each time, and nobody reads.
NOISE := '^"(Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By):'
T ?=
.DEFAULT_GOAL := help

.PHONY: help run test lint fix look migration hooks words lock clean

help: ## Print what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp $(MO) ## Try it out: the dashboard on http://localhost:8000 (PORT=8100 make run moves it)
	@exec $(BIN)/python -m demo

test: $(VENV)/dev.stamp $(MO) ## Lint and run all tests; T=tests/pages/test_login.py runs just these, at once
ifeq ($(T),)
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -n 4 --dist loadgroup
else
	@$(BIN)/python -m pytest $(T)
endif

lint: $(VENV)/dev.stamp $(MO) ## Check style, types, floors, and that tables and migrations agree
	@$(BIN)/ruff check --no-cache
	@$(BIN)/ruff format --no-cache --check
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache > $(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }
	@rm -f $(VENV)/check.db*
	@export DEMO=1 DATABASE_URL=sqlite:///$(CURDIR)/$(VENV)/check.db && \
		$(BIN)/flask --app wsgi db upgrade 2> $(VENV)/check.log && $(BIN)/flask --app wsgi db check > $(VENV)/check.log 2>&1 \
		|| { cat $(VENV)/check.log; exit 1; }

fix: $(VENV)/dev.stamp ## Mend what a machine can mend
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

look: $(VENV)/dev.stamp $(MO) ## Four screenshots of a page, signed in: make look P=/connections/ AS=user@demo.test
	@$(BIN)/python -m demo.look "$(or $(P),/connections/)" "$(or $(AS),user@demo.test)"

migration: $(VENV)/dev.stamp ## Write a migration from the changed tables: make migration M="what it does"
	@test -n "$(M)" || { echo 'Say what it does: make migration M="…"'; exit 2; }
	@mkdir -p instance && DEMO=1 $(BIN)/flask --app wsgi db upgrade && DEMO=1 $(BIN)/flask --app wsgi db migrate -m "$(M)"

hooks: ## Run make lint before each commit
	@printf '#!/bin/sh\nexec make lint\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit

words: $(VENV)/run.stamp ## Collect the words of pages and types for translation (then edit messages.po)
	@PYTHONPATH=. $(BIN)/pybabel -q extract -F babel.cfg -k _l -k N_ --no-location --sort-output --omit-header \
		-o $(VENV)/messages.pot .
	@$(BIN)/pybabel -q update -i $(VENV)/messages.pot -o $(MO:.mo=.po) -l de --no-wrap --ignore-obsolete --no-fuzzy-matching
	@grep -vE $(NOISE) $(MO:.mo=.po) > $(VENV)/messages.po && cp $(VENV)/messages.po $(MO:.mo=.po)

%.mo: %.po | $(VENV)/run.stamp
	@$(BIN)/pybabel -q compile -i $< -o $@ -l $(word 3,$(subst /, ,$<))

lock: ## Resolve the requirements anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements-dev.txt

clean: ## Remove what was made: environment, demo data, packages
	rm -rf $(VENV) instance node_modules

$(VENV)/python.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Python 3.11 or newer is needed; $(PYTHON) is older or missing. Name one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "The environment can't be made in $(CURDIR): is the folder writable, and Python's venv module installed?"; exit 1; }
	@touch $@

$(VENV)/run.stamp: requirements.txt | $(VENV)/python.stamp
	@echo "Installing the requirements …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt | $(VENV)/run.stamp
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
