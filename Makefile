# Needs Python 3.10 or later (with venv and pip) and make; every target installs what it needs.
#
#   make demo         the tutorial, and questions to a small real corpus, on an embedded engine
#   make test         the whole test suite, on three processes
#   make lint         formatting, style, sizes, words, docstrings, dead code, the number of Any,
#                     generated files, public signatures and types, news fragments, layers,
#                     types; each alone as make check-format, check-style, ... check-public-types
#   make bench        ourselves and our peers on the same data, as Markdown tables
#   make answers      questions to a dictionary, by word and by meaning; ASK='"a question" …'
#
#   make dist         build wheel and sdist in dist/, install each, and try it at every door
#   make test-pythons the wheel in a new environment of every Python found (ENDS=--ends: two)
#   make test-ends    a smoke test of the wheel on the oldest and the newest Python found, and on Windows'
#                     Python where `make test-windows` has set one up; part of .ci/run
#   make test-windows smoke, storage and crash tests on Windows' CPython, under Wine (Debian, root)
#   make test-arm64   the same on ARM64 Linux, emulated (Debian, root)
#   make browser      Chromium, for the console's tests in a real browser (Debian, root); part of .ci/run
#
#   make format       write what `make lint` would ask for
#   make docs         build the documentation as a site in build/site; a broken link is an error
#   make chart        draw docs/speed.svg from benchmarks/results/peers.json
#   make docs-moving  run the page about moving with Chroma, LanceDB and Qdrant installed
#   make docs-check   run every code block of README.md and docs/, check links and tables
#   make test-fast    the tests that are not marked slow
#   make test-all     the suite with all there is to multiply: each case at every door, each odd value,
#                     each failing operation, each shape of data, four times the examples
#   make test-debug   behaviour and cancellation tests under asyncio's debug mode
#   make consistency  processes that share a directory, at random; ARGS="--successions 200"
#   make torture      simulated losses of power and failing calls; SEEDS=0-1000 says which
#   make soak         hours of use in one process, its memory and files told by the minute; MINUTES=60
#   make coverage     the suite, and which lines and branches no test reached
#   make test-oldest  the suite with the oldest dependencies that pyproject.toml allows
#
# PYTHON=python3.12 chooses an interpreter (for a new .venv), T=tests/unit/expr what to test,
# JOBS=4 the number of test processes (best one more than cores: one often waits for a process that
# it started), ARGS="..." is handed on to pytest or the benchmark.

PYTHON ?= python3
VENV   ?= .venv
JOBS   ?= 3
T      ?= tests
ARGS   ?=
SEEDS  ?= 0-99
MINUTES ?= 10
ASK    ?= "a doctor for teeth" "a pot to make coffee" "someone who moves a boat"

BIN      := $(VENV)/bin
PIP      := $(BIN)/python -m pip --disable-pip-version-check install --quiet --prefer-binary
SOURCES  := src tests tools examples benchmarks distributions
EXISTING  = $(wildcard $(SOURCES))

# Some systems forbid Python to keep what it compiled. The tests start hundreds of processes, each of
# which would compile the package itself: half of the time that it takes to start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo answers kernels environments browser collected test test-fast test-all test-debug test-oldest test-pythons test-ends test-windows test-arm64 dist coverage lint format docs docs-check docs-moving chart consistency torture soak bench clean

help:
	@sed -n '/^#/!q;s/^# \{0,1\}//p' Makefile

# One stamp per set of extras: .venv/.demo, .venv/.dev. A stamp is older than pyproject.toml
# when the dependencies may have changed, and then pip looks again. The pip that Python brings may
# be years old and take twice the time of the newest, which is therefore installed first.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("aiomilvus needs Python 3.10 or later" if sys.version_info < (3, 10) else 0)'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --upgrade pip || { rm -rf $(VENV); exit 1; }

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	$(PIP) --editable '.[examples]'
	@touch $@

# Not compiled by pip, one file after the other: that takes 44 s, for some 9,400 modules of which most
# are never imported. Those that are, are compiled where they first are.
$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(PIP) --no-compile --editable '.[test,lint]'
	@touch $@ $(VENV)/.demo $(VENV)/.answers $(VENV)/.docs

