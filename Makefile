# `make` lists the targets. It needs only make and Python 3.11 or newer. To use another Python than `python3`:
# make run PYTHON=python3.12
.DEFAULT_GOAL := help
.PHONY: help run test screenshots simulate check docs bench build deploy openapi picture lock clean

PYTHON ?= python3
STAGE ?= local
JOBS ?= 2
BIN := .venv/bin

# The environment passes the value unchanged. In a recipe, make would expand $ and the shell would interpret the rest.
override export PARAMETERS := $(value PARAMETERS)

# A change of the locked requirements or of the Python version installs the environment again.
PYTHON_VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
INSTALLED := .venv/installed-$(PYTHON_VERSION)-$(shell cksum < requirements/dev.txt | cut -d ' ' -f 1)

# The docs site has an environment of its own. `make run` and `make test` do not wait for it.
DOCS_INSTALLED := .venv-docs/installed-$(PYTHON_VERSION)-$(shell cksum < requirements/docs.txt | cut -d ' ' -f 1)

help: ## list the targets
	@awk -F ':[^#]*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(INSTALLED) ## run the product on this machine with a demo (PORT=8787; DEMO=0 skips the demo, FRESH=1 the kept data)
	@exec $(BIN)/python -m local.run

test: $(INSTALLED) ## run all tests (JOBS=2 in parallel; ARGS="tests/journeys -k retry" selects some)
	@$(BIN)/python -m local.npm_packages
	@$(BIN)/python -m local.console build
	@$(BIN)/python -m local.console test
	$(BIN)/pytest -n $(JOBS) $(ARGS)

screenshots: $(INSTALLED) ## write each screen of the console to .local/screenshots (360, 1440 and 2560 wide, light and dark)
	@$(BIN)/python -m local.npm_packages
	@$(BIN)/python -m local.console build
	SCREENSHOTS=1 $(BIN)/pytest -n $(JOBS) tests/console $(ARGS)

simulate: $(INSTALLED) ## run random histories of the event path (SECONDS=3600, EVENTS=; SEED= repeats one)
	@PYTHONPATH=functions:layers/core:. SECONDS=$(SECONDS) EVENTS=$(EVENTS) SEED=$(SEED) $(BIN)/python -m tests.simulation

check: $(INSTALLED) $(DOCS_INSTALLED) ## check formatting, lint, types, the template, openapi.json, generated clients, the docs and the console
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy functions layers/core local tests bench
	$(BIN)/python -m local.sam validate --lint --region us-east-1
	$(BIN)/python -m local.openapi --check
	@.venv-docs/bin/python -m local.docs_site
	@$(BIN)/python -m local.clients
	$(BIN)/python -m local.console check

docs: $(DOCS_INSTALLED) ## build the docs site into site/ and check its links
	@.venv-docs/bin/python -m local.docs_site

bench: $(INSTALLED) ## run the measurements and compare each with its baseline
	$(BIN)/python -m bench

build: $(INSTALLED) ## build functions and layers with bytecode into .aws-sam/build (STAGE=local, dev or prod)
	@$(BIN)/python -m local.build $(STAGE)

deploy: $(INSTALLED) ## deploy to your AWS account (STAGE=dev or prod; parameters/<stage>.toml, PARAMETERS="Name=value 'Name=a b'")
	@$(BIN)/python -m local.release $(STAGE)

openapi: $(INSTALLED) ## generate openapi.json from the routes and their schemas
	$(BIN)/python -m local.openapi

picture: $(INSTALLED) ## make the picture of the console in the README
	@$(BIN)/python -m local.picture

lock: $(INSTALLED) ## pin the newest versions of all dependencies
	$(BIN)/python -m local.lock

clean: ## delete all generated files, including the environment
	rm -rf .venv .venv-docs .aws-sam .cache site .local .mypy_cache .pytest_cache .ruff_cache .hypothesis local/npm/node_modules console/node_modules functions/console/assets
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

define CHECK_PYTHON
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Latchhook needs Python 3.11 or newer, and $(PYTHON) is $(or $(PYTHON_VERSION),missing). Choose another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; \
	exit 1; }
endef

.venv/installed-%:
	$(CHECK_PYTHON)
	@$(PYTHON) local/install.py
	@touch $@

.venv-docs/installed-%:
	$(CHECK_PYTHON)
	@$(PYTHON) local/install.py .venv-docs docs.txt
	@touch $@
