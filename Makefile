.DEFAULT_GOAL := help
.PHONY: help setup run test kills stories lint format fuzz bench lock wheel smoke pictures clean
BIN := .venv/bin

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make or refresh .venv (PYTHON=... chooses the interpreter)
	@PYTHON="$(PYTHON)" scripts/setup.sh

run: setup ## Run the sample county, or your own settings: make run CONFIG=mingdeng.toml
	$(BIN)/mingdeng $(if $(CONFIG),run --config $(CONFIG),sample up) $(ARGS)

test: setup ## Run the tests (ARGS="-k calendar" and the like are passed on)
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not slow and not kills and not fuzz and not pictures" $(ARGS)

lint: setup ## Check style, format, types and the direction of imports
	@failed=0; \
	for check in "ruff check --output-format concise" "ruff format --check" "mypy" "lint-imports --no-logo"; do \
	    echo "$(BIN)/$$check"; $(BIN)/$$check || failed=1; \
	done; exit $$failed

format: setup ## Put imports and layout in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

kills: setup ## Kill the product in the middle of its work, and see that nothing is lost or doubled
	$(BIN)/python -m pytest -n auto -m kills $(ARGS)

stories: setup ## Kill the product at every point of long stories, also on PostgreSQL
	$(BIN)/python -m pytest -n 2 -q -m slow --timeout 900 tests/stories $(ARGS)

fuzz: setup ## Look for faults with random input
	$(BIN)/python -m pytest -n 0 -s -m fuzz --timeout 0 $(ARGS)

pictures: setup ## Take a picture of every page in every look (TO=folder)
	PICTURES="$(or $(TO),var/pictures)" $(BIN)/python -m pytest -n 0 -q -m pictures tests/routines $(ARGS)

bench: setup ## Run the benchmarks, which print ratios measured in one run
	$(BIN)/python -m benchmarks $(ARGS)

lock: setup ## Write requirements.lock anew (ARGS=--upgrade takes the newest versions)
	UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip compile pyproject.toml --extra dev --universal --generate-hashes \
	    --no-emit-index-url --no-header --quiet $(ARGS) -o requirements.lock
	sed -i '1i # Made from pyproject.toml by `make lock`; names no host, so that any mirror serves.' requirements.lock

wheel: setup ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation

smoke: setup ## Build the wheel, install it elsewhere and run the smoke tests against it
	scripts/smoke.sh $(ARGS)

clean: ## Remove .venv, caches and builds
	rm -rf .venv dist build .setup.lock .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
