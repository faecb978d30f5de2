# The one door for developers: `make help` lists the targets, `make test` is exactly what CI runs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
export PYTHONDONTWRITEBYTECODE := 1
export SAM_CLI_TELEMETRY := 0
# The pinned uv wins over any other, here and in the layers' makefiles, which SAM runs elsewhere.
export PATH := $(CURDIR)/.uv/bin:$(PATH)

include layers/runtime.mk # python,<version>: finds an interpreter

PY := .venv/bin/python
SAM := .venv-sam/bin/sam
CONFIG ?= dev
ENDPOINT ?= http://127.0.0.1:4566

MACHINE := $(patsubst arm64,aarch64,$(shell uname -m))
HOST_PLATFORM := $(MACHINE)-$(if $(filter Darwin,$(shell uname -s)),apple-darwin,manylinux_2_28)

##@ Start here

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: environments ## Run the whole product here: a phone, a core system, one URL to open (Ctrl-C ends it)
	@$(PY) -m sandbox demo

.PHONY: smoke
smoke: environments ## The same without a person: play a customer, check the core's journal, exit 0 or 1
	@$(PY) -m sandbox smoke

.PHONY: setup
setup: environments system-packages ## Install everything: environments from uv.lock, Chromium and valgrind from apt

##@ Checks (cheapest first)

.PHONY: lint
lint: .venv/.synced .venv-sam/.synced .venv-checkov/.synced ## ruff, format, import directions, workflows, template (source and expanded)
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/lint-imports --no-cache
	@$(PY) -m closeloop.authoring lint layers/workflows
	@$(PY) -m tools.template.lint

.PHONY: types
types: .venv/.synced ## pyright, strict on the package, the functions and the sandbox
	@.venv/bin/pyright

.PHONY: unit
unit: .venv/.synced ## Pure decisions: no socket, milliseconds each
	@$(PY) -m pytest tests/unit -q -n auto

.PHONY: contract
contract: .venv/.synced ## Template, state machine, events, settings, imports
	@$(PY) -m pytest tests/contract -q -n auto

.PHONY: integration
integration: environments ## Adapters and use cases on in-process AWS, crash matrices
	@$(PY) -m pytest tests/integration -q -n auto

.PHONY: e2e
e2e: setup ## The deployed stack on the emulator with IAM enforced, and a real browser
	@$(PY) -m pytest tests/e2e -q

.PHONY: check
check: environments ## lint + types + unit + contract: two minutes at most
	@$(MAKE) -j2 --output-sync=target lint types unit contract

.PHONY: test
test: check integration e2e ## Everything that CI runs

.PHONY: test-all-pythons
test-all-pythons: test-on-3.11 test-on-3.12 test-on-3.13 ## Unit and contract tests on every supported Python that is installed (pyenv's too)

test-on-%: .uv/bin/uv
	@interpreter="$(call python,$*)"; \
	if [ -z "$$interpreter" ]; then echo "python$* is not installed here: skipped"; exit 0; fi; \
	echo "python$*: unit and contract tests"; \
	UV_PROJECT_ENVIRONMENT=build/venv-$* uv sync -q --frozen -p "$$interpreter"; \
	build/venv-$*/bin/python -m pytest tests/unit tests/contract -q -n auto

##@ Figures

.PHONY: bench
bench: setup ## Counts, not milliseconds: transitions, calls, units, instructions, cost
	@$(PY) -m tools.bench

.PHONY: bench-accept
bench-accept: setup ## The same, and make these the figures to compare with (docs/benchmarks.md)
	@$(PY) -m tools.bench --accept

.PHONY: screenshots
screenshots: setup ## Photograph phone, pages and case for the README
	@$(PY) -m sandbox screenshots

##@ Build and deploy

.PHONY: build
build: environments ## Build for AWS: python3.13 on arm64, from any machine, without Docker
	@$(SAM) build --config-env $(CONFIG)

.PHONY: deploy
deploy: build ## Deploy to AWS; asks for what the template needs (CONFIG=prod for production)
	@$(SAM) deploy --guided --config-env $(CONFIG)

.PHONY: build-local
build-local: environments ## Build for this machine's platform and Python, as the emulator runs it
	@BYTECODE_PYTHON="$(CURDIR)/.venv-emulator/bin/python" PLATFORM=$(HOST_PLATFORM) \
	  PYTHON_VERSION=$$(.venv-emulator/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])') \
	  $(SAM) build --config-env local

.PHONY: deploy-local
deploy-local: build-local ## Deploy to an emulator that runs already: make deploy-local ENDPOINT=http://127.0.0.1:4566
	@AWS_ENDPOINT_URL=$(ENDPOINT) AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test \
	  $(SAM) deploy --config-env local

##@ Housekeeping

.PHONY: lock
lock: .uv/bin/uv ## Resolve pyproject.toml anew and export the dependencies layer
	@uv lock
	@$(MAKE) export

.PHONY: export
export: .uv/bin/uv ## Write the dependencies layer's requirements from uv.lock, with hashes
	@uv export -q --frozen --no-default-groups --no-emit-project --no-header \
	  --output-file layers/dependencies/requirements.txt

.PHONY: format
format: .venv/.synced ## Let ruff put the code in order
	@.venv/bin/ruff check --fix --exit-zero
	@.venv/bin/ruff format

.PHONY: clean
clean: ## Remove builds and caches
	@rm -rf .aws-sam build .hypothesis .pytest_cache .ruff_cache .import_linter_cache .sandbox

.PHONY: clean-all
clean-all: clean ## Remove the environments too
	@rm -rf .uv .venv .venv-emulator .venv-sam .venv-checkov

# --- how the environments come about -------------------------------------------------------------

.PHONY: environments
environments: .venv/.synced .venv-emulator/.synced .venv-sam/.synced .venv-checkov/.synced

# pip --target needs neither venv nor a writable system Python.
.uv/bin/uv:
	@echo "installing uv $(UV_VERSION) into .uv"
	@python3 -m pip install -q --root-user-action=ignore --disable-pip-version-check --target .uv uv==$(UV_VERSION) || \
	  { echo "could not install uv: python3 with pip is needed (apt-get install python3-pip)"; exit 1; }

.venv/.synced: pyproject.toml uv.lock | .uv/bin/uv
	@uv sync -q --frozen
	@touch $@

# --only-group: these tools pin what the product needs newer, so they live apart.
.venv-%/.synced: pyproject.toml uv.lock | .uv/bin/uv
	@UV_PROJECT_ENVIRONMENT=.venv-$* uv sync -q --frozen --only-group $*
	@touch $@

# Chromium for the browser tests, valgrind for the instruction counts.
.PHONY: system-packages
system-packages:
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v valgrind >/dev/null || missing="$$missing valgrind"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	  echo "missing:$$missing. Please install (Debian: sudo apt-get install$$missing)."; \
	  echo "Chromium plays the customer's browser, valgrind counts instructions."; exit 1; fi; \
	echo "installing$$missing from apt"; \
	apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
	  --no-install-recommends $$missing >build-apt.log 2>&1 || \
	  { tail -20 build-apt.log; exit 1; }; rm -f build-apt.log
