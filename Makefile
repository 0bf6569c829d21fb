# Everything that one does to this repository, one word each: `make` alone lists them.
# It needs Python 3.11 or later with venv, make, and a package index. No root, no key, no other network.

.DEFAULT_GOAL := help
.PHONY: help install model demo all lint lint-imports types test cov fmt bench translation-cost docs translations docs-check changelog package conformance faults test-sdk lock prices clean

VENV ?= .venv
# Lazily expanded, and only while the environment is built: `make PYTHON=/path/to/python3.13 install` overrides it.
PYTHON ?= $(shell sh tools/find_python.sh)

BIN := $(VENV)/bin
RUN := $(BIN)/python
INSTALLED := $(VENV)/.installed

help: ## List the targets
	@sh tools/help.sh $(MAKEFILE_LIST)

install: $(INSTALLED) ## Create .venv and install the project with its locked dependencies

# Builds have no network of their own (--no-build-isolation): the build backend stands in the lock file too.
$(INSTALLED): requirements/dev.txt pyproject.toml
	@VENV="$(VENV)" PYTHON="$(PYTHON)" sh tools/install.sh

model: $(INSTALLED) ## Get the embedded model (98 MB, once) into your cache directory
	@$(BIN)/interlingua pull smollm2

demo: $(INSTALLED) ## Ask a real model through the gateway and through the library
	@$(RUN) -m tools.demo

all: lint types test ## Run all checks: lint, types, test

lint: $(INSTALLED) lint-imports docs-check ## Check style, layers, sizes, generated docs and changelog fragments
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m tools.style_metrics src/interlingua --check
	@$(RUN) -m tools.changelog check
	@$(RUN) -m tools.catalogues --check
	@$(RUN) -m tools.build_prices --check

lint-imports: $(INSTALLED) ## Check that imports point down the layers
	@$(BIN)/lint-imports --no-logo

# basedpyright is the pyright engine with node inside its wheel; the `pyright` package fetches node on its first run.
types: $(INSTALLED) ## Check types, strictly, over source and tests
	@$(BIN)/basedpyright

test: $(INSTALLED) model ## Run the whole test suite (warnings are errors, nothing is tried twice)
	@$(RUN) -m pytest -q

cov: $(INSTALLED) model ## Run the tests and show which branches they miss
	@$(RUN) -m coverage run -m pytest -q
	@$(RUN) -m coverage report

fmt: $(INSTALLED) ## Format the code and mend what can be mended
	@$(RUN) -m ruff check --fix-only --quiet .
	@$(RUN) -m ruff format .

bench: $(INSTALLED) ## Measure against other clients and gateways, side by side (minutes)
	@$(RUN) -m benchmarks $(ARGS)

translation-cost: $(INSTALLED) ## Measure what each pair of wires costs, beside LiteLLM's code, and write docs/translation-cost.md
	@$(RUN) -m benchmarks.translation --write

docs: $(INSTALLED) ## Write the generated parts of the docs again
	@$(RUN) -m tools.docs

translations: $(INSTALLED) ## Compile the translations of the palette
	@$(RUN) -m tools.catalogues

docs-check: $(INSTALLED) ## Check that the generated parts of the docs are fresh
	@$(RUN) -m tools.docs --check

changelog: $(INSTALLED) ## Show what the next release's notes say so far
	@$(RUN) -m tools.changelog draft

package: $(INSTALLED) ## Build the wheel and the source archive into dist/
	@$(RUN) -m hatchling build

conformance: $(INSTALLED) ## Run every official SDK over every wire behind, and write docs/conformance.md
	@$(RUN) -m tests.conformance

faults: $(INSTALLED) ## Show every fault to the gateway and the library, and write docs/reliability.md (40 minutes)
	@$(RUN) -m tests.faults --write $(ARGS)

test-sdk: $(INSTALLED) ## Test against real installs of every supported major version of the openai SDK
	@$(RUN) -m tools.test_sdk

lock: ## Resolve the newest dependencies and write requirements/*.txt
	@PYTHON="$(PYTHON)" sh tools/lock.sh

prices: $(INSTALLED) ## Write the packaged prices again, from the newest genai-prices in a throw-away environment
	@VENV="$(VENV)" sh tools/prices.sh

clean: ## Remove caches and build results; the virtual environment stays
	@rm -rf build dist .coverage .coverage.* .hypothesis .pytest_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
