# Everything a reader of a fresh clone may want to type. Environments build themselves, and again when pyproject.toml changes.

PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
JOBS ?= 2
OUT ?= report-out
ANSWERS ?=

BIN := .venv/bin
BENCH := .venv-bench
MUTANTS := .venv-mutants
AREAS ?=
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check

.PHONY: help report test test-slow laws-thorough lint docs bench oracles mutants clean

help:
	@echo "make report     the report as one HTML page in $(OUT)/ (ANSWERS=file.csv for your own answers)"
	@echo "make test       unit tests, doctests and examples, on $(JOBS) cores (JOBS=n)"
	@echo "make test-slow  the statistical checks that take long"
	@echo "make laws-thorough  every law of estimators on 10,000 data sets, over many nights; goes on from where it was left"
	@echo "make lint       style, formatting and types"
	@echo "make docs       the documentation, in docs/_build/html/"
	@echo "make bench      speed against the peers, in an environment of its own"
	@echo "make oracles    reference figures again from R, where R is installed"
	@echo "make mutants    small changes to the mathematics, to see whether the tests notice (minutes an area; AREAS=\"core share\")"
	@echo "make clean      remove environments and everything built"

report: .venv/.run
	$(BIN)/python -m exportmodels report $(ANSWERS) --out $(OUT)
	@echo "The report lies in $(abspath $(OUT)): open the .html file there in a browser."

test: .venv/.test
	$(BIN)/python -m pytest -n $(JOBS) -m "not slow"

test-slow: .venv/.test
	$(BIN)/python -m pytest -n $(JOBS) -m slow

laws-thorough: .venv/.test
	nice -n 19 $(BIN)/python benchmarks/thorough.py --state .laws_thorough.json

lint: .venv/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/.docs
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "The documentation lies in $(abspath docs/_build/html)/index.html"

bench: $(BENCH)/.installed
	$(BENCH)/bin/python benchmarks/run.py

oracles:
	$(MAKE) -C tests/oracles

mutants: $(MUTANTS)/.installed
	$(MUTANTS)/bin/python benchmarks/mutants.py $(AREAS)

clean:
	rm -rf .venv $(BENCH) $(MUTANTS) $(OUT) mutants docs/_build docs/api/generated docs/auto_examples
	rm -rf .mypy_cache .ruff_cache .hypothesis build dist

# A stamp file says which of the extras of pyproject.toml an environment holds; `run` stands for none of them.
.venv/.run .venv/.test .venv/.lint .venv/.docs: .venv/.%: pyproject.toml | .venv/bin/pip
	@echo "Installing the package ($*) into .venv; the first time takes a few minutes."
	$(BIN)/python $(PIP_INSTALL) --editable '.$(if $(filter run,$*),,[$*])'
	@touch $@

$(BENCH)/.installed: pyproject.toml benchmarks/requirements.txt | $(BENCH)/bin/pip
	@echo "Installing the package and its peers into $(BENCH); the first time takes a few minutes."
	$(BENCH)/bin/python $(PIP_INSTALL) --editable . --requirement benchmarks/requirements.txt
	@touch $@

$(MUTANTS)/.installed: pyproject.toml | $(MUTANTS)/bin/pip
	@echo "Installing the package and mutmut into $(MUTANTS); the first time takes a few minutes."
	$(MUTANTS)/bin/python $(PIP_INSTALL) --editable '.[test]' 'mutmut>=3.8'
	@touch $@

.venv/bin/pip $(BENCH)/bin/pip $(MUTANTS)/bin/pip: %/bin/pip:
	@for python in $(PYTHON); do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    exec "$$python" -m venv $*; \
	  fi; \
	done; \
	echo "No Python here can make the environment: tried $(PYTHON)."; \
	echo "Python 3.11 or later with the modules venv and ensurepip is needed."; \
	echo "On Debian and Ubuntu the modules come with: sudo apt install python3-venv"; \
	echo "Another Python is named by: make PYTHON=/path/to/python3.12 ..."; \
	exit 1
