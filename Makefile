# Kuaihui 快回. `make demo` shows it, `make test` checks it; each does all the set-up it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
KUAIHUI := .venv/bin/kuaihui
# The first Python from 3.11 on that runs.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

.PHONY: help check-python setup setup-dev demo serve test lint unit bench play evaluate browser-test long-test clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

check-python:
	@[ -n "$(PYTHON)" ] || { echo "Kuaihui needs Python 3.11 or newer, and none was found: install one (apt install python3.11 python3.11-venv, brew install python@3.11, pyenv install 3.11), or name it: make PYTHON=/path/to/python3.11"; exit 1; }

setup: check-python ## both environments, Rasa's model, the demo shops
	@$(PYTHON) scripts/set_up.py
	@$(KUAIHUI) train
	@$(KUAIHUI) demo-shops

setup-dev: check-python
	@$(PYTHON) scripts/set_up.py --dev
	@$(KUAIHUI) train

demo: check-python ## set up what is missing, then serve the three demo shops
	@$(PYTHON) scripts/set_up.py
	@$(KUAIHUI) train
	@exec $(KUAIHUI) serve --demo

serve: ## serve what is in the database
	@exec $(KUAIHUI) serve

lint: ## ruff, mypy, import directions
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

test: setup-dev ## everything CI runs
	@$(MAKE) --no-print-directory lint
	@.venv/bin/pytest -q -n 2 --dist loadfile tests/unit tests/web
	@.venv/bin/pytest -q -n 2 --dist loadfile -m "not browser_full and not long" tests/integration tests/browser

unit: ## the tests that need no other process
	@.venv/bin/pytest tests/unit

long-test: setup-dev ## what takes minutes: every part killed while buyers write
	@.venv/bin/pytest -m long tests/integration

browser-test: setup-dev ## the pages in Chromium
	@.venv/bin/pytest tests/browser

bench: setup ## speed, as ratios in one run -> docs/performance.md
	@$(KUAIHUI) bench

play: setup ## play 600 conversations of buyers and score what software answered (PACK=file.yml: another pack)
	@$(KUAIHUI) play $(PACK)

evaluate: setup ## quality on self-made and real text -> docs/quality.md (EMBEDDER=name or path: another model's page)
	@.venv/bin/python -m benchmarks.quality $(if $(EMBEDDER),--embedder "$(EMBEDDER)") --out docs

clean: ## remove both environments (never the data in var/)
	@rm -rf .venv .venv-rasa build