# The peers live in an environment of their own, so that they never change what the tests
# run on.
.venv-bench/.bench: pyproject.toml
	$(MAKE) --no-print-directory VENV=.venv-bench .venv-bench/bin/python
	.venv-bench/bin/python -m pip --disable-pip-version-check install --quiet --prefer-binary --editable '.[bench]'
	@touch $@

.venv-oldest/.oldest: pyproject.toml tools/oldest.py | $(VENV)/.dev
	$(MAKE) --no-print-directory VENV=.venv-oldest .venv-oldest/bin/python
	$(BIN)/python -m tools.oldest > .venv-oldest/constraints.txt
	.venv-oldest/bin/python -m pip --disable-pip-version-check install --quiet --prefer-binary \
	    --constraint .venv-oldest/constraints.txt --editable '.[test]'
	@touch $@

demo: $(VENV)/.demo
	$(BIN)/python -m examples.tutorial $(ARGS)

$(VENV)/.answers: pyproject.toml | $(VENV)/bin/python
	$(PIP) --editable '.[examples]'
	@touch $@

answers: $(VENV)/.answers
	$(BIN)/python -m examples.answers $(ASK)

# What tests would otherwise make each for itself: the kernels as soon as a search needs them, by
# every process that finds none; the environments of other people's clients; and the bytecode of all
# tests and of what they import, which each test process would compile at the same time.
kernels: $(VENV)/.dev
	$(BIN)/python -m aiomilvus kernels

environments: | $(VENV)/bin/python
	$(BIN)/python -m tests.support.environments

browser:
	bash tools/browser.sh

collected: $(VENV)/.dev
	mkdir -p build
	$(BIN)/python -m pytest tests -n 0 --collect-only -qq > build/collected.txt \
	    || { tail -n 60 build/collected.txt; exit 1; }

test: kernels
	$(BIN)/python -m pytest $(T) -n $(JOBS) --dist worksteal $(ARGS)

test-fast: kernels
	$(BIN)/python -m pytest $(T) -n $(JOBS) --dist worksteal -m 'not slow' $(ARGS)

test-all: kernels
	HYPOTHESIS_PROFILE=more DOORS=all ODD=all FAILURES=all SHAPES=all \
	    $(BIN)/python -m pytest $(T) -n $(JOBS) --dist worksteal $(ARGS)

test-debug: kernels
	PYTHONASYNCIODEBUG=1 $(BIN)/python -m pytest tests/behaviour tests/cancellation $(ARGS)

coverage: kernels
	$(BIN)/python -m pytest $(T) -n $(JOBS) --dist worksteal --cov --cov-report=term $(ARGS)

torture: $(VENV)/.dev
	$(BIN)/python -m tests.simulation.torture $(SEEDS) $(ARGS)

soak: $(VENV)/.dev
	$(BIN)/python -m tests.simulation.soak $(MINUTES) $(ARGS)

test-oldest: .venv-oldest/.oldest
	.venv-oldest/bin/python -m pytest $(T) -n $(JOBS) --dist worksteal $(ARGS)

dist/.built: pyproject.toml README.md $(shell find src -name '*.py') | $(VENV)/.dev
	rm -rf dist
	$(BIN)/python -m build --outdir dist .
	$(BIN)/python -m build --outdir dist distributions/milvus-lite-hook
	@touch $@

dist: dist/.built
	$(BIN)/python -m tools.pythons --package dist/aiomilvus-*.whl --python $(BIN)/python
	$(BIN)/python -m tools.pythons --package dist/aiomilvus-*.tar.gz --python $(BIN)/python

test-pythons: dist/.built
	$(BIN)/python -m tools.pythons $(ENDS)

# The part of these for every change: some 25 s of one core for each Python, as the kernels are there.
test-ends: kernels
	rm -rf build/ends
	$(BIN)/python -m pip wheel --disable-pip-version-check --quiet --no-deps --wheel-dir build/ends .
	$(BIN)/python -m tools.pythons --ends --quick --dist build/ends
	bash tools/windows.sh --if-ready . tools/smoke.py

# Chosen for their time: these systems are emulated. Not chosen are tests that start a process, which
# an emulated one can't, or have one forked by a server, which Windows has not.
PLATFORM_TESTS := tests/unit/engine/storage tests/unit/expr/test_texts.py tests/crash/test_damage.py \
    tests/behaviour/test_entities.py
