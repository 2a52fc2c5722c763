# Two commands matter: `make run` and `make test`. Both prepare .venv by themselves and only when something changed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TRAINED ?=
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test format coverage pretrain bench clean
MAKEFLAGS += --no-print-directory

help:
	@echo "make run       start the explorer on http://127.0.0.1:7860 (other address: make run HOST=0.0.0.0 PORT=8000)"
	@echo "make test      formatting, lint, types and all tests, the browser's included"
	@echo "make format    format the code and repair what the linter can"
	@echo "make coverage  which lines the tests never reach"
	@echo "make pretrain  train the shipped models again (some of them: make pretrain TRAINED='dense linear')"
	@echo "make bench     print the tables of the README; load.py, chaos.py, fuzz.py, cluster.py, peers.py and k_sparse.py take longer"
	@echo "make clean     remove caches; the virtual environment stays in $(VENV)"

run: $(VENV)/.run
	@exec $(BIN)/python app.py

test: $(VENV)/.test
	@echo "== formatting" && $(BIN)/ruff format --check .
	@echo "== lint" && $(BIN)/ruff check .
	@echo "== types" && $(BIN)/mypy --strict
	@echo "== browser" && $(BIN)/python tests/browser/chromium.py || true
	@echo "== tests" && $(BIN)/python -m pytest --ignore tests/browser --numprocesses 2 --dist loadfile
	@echo "== tests in a browser" && $(BIN)/python -m pytest tests/browser

format: $(VENV)/.test
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

coverage: $(VENV)/.test
	@$(BIN)/python -m pytest --cov --cov-report=term

pretrain: $(VENV)/.run
	@$(BIN)/python -m explorer.training.pretrain $(TRAINED)

bench: $(VENV)/.test
	@for script in quality duel page map views training_speed; do \
	  echo "== $$script"; $(BIN)/python benchmarks/$$script.py || exit 1; done

clean:
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage build *.egg-info
	@echo "Caches are gone; rm -r $(VENV) removes the virtual environment too."

# The stamps say which list of packages the environment holds; a newer list is installed before anything else happens.
# On a terminal pip shows its progress, elsewhere only what went wrong.
$(VENV)/.run: requirements.txt $(BIN)/python
	@echo "Installing what the explorer needs into $(VENV) (the first time takes some minutes)"
	@quiet=-qq; [ -t 1 ] && quiet=; $(PIP_INSTALL) $$quiet -r requirements.txt
	@touch $@

$(VENV)/.test: requirements-dev.txt $(VENV)/.run
	@echo "Installing what the tests need into $(VENV)"
	@quiet=-qq; [ -t 1 ] && quiet=; $(PIP_INSTALL) $$quiet -r requirements.txt -r requirements-dev.txt
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "There is no $(PYTHON): install Python 3.11 to 3.13, or name it: make run PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "The explorer needs Python 3.11 to 3.13, and $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
	    "Name another one: make run PYTHON=python3.12"; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV) >/dev/null || { rm -rf $(VENV); \
	  echo "$(PYTHON) cannot create a virtual environment: install its venv module (Debian, Ubuntu: apt install python3-venv)"; \
	  exit 1; }
