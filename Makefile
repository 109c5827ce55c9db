# Everything needs only make and a Python of 3.11 to 3.13; each target makes .venv when it is missing.

.SHELLFLAGS := -eu -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	"$$name" -c '$(FITS)' 2>/dev/null && { echo "$$name"; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO_DESK := --journal sqlite:///demo/journal.db --store demo/store --segments demo/segments \
	--portfolio demo/portfolio --monitor demo/monitor --pack standard --demo
MODELS ?= $(if $(wildcard out/models/champion),out/models,demo/models)

export MPLBACKEND ?= agg

.PHONY: help demo test lint format serve bench notebooks soak docs lock install clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(READY) ## The whole way once on simulated loans; BOOK=folder takes your own tables
	$(BIN)/loanwatch demo --out demo $(if $(BOOK),--book "$(BOOK)")

test: $(READY) ## Run the tests; ARGS="tests/book -x" narrows them
	$(BIN)/pytest -n auto --dist loadfile $(ARGS)

lint: $(READY) ## Style, types and the import rule
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(READY) ## Sort imports and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

serve: $(READY) ## Serve the API and the desk (/desk) on port 8000: the champion of out/models, else the demo
	$(BIN)/loanwatch serve --models $(MODELS) $(if $(filter demo/%,$(MODELS)),$(DEMO_DESK)) $(ARGS)

bench: $(READY) ## Measure the features, the way from tables to scores, and the API, on this machine
	$(BIN)/python -m benchmarks.features --write docs/performance.md
	rm -rf out/bench
	$(BIN)/python benchmarks/pipeline.py --keep out/bench $(ARGS)
	$(BIN)/python -m benchmarks.api --models out/bench/models

notebooks: $(READY) ## Run every notebook from top to bottom
	$(BIN)/jupyter execute --timeout=600 notebooks/*.ipynb

soak: $(READY) ## 30 minutes of mixed load at half capacity; ARGS="--minutes 5" shortens it
	$(BIN)/python -m benchmarks.soak --models $(MODELS) $(ARGS)

docs: $(READY) ## Write the generated pages again
	$(BIN)/python -m loanwatch.pages docs

lock: $(READY) ## Resolve the dependencies again
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--python-version 3.11 --extra train --extra postgres --extra pdf --extra dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--python-version 3.11 --constraint requirements.lock pyproject.toml -o locks/serve.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--python-version 3.11 --constraint requirements.lock --extra spark pyproject.toml -o locks/spark.lock

install: $(READY) ## Only make .venv

clean: ## Remove what the targets made; .venv and the tracking store stay
	rm -rf demo out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# The lock names every file by hash; uv is taken from it too, and where uv cannot reach the index, pip installs.
$(BIN)/python:
	@"$(PYTHON)" -c '$(FITS)' 2>/dev/null || { \
		echo "Loanwatch needs Python 3.11, 3.12 or 3.13; found: $$("$(or $(PYTHON),python3)" --version 2>&1 || true)." >&2; \
		echo "Name one with: make $(or $(MAKECMDGOALS),demo) PYTHON=/path/to/python3.12" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Could not make $(VENV). On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(BIN)/uv: | $(BIN)/python
	awk '/^uv==/ {on = 1} on {print} on && !/\\$$/ {exit}' requirements.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock

$(READY): requirements.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r requirements.lock \
		|| $(BIN)/python -m pip install --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@$(BIN)/python -c 'import lightgbm' || { \
		echo "LightGBM needs the OpenMP runtime. On Debian or Ubuntu: apt-get install libgomp1" >&2; exit 1; }
	touch $@
