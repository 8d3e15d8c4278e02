# CRM Boost. `make run` starts it, `make test` proves it, `make help` lists the rest.
# Every target sets up what it needs; what has not changed is not done again.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PORT ?= 8000
DATA_DIR ?= data
export PORT DATA_DIR

BIN := .venv/bin
ONCE := $(or $(PYTHON),python3) scripts/once.py
NODE_LOCKS := frontend/package.json frontend/package-lock.json frontend/.npmrc

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: venv web ## Start CRM Boost on PORT (8000) with its data in DATA_DIR (./data); demo data on the first start
	@bash scripts/run.sh

.PHONY: staging
staging: venv web ## A second CRM Boost on STAGING_PORT (8001) with a copy of the data in which nobody can be recognised
	@bash scripts/staging.sh

.PHONY: test
test: ## Everything: style, types, layers, backend on both databases, web app, wheel, browser journeys
	@$(MAKE) --no-print-directory -j2 venv-dev node
	@bash scripts/test.sh

.PHONY: check
check: venv-dev node ## The quick part (under a minute): format, lint, types, layers, unit tests
	@bash scripts/check.sh

.PHONY: e2e
e2e: venv-dev web browser ## The browser journeys alone
	@bash scripts/e2e.sh

.PHONY: guide-pictures
guide-pictures: venv-dev web browser ## Take the pictures of docs/guides again, at the demo's desk
	@GUIDE_PICTURES=1 bash scripts/e2e.sh s-guides.spec.ts

.PHONY: bench
bench: venv-bench ## Measure the promises; ISSUE=n runs those of one number
	@$(BIN)/python scripts/bench.py $(ISSUE)

.PHONY: generate
generate: venv-dev node ## Write frontend/openapi.json and the TypeScript types from the server's code
	@$(BIN)/python scripts/generate_openapi.py
	@cd frontend && npm run --silent generate

.PHONY: migrate
migrate: venv ## Bring the database to the newest schema
	@$(BIN)/crm-boost migrate

.PHONY: seed
seed: venv ## Add the demo data (products, staff, databases); prints how to sign in
	@$(BIN)/crm-boost seed

.PHONY: build
build: venv-dev web ## Build the wheel, with the web app inside, into dist/
	@bash scripts/build_wheel.sh

.PHONY: lint
lint: venv-dev node ## Lint, types and layers, without tests
	@bash scripts/check.sh --no-tests

.PHONY: format
format: venv-dev node ## Format everything
	@$(BIN)/ruff check --quiet --fix-only backend scripts $(wildcard bench)
	@$(BIN)/ruff format --quiet backend scripts $(wildcard bench)
	@cd frontend && npm run --silent format

.PHONY: audit
audit: venv-dev node ## Known weaknesses of the packages (needs the network), and their licences
	@bash scripts/audit.sh

.PHONY: lock
lock: venv-dev ## Pin the newest allowed Python packages (needs uv)
	@bash scripts/lock.sh

.PHONY: clean
clean: ## Remove everything that can be made again (data stays)
	@rm -rf .venv .stamps dist frontend/node_modules frontend/dist frontend/test-results frontend/playwright-report \
		backend/dist backend/src/crm_boost/web_app .mypy_cache .ruff_cache .import_linter_cache \
		backend/.mypy_cache backend/.ruff_cache backend/.import_linter_cache backend/.hypothesis
	@find backend scripts -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what the targets stand on ---------------------------------------------------------------------------------------

.PHONY: venv venv-dev venv-bench node web browser
venv:
	@$(ONCE) --stamp .venv/.stamp-runtime --output $(BIN)/crm-boost \
		--input backend/requirements.lock backend/requirements-build.lock backend/pyproject.toml \
		-- bash scripts/install_python.sh runtime

venv-dev:
	@$(ONCE) --stamp .venv/.stamp-dev --output $(BIN)/crm-boost $(BIN)/pytest \
		--input backend/requirements-dev.lock backend/pyproject.toml \
		-- bash scripts/install_python.sh dev

venv-bench: venv-dev
	@$(ONCE) --stamp .venv/.stamp-bench --output $(BIN)/crm-boost \
		--input backend/requirements-bench.lock backend/pyproject.toml \
		-- bash scripts/install_python.sh bench

node:
	@$(ONCE) --stamp frontend/node_modules/.stamp --output frontend/node_modules --input $(NODE_LOCKS) \
		-- bash scripts/install_node.sh

web: node
	@$(ONCE) --stamp .stamps/web --output backend/src/crm_boost/web_app/index.html --input frontend \
		--exclude dist e2e test-results playwright-report '*.tsbuildinfo' '*.test.ts' '*.test.tsx' \
		-- bash scripts/build_web.sh

browser:
	@bash scripts/system_packages.sh