WINDOWS_TESTS  := $(PLATFORM_TESTS) tests/crash/test_faults.py tests/crash/test_cut_short.py \
    tests/crash/test_concurrency.py
ALONE          := -k "not killed_process and not outlives_its_parent and not follower and not worker"
# pytest leaves a folder of Windows half listed when it removes its own of earlier runs.
PYTEST_THERE   := -m pytest -q -p no:cacheprovider -o addopts=--import-mode=importlib --timeout 900 \
    -W "ignore:unclosed scandir:ResourceWarning"

test-windows:
	bash tools/windows.sh . tools/smoke.py
	FAILURES=few bash tools/windows.sh . $(PYTEST_THERE) $(WINDOWS_TESTS) $(ARGS)

test-arm64:
	bash tools/arm64.sh . tools/smoke.py
	bash tools/arm64.sh . $(PYTEST_THERE) $(PLATFORM_TESTS) $(ALONE) $(ARGS)

# `make -k lint` goes on after the first that complains; `make -j 2 -O lint` runs two at a time,
# which is why those that take longest come first.
CHECKS := check-types check-types-darwin check-types-win32 check-public-types check-dead-code \
          check-format check-style check-sizes check-prose check-docstrings check-budget \
          check-sync check-signatures check-news check-layers
.PHONY: $(CHECKS)
lint: $(CHECKS)

check-format: $(VENV)/.dev
	$(BIN)/ruff format --check $(EXISTING)

check-style: $(VENV)/.dev
	$(BIN)/ruff check $(EXISTING)

check-sizes: $(VENV)/.dev
	$(BIN)/python -m tools.check_sizes

check-prose: $(VENV)/.dev
	$(BIN)/python -m tools.check_prose

check-docstrings: $(VENV)/.dev
	$(BIN)/python -m tools.check_docstrings

check-dead-code: $(VENV)/.dev
	$(BIN)/python -m tools.check_dead_code

check-budget: $(VENV)/.dev
	$(BIN)/python -m tools.check_budget

check-sync: $(VENV)/.dev
	$(BIN)/python -m tools.make_sync --check

check-signatures: $(VENV)/.dev
	$(BIN)/python -m tools.public_signatures --check

check-news: $(VENV)/.dev
	$(BIN)/towncrier build --draft --version next > $(VENV)/changelog.md

check-layers: $(VENV)/.dev
	$(BIN)/lint-imports --no-logo

check-types: $(VENV)/.dev
	$(BIN)/mypy $(EXISTING)

# The package itself is checked as macOS and Windows see it, too.
check-types-darwin check-types-win32: check-types-%: $(VENV)/.dev
	mkdir -p .mypy_cache/$*
	cat pyproject.toml tools/platforms.toml > .mypy_cache/$*/mypy.toml
	$(BIN)/mypy --config-file .mypy_cache/$*/mypy.toml --platform $* --cache-dir .mypy_cache/$* \
	    --no-warn-return-any --allow-subclassing-any src

check-public-types: $(VENV)/.dev
	$(BIN)/python -m tools.check_public_types

format: $(VENV)/.dev
	$(BIN)/python -m tools.make_sync
	$(BIN)/python -m tools.public_signatures
	$(BIN)/python -m tools.check_budget --lower
	$(BIN)/ruff check --fix --exit-zero --quiet $(EXISTING)
	$(BIN)/ruff format $(EXISTING)

$(VENV)/.docs: pyproject.toml | $(VENV)/bin/python
	$(PIP) --editable '.[docs]'
	@touch $@

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo build/site/index.html

docs-check: $(VENV)/.dev
	$(BIN)/python -m pytest tests/docs $(ARGS)

# In the peers' environment, where the blocks that need one of them are run.
docs-moving: .venv-bench/.bench
	mkdir -p build/moving && cd build/moving && rm -rf * && PYTHONPATH=../.. ../../.venv-bench/bin/python \
	    -m tests.support.markdown ../../docs/howto/moving.md

chart: $(VENV)/.dev
	$(BIN)/python -m tools.make_chart

consistency: $(VENV)/.dev
	$(BIN)/python -m tests.support.consistency $(ARGS)

bench: .venv-bench/.bench
	.venv-bench/bin/python -m benchmarks $(ARGS)

clean:
	rm -rf .venv .venv-bench .venv-oldest .venvs build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
