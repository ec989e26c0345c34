# Every target is one line that calls a tool; `make` prints them.
PRESET ?= release
NODES  ?= 2
NAME   ?= local
SKIFF   = build/$(PRESET)/bin/skiff
JOBS   ?= $(shell nproc)
CTEST   = ctest --test-dir build/$(PRESET) --output-on-failure --parallel $(JOBS)

.DEFAULT_GOAL := help
.PHONY: help deps build test test-root test-unit test-kernels integration lint fmt tidy asan tsan fuzz bench bench-datapath images image up down clean

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## install what building and testing need, from the distribution's packages
	@deploy/deps.sh

build: ## build everything (PRESET=release|dev|asan|tsan|fuzz)
	@tools/build.sh $(PRESET) $(JOBS)

images: build ## build the OCI archives of pause, busybox, nginx and echo
	@deploy/images/build.py --bin build/$(PRESET)/bin --out build/images

image: build ## build the OCI archive of the agent that deploy/daemonset.yaml runs
	@deploy/images/build.py --bin build/$(PRESET)/bin --out build/images --image agent

up: deps ## start a cluster on this machine (NODES=2, NAME=local)
	@$(MAKE) --no-print-directory images && $(SKIFF) up --name $(NAME) --nodes $(NODES)

down: ## stop the cluster and leave nothing behind
	@$(SKIFF) down --name $(NAME)

test: deps ## install dependencies, build, run every test that can run here
	@$(MAKE) --no-print-directory images && $(CTEST)

test-unit: build ## tests that need no root
	@$(CTEST) -L unit

test-root: images ## tests that need root: eBPF programs, namespaces, clusters
	@$(CTEST) -L 'root|integration'

integration: images ## the cluster tests alone
	@$(CTEST) -L integration

test-kernels: build ## load every eBPF program and run its tests on the distribution's kernels, in QEMU
	@deploy/deps.sh --kernels && tools/fetch_kernels.sh && tools/test_kernels.py build/$(PRESET)

asan: ## unit tests under AddressSanitizer and UBSan
	@tools/build.sh asan $(JOBS) unit_tests && ctest --test-dir build/asan --output-on-failure --parallel $(JOBS) -L unit

tsan: ## unit tests under ThreadSanitizer
	@tools/build.sh tsan $(JOBS) unit_tests && ctest --test-dir build/tsan --output-on-failure --parallel $(JOBS) -L unit

fuzz: ## every fuzzer for a short while (SECONDS_EACH=30)
	@tools/fuzz.sh $(or $(SECONDS_EACH),30)

bench: images ## measure against the peers of docs/BENCHMARKS.md
	@tools/bench.sh build/$(PRESET)/bin

bench-datapath: images ## Services by skiff beside none and beside kube-proxy's rules; tables and plots in build/bench
	@bench/datapath_bench.py build/$(PRESET)/bin build/images --out build/bench

lint: ## include rules, sizes, macros, format, shell
	@tools/lint.sh

tidy: ## clang-tidy over every source of ours
	@tools/build.sh dev $(JOBS) && run-clang-tidy-19 -quiet -p build/dev '$(CURDIR)/(base|api|kube|agent|controller|cni|cli)/.*\.cpp$$'

fmt: ## format every source of ours
	@git ls-files '*.cpp' '*.h' 'bpf/*.c' | xargs clang-format-19 -i

clean: ## remove everything built
	@rm -rf build
