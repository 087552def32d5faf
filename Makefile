# Two commands do all the set-up on a bare machine: `make demo` and `make test`.
# Python 3.11 to 3.13 is all they need: make PYTHON=python3.12 demo

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
SHELL := /bin/sh
# What Open3D (point clouds) wants of the system; without it, tests of clouds skip and say so.
LIBRARIES := libusb-1.0-0 libegl1 libgl1 libx11-6 libudev1 libidn2-0
LABEL ?= now# of a run of `make quality`

.DEFAULT_GOAL := help
.PHONY: help demo test libraries bench quality meshes picture clean

help:
	@echo "make demo      install into $(VENV), plan a rough made on the spot, say where the page is"
	@echo "make test      install what tests need, run all checks and tests"
	@echo "make bench     install what benchmarks need, run those of the kernels"
	@echo "make quality   run those of quality (hours; goes on where it was stopped) and make RESULTS.md"
	@echo "make meshes    make the sample roughs in meshes/ again"
	@echo "make picture   make the picture of the README again"
	@echo "make clean     remove $(VENV) and what builds leave"

demo: $(VENV)/installed
	@$(BIN)/yieldopt demo

test: $(VENV)/installed-test libraries
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest

bench: $(VENV)/installed-bench
	$(BIN)/pytest benchmarks/kernels

quality: $(VENV)/installed-bench
	$(BIN)/python -m benchmarks.quality.run --label $(LABEL)
	$(BIN)/python -m benchmarks.quality.run --label $(LABEL) --proportions fixed --seeds 1
	$(BIN)/python -m benchmarks.quality.rivals --label $(LABEL)
	$(BIN)/python -m benchmarks.quality.costs --label $(LABEL)
	$(BIN)/python -m benchmarks.quality.report --label $(LABEL)

meshes: $(VENV)/installed
	$(BIN)/python meshes/remake.py

picture: $(VENV)/installed
	$(BIN)/yieldopt demo --out build/picture
	$(BIN)/python -m yieldopt.report.picture build/picture meshes/picture.png

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# Each stamp stands for what pyproject.toml asked for when it was made.
$(VENV)/installed: pyproject.toml | $(VENV)/made
	@echo "installing yieldopt and its libraries into $(VENV) (one to three minutes, 1.3 GB) ..."
	@$(PIP) --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	@echo "installing what tests need into $(VENV) ..."
	@$(PIP) --upgrade "pip>=25.1"  # the first that knows --group
	@$(PIP) --group test
	@touch $@

libraries: $(VENV)/installed-test
	@$(BIN)/python -c 'import open3d' >/dev/null 2>&1 || { \
	  echo "installing system libraries for point clouds: $(LIBRARIES) ..."; \
	  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
	    apt-get -qq install --yes --no-install-recommends $(LIBRARIES); } >/dev/null 2>&1 || \
	  echo "yieldopt: could not install them (no Debian, or not root): tests of clouds will skip"; }
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
	  echo "installing Chromium for tests of the page ..."; \
	  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
	    apt-get -qq install --yes --no-install-recommends chromium; } >/dev/null 2>&1 || \
	  echo "yieldopt: could not install it (no Debian, or not root): tests in a browser will skip"; }

$(VENV)/installed-bench: $(VENV)/installed-test
	@echo "installing what benchmarks need into $(VENV) ..."
	@$(PIP) --group bench
	@touch $@

$(VENV)/made:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "yieldopt: $(PYTHON) is not there; install Python 3.11 to 3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "yieldopt: needs Python 3.11 to 3.13, not $$($(PYTHON) --version 2>&1); try make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "yieldopt: $(PYTHON) has no venv; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@rm -rf $(VENV) && $(PYTHON) -m venv $(VENV)
	@touch $@
