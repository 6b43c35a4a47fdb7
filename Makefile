# Egress. Only Go, Node and make are needed to run it; `make test` says what else it wants.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

# Prints the path of the linter, which it builds: it must not be built with LINT_FLAGS.
GOLANGCI := go tool -modfile=$(CURDIR)/tools/go.mod -n golangci-lint
# A Go module of its own: the server that bench-fanout compares Egress with.
PEER := bench/fanout/centrifuge
# No paths of the machine in the binary. Everywhere, so that vet, the linters and the build compile each package once.
export GOFLAGS := $(strip $(filter-out -trimpath,$(GOFLAGS)) -trimpath)
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
PAGES := $(shell find frontend -type f -not -path 'frontend/dist/*' -not -path 'frontend/e2e/*' -not -path 'frontend/screenshots/*' -not -path 'frontend/timing/*' -not -path 'frontend/test-results/*' -not -name '*.go') internal/auth/strength/common.txt internal/api/openapi.yaml

# Flags of a benchmark: `make bench BENCH='-tenant acme -runs 5'`, `make bench-embedded BENCH='-users 1000000'`,
# `make bench-fanout BENCH='-loads 4000/200'`.
BENCH ?=

# The race detector. SQLite, which was translated from C, runs without it: that watches Go's memory, and would make
# SQLite several times slower.
RACE := -race -gcflags=modernc.org/sqlite/lib=-race=false

# Flags of the compiler for the linters, which read what it writes. `make test` gives them those of the tests, so that
# each package is compiled once for both.
LINT_FLAGS ?=

# How long each fuzzer of `make soak` runs.
FUZZTIME ?= 10m

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Build, then serve with demo data on http://127.0.0.1:8080 (data in ./data)
	@exec bin/egress serve --demo

.PHONY: dev
dev: node_modules/.package-lock.json ## The server, and pages that follow their sources, on http://localhost:5173
	@go build -o bin/egress-dev ./server
	@bin/egress-dev serve --demo & server=$$!; trap 'kill $$server; wait $$server' EXIT; npm run --silent dev

.PHONY: build
build: frontend/dist/index.html ## Build the pages and the program, into bin/egress
	@go build -tags dist -ldflags '-s -w -X main.version=$(VERSION)' -o bin/egress ./server

.PHONY: test
test: ## All checks and tests: generated files, linters, types, units, race detector, browser
	@scripts/test-setup.sh
	@$(MAKE) check-generated
	@$(MAKE) lint LINT_FLAGS='$(RACE)'
	@$(MAKE) build
	@$(MAKE) test-go
	@scripts/test-together.sh
	@echo; echo "make test: everything passed"

.PHONY: check
check: node_modules/.package-lock.json ## While working: generated files, linters, types, unit tests of what changed; no browser
	@$(MAKE) check-generated
	@$(MAKE) lint
	@scripts/check-changed.sh
	@echo; echo "make check: everything passed"

.PHONY: soak
soak: node_modules/.package-lock.json ## The long ones: filters, encoder, kills, fuzzing (hours)
	scripts/soak.sh $(FUZZTIME)

.PHONY: generate
generate: node_modules/.package-lock.json ## Make what is made from internal/api/openapi.yaml
	@scripts/generate.sh .

.PHONY: lint
lint: node_modules/.package-lock.json ## go vet, golangci-lint, Biome, TypeScript, words, layers, large types
	golangci=$$($(GOLANGCI)) && export GOFLAGS="$(strip $(GOFLAGS) $(LINT_FLAGS))" && \
		go vet ./... && $$golangci run && cd $(PEER) && go vet ./... && $$golangci run
	npm run --silent lint
	npm run --silent types
	scripts/check-language.sh
	scripts/check-layers.sh
	go run ./scripts/shape

.PHONY: bench
bench: ## The benchmarks; with EGRESS_MONGODB_URI set also the engine against that database (docs/benchmarks.md)
	go test -run '^$$' -bench . -benchmem -p 1 -timeout 2h ./...
	@if [ -n "$${EGRESS_MONGODB_URI:-}" ]; then go run ./bench $(BENCH); \
	else echo "The engine was not measured: set EGRESS_MONGODB_URI to a MongoDB with users (docs/benchmarks.md)."; fi

.PHONY: bench-embedded
bench-embedded: build ## The embedded store end to end: imports, requests, exports, a page (docs/benchmarks.md)
	go run ./bench/embedded $(BENCH)

.PHONY: bench-fanout
bench-fanout: build ## Live progress on thousands of sockets, next to the library centrifuge (docs/benchmarks.md)
	go -C $(PEER) build -o $(CURDIR)/bin/bench-centrifuge .
	go run ./bench/fanout $(BENCH)

.PHONY: bench-console
bench-console: build ## The time until each screen of the console shows its data, in Chromium (docs/console.md)
	npm run --silent bench-console

.PHONY: audit
audit: node_modules/.package-lock.json ## Known vulnerabilities; fails on one, and where it cannot ask
	@scripts/audit.sh

.PHONY: screenshots
screenshots: build ## Render docs/pictures from the built program: the pictures and the animation of README.md
	npm run --silent screenshots

.PHONY: clean
clean: ## Remove what was built (not the data)
	rm -rf bin frontend/dist frontend/test-results node_modules

# The parts of `make test`.

.PHONY: check-generated
check-generated: node_modules/.package-lock.json
	@scripts/check-generated.sh

.PHONY: test-pages
test-pages: node_modules/.package-lock.json
	npm run --silent test

# Every package with the race detector and in an order of its own. A cached pass says nothing about a race: -count=1.
# The server takes longest, so it is listed, and starts, first; it runs once. `make lint` has vetted the packages.
.PHONY: test-go
test-go:
	go test $(RACE) -vet=off -count=1 -shuffle=on -p 2 -timeout 20m ./server ./...
	go test -count=1 -tags dist ./frontend

.PHONY: test-browser
test-browser: node_modules/.package-lock.json
	npm run --silent browser

# npm ci runs only after the lockfile changed.
node_modules/.package-lock.json: package.json package-lock.json .npmrc
	@scripts/check-node.sh
	npm ci
	@touch $@

frontend/dist/index.html: node_modules/.package-lock.json vite.config.ts $(PAGES)
	npm run --silent build
	@touch $@
