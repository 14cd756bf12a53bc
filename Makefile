# Every target does its own set-up: tools/bootstrap.sh installs what is missing and is quick when nothing is.
# Set-up speaks on stderr, so stdout is the program's alone.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin

.PHONY: run test torture check format bench screenshots dist clean help

run: ## Open the window, or pass a command: make run ARGS='generate "A paper boat" --json'
	@tools/bootstrap.sh run
	@exec $(BIN)/veo-studio $(ARGS)

# Tests are files, sockets and processes of their own, so one process per core runs them (4 at the most).
# They start hundreds of processes, which must not compile the program each time: bytecode is written.
test: ## Run the tests; ARGS are pytest's, for example ARGS='-k retry'
	@tools/bootstrap.sh dev
	@QT_QPA_PLATFORM=offscreen exec env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist worksteal $(ARGS)

torture: ## Try every fault for about an hour and print what was tried: make torture ARGS='--scale 0.1'
	@tools/bootstrap.sh dev
	@exec $(BIN)/python -m tests.torture $(ARGS)

check: ## Check style, formatting, types and the import contracts
	@tools/bootstrap.sh dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: ## Put the code into its format and fix what can be fixed by itself
	@tools/bootstrap.sh dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: ## Measure start-up, memory, scrolling, search and downloads
	@tools/bootstrap.sh dev
	@exec $(BIN)/python -m benchmarks $(ARGS)

screenshots: ## Make the pictures in docs/images
	@tools/bootstrap.sh dev
	@$(BIN)/python tools/screenshots.py $(ARGS)
	@$(if $(ARGS),true,$(BIN)/python tools/gallery_pictures.py)

dist: ## Build a folder that runs without Python: dist/veo-studio
	@tools/bootstrap.sh dist
	@$(BIN)/pyinstaller --noconfirm --clean build.spec

clean: ## Remove the environment, build results and caches
	rm -rf .venv build dist .bootstrap.lock .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find src -name '*.egg-info' -type d -prune -exec rm -rf {} +

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile
