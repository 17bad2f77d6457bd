# SPDX-License-Identifier: Apache-2.0
# The two commands that everybody needs are `make demo` and `make test`; `make help` lists the others.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
PRESET ?= dev
BUILD := build/$(PRESET)
ROOT ?= ../shared/vectors
EVIDENCE ?= ../shared/evidence
FUZZ_SECONDS ?= 60

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## install what is missing (system packages)
	@tools/deps build test

.PHONY: configure
configure: deps
	@cmake --preset $(PRESET) > $(or $(TMPDIR),/tmp)/openpcc-configure.log 2>&1 || { cat $(or $(TMPDIR),/tmp)/openpcc-configure.log; exit 1; }

.PHONY: programs
programs: configure ## build the programs
	@echo "build: programs, on $(JOBS) cores"
	@cmake --build $(BUILD) -j $(JOBS) --target openpcc libopenpcc openpcc-admin relayd gatewayd noded

.PHONY: all
all: configure ## build everything
	@echo "build: everything, on $(JOBS) cores"
	@cmake --build $(BUILD) -j $(JOBS)

.PHONY: engine
engine: deps ## fetch the demo's engine (llama-server), outside the system
	@tools/engine/fetch

.PHONY: demo
demo: programs engine ## start every role with a real engine and ask it
	@$(BUILD)/bin/openpcc demo --engine-root "$$(tools/engine/fetch --print-root)" --model models/demo/demo.gguf

.PHONY: attack
attack: programs engine ## the demo, then attacks on the live system
	@$(BUILD)/bin/openpcc demo --attack --engine-root "$$(tools/engine/fetch --print-root)" --model models/demo/demo.gguf

.PHONY: test
test: all engine ## build everything and run all tests
	@tools/test $(BUILD)

.PHONY: vectors
vectors: configure ## replay the test vectors under ROOT=DIR
	@cmake --build $(BUILD) -j $(JOBS) --target openpcc_vectors > $(or $(TMPDIR),/tmp)/openpcc-vectors.log 2>&1 || { cat $(or $(TMPDIR),/tmp)/openpcc-vectors.log; exit 1; }
	@$(BUILD)/bin/openpcc_vectors $(ROOT)

# Without a ROOT of its own the collection beside the tree; with one, that collection completes issuers and collateral.
.PHONY: evidence
evidence: configure ## judge collected evidence under ROOT=DIR
	@cmake --build $(BUILD) -j $(JOBS) --target openpcc_evidence > $(or $(TMPDIR),/tmp)/openpcc-evidence.log 2>&1 || { cat $(or $(TMPDIR),/tmp)/openpcc-evidence.log; exit 1; }
	@$(BUILD)/bin/openpcc_evidence $(if $(filter file,$(origin ROOT)),$(EVIDENCE),$(ROOT)) $(EVIDENCE)

.PHONY: test-vllm
test-vllm: all ## run the engine tests with vLLM on the CPU (2.5 GB)
	@tools/deps vllm
	@tools/engine/vllm/install
	@OPENPCC_TEST_ENGINE=vllm tools/test $(BUILD) -R engine_conformance

.PHONY: asan tsan
asan tsan: ## run all tests under the sanitizers
	@$(MAKE) --no-print-directory test PRESET=$@

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZ_SECONDS
	@$(MAKE) --no-print-directory configure PRESET=fuzz
	@cmake --build build/fuzz -j $(JOBS) --target fuzzers
	@tools/fuzz build/fuzz $(FUZZ_SECONDS)

.PHONY: bench
bench: programs engine ## print our own cost against the floor
	@tools/bench $(BUILD)

.PHONY: release
release: ## build what is deployed: no simulated hardware
	@$(MAKE) --no-print-directory programs PRESET=release

.PHONY: packages
packages: deps ## make the Debian packages of what is deployed
	@JOBS=$(JOBS) tools/package/build release

.PHONY: test-packages
test-packages: deps ## build the packages twice, from two folders: the same bytes
	@JOBS=$(JOBS) tools/package/check release

.PHONY: test-first-hour
test-first-hour: engine ## run docs/operate/first-hour.md in a fresh Debian 12 (needs root)
	@tools/deps test
	@JOBS=$(JOBS) tools/package/build dev
	@python3 -B tests/package/first_hour.py build/dev/packages

.PHONY: clean
clean: ## remove what was built
	@rm -rf build
