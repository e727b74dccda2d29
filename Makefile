# `make` lists the targets. All that is needed is Go and, for the race detector, a C compiler; `make deps` gets the rest on Debian.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help

export GO ?= go
BINARY   := bin/pve-backup-exporter
# Tools are pinned in modules of their own, so that the product's go.mod lists what the product needs.
LINTER   := $(GO) tool -modfile=tools/lint/go.mod golangci-lint
TESTER   := $(GO) tool -modfile=tools/test/go.mod gotestsum --format=pkgname --format-hide-empty-pkg
# Servers and tools that tests run as programs of their own: modules below tools/, each of which lists its programs.
TOOLS    := alertmanager minio opentofu prometheus versitygw
FUZZTIME ?= 10m
BENCH    ?= .
ARGS     ?=
SCENARIOS ?= scenarios/stories

# The build is stamped with the commit and its date, and with nothing of the machine that builds.
STAMP    := github.com/prometheus/common/version
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null)
BRANCH   ?= $(shell git rev-parse --abbrev-ref HEAD 2>/dev/null)
DATE     ?= $(shell TZ=UTC git log -1 --format=%cd --date=format-local:%Y%m%d-%H:%M:%S 2>/dev/null)
LDFLAGS  := -s -w -X $(STAMP).Version=$(file <VERSION) -X $(STAMP).Revision=$(REVISION) -X $(STAMP).Branch=$(BRANCH) \
            -X $(STAMP).BuildDate=$(DATE) -X $(STAMP).BuildUser=make

.PHONY: help
help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## Run the exporter on a simulated cluster: nothing to install (ARGS=--web.listen-address=:10221)
	$(BINARY) demo $(ARGS)

.PHONY: run
run: build ## Run the exporter (ARGS=--config.file=config.yml)
	$(BINARY) serve $(ARGS)

.PHONY: build
build: ## Build bin/pve-backup-exporter
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BINARY) ./cmd/pve-backup-exporter

.PHONY: check
check: lint unit fresh ## Before every commit: format, vet, lint, unit tests, generated files (under two minutes)

.PHONY: test
test: check race fuzz-short full scenarios ## Everything; says what it skipped

.PHONY: lint
lint: ## Check format, vet and lint, and that the import rules bite
	$(LINTER) run ./...
	cd tools/lint && $(GO) test ./...
	@if command -v shellcheck >/dev/null; then set -x; shellcheck .ci/run tools/*.sh; else echo 'skipped: shellcheck is not installed (make deps)'; fi

.PHONY: fmt
fmt: ## Format the code
	$(LINTER) fmt ./...

.PHONY: unit
unit: ## Run the tests, without the slow ones
	$(TESTER) --hide-summary=skipped -- -short ./...

.PHONY: full
full: tools ## Run all tests, the slow ones too, and list those that skip
	$(TESTER) -- -timeout=20m ./...

.PHONY: tools
tools: $(TOOLS:%=bin/tools/.%) ## Build the servers and tools that tests run (Prometheus, MinIO, ...): minutes for the first time

# The tag leaves out Prometheus' service discoveries; other modules do not know it. `tool` is all programs of a module.
bin/tools/.%: tools/%/go.mod tools/%/go.sum
	$(GO) build -C tools/$* -tags=remove_all_sd -ldflags='-s -w' -o '$(CURDIR)/bin/tools/' tool
	@touch $@

.PHONY: race
race: ## Run the tests with the race detector, in random order
	@if [ "$$(CGO_ENABLED=1 $(GO) env CGO_ENABLED)" = 1 ] && command -v "$$($(GO) env CC)" >/dev/null; \
	then set -x; CGO_ENABLED=1 $(TESTER) --hide-summary=skipped -- -race -short -shuffle=on -timeout=20m ./...; \
	else echo 'skipped: the race detector needs a C compiler (make deps)'; fi

# A module of its own, with Prometheus as a library. Some minutes: more than a hundred stories, from days to a year long. It fails unless all
# that is told fires in time, and nothing else.
.PHONY: scenarios
scenarios: ## Play stories of clusters and score the alerting rules by them (SCENARIOS=directory)
	cd scenarios && $(GO) vet ./... && $(GO) test ./...
	cd scenarios && $(GO) run . -stories='$(abspath $(SCENARIOS))' $(ARGS)

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (10m)
	tools/fuzz.sh $(FUZZTIME)

.PHONY: fuzz-short
fuzz-short: ## Run each fuzz target for a few seconds
	tools/fuzz.sh 30000x

.PHONY: bench
bench: ## Run the benchmarks (BENCH=regular expression)
	$(GO) test -run='^$$' -bench='$(BENCH)' -benchmem ./... | grep -v 'no test files'

.PHONY: generate
generate: ## Write the generated files anew
	$(GO) generate ./...

.PHONY: fresh
fresh: ## Check that the generated files are up to date
	tools/fresh.sh $(MAKE) --no-print-directory generate

.PHONY: deps
deps: ## Install what the tests use beside Go, where apt-get and the rights are there
	tools/deps.sh

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin dist
