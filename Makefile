# One word per job. The build itself is CMake's; this file only names the common ways to call it.
BUILD ?= build
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
# Asked for in the recipe, after `packages`, and only for a new build folder: CMake refuses to change a folder's generator.
GENERATOR = $$([ -f $(BUILD)/CMakeCache.txt ] || { command -v ninja >/dev/null 2>&1 && echo -G Ninja; })
CMAKE_ARGS ?=
MAKEFLAGS += --no-print-directory

.PHONY: all packages build check check-all demo bench judge-opinfo manual install clean help

all: build

help:
	@echo 'make            install what the build needs, then build the library, the torsh command, tests and examples'
	@echo 'make demo       build, then train a CNN on Fashion-MNIST (or small embedded digits) and write a report'
	@echo 'make check      build, then run all tests (about two minutes)'
	@echo 'make check-all  sanitizers, fuzzers, every instruction set, other compilers and architectures, linters'
	@echo 'make bench      compare with PyTorch in a private environment'
	@echo 'make judge-opinfo OPS="cumsum topk"  judge all ops, or those, by PyTorch'"'"'s own test inputs (OpInfo)'
	@echo 'make manual     build/manual/index.html and man pages, from the headers and the op tables'
	@echo 'make install    PREFIX=/usr/local'

packages:
	@tools/install-packages.sh packages.txt

configure: packages
	@command -v cmake >/dev/null || { echo 'ToRSh is built with CMake (3.18 or later) and a C compiler; there is no cmake here.' >&2; exit 1; }
	@cmake -S . -B $(BUILD) $(GENERATOR) -DCMAKE_INSTALL_PREFIX=$(PREFIX) $(CMAKE_ARGS) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@sed -n '/^-- ToRSh /p; /^--   /p' $(BUILD).log; rm -f $(BUILD).log

build: configure
	@cmake --build $(BUILD) -j $(JOBS)

check: build
	@cd $(BUILD) && ctest --no-tests=error --output-on-failure -j $(JOBS)

check-all: check
	@tools/install-packages.sh packages-check-all.txt
	@tests/check-all.sh

demo: build
	@$(BUILD)/examples/fashion_mnist/fashion_mnist_train --out $(BUILD)/demo $(DEMO_ARGS)

bench: build
	@bench/run.sh $(BUILD) --write

judge-opinfo: build
	@tests/judges/opinfo/run.sh $(BUILD) --jobs $(JOBS) $(OPS)

manual: build
	@python3 tools/manual.py $(BUILD)/tools/torsh $(BUILD)/manual

install: build
	@cmake --install $(BUILD) --prefix $(PREFIX)

clean:
	@rm -rf $(BUILD)
