# `make run` installs everything into .venv and starts the server; `make test` runs every check and test.

PYTHON ?= $(shell for p in python3.11 python3 python3.12; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := -m pip install --quiet --disable-pip-version-check --no-deps --no-compile
DEBIAN := flite espeak-ng ffmpeg chromium postgresql haproxy curl

.PHONY: run up chaos test test-models test-gpu bench bench-gpu check audit pins pins-heavy clean debian
.DELETE_ON_ERROR:

run: .venv/installed
	$(BIN)/parley serve

# Tests that speak, listen or kill at the pace of the clock: they run by themselves, after the others.
REALTIME := tests/cluster tests/api/live tests/api/v1/test_realtime.py tests/pipeline/live tests/web/live

test: .venv/installed-for-tests debian check
	@$(call twice,-n 2 --dist loadfile $(addprefix --ignore=,$(REALTIME)),$(addprefix --ignore=,$(REALTIME)))
	@$(call twice,$(REALTIME),$(REALTIME))

# What fails beside others on a busy machine is run once more by itself, and must pass there.
define twice
$(BIN)/python -m pytest --timeout 300 $(1) || $(BIN)/python -m pytest --timeout 300 --last-failed --last-failed-no-failures none $(2)
endef

# Several machines on this one, until Ctrl-C: PostgreSQL, S3, two API nodes, two with jobs and engines, a load balancer.
up: .venv/installed-for-tests debian
	$(BIN)/python -m tests.cluster

# The same with sleeping stages, while its processes are killed.
MINUTES ?= 10
chaos: .venv/installed-for-tests debian
	$(BIN)/python -m tests.bench.chaos --minutes $(MINUTES)

# The big engines with tiny random weights. vLLM starts processes that import it all once more: bytecode is kept for them.
test-models: export PYTHONDONTWRITEBYTECODE =
test-models: .venv-models/installed
	.venv-models/bin/python -m pytest --timeout 300 tests/models
	.venv-models/bin/python -m pytest tests/gpu --rehearse

# The same at real size on a GPU, with random weights; pip must be able to find torch's build for CUDA.
test-gpu: .venv-models/installed
	.venv-models/bin/python -m pytest tests/gpu

bench-gpu: .venv-models/installed
	.venv-models/bin/python -m tests.bench.gpu $(ARGS)

bench: .venv/installed-for-tests
	$(BIN)/python -m tests.bench

check: .venv/installed-for-tests
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.venv/installed: requirements/run.txt pyproject.toml
	@$(call new_environment,.venv)
	$(BIN)/python $(PIP) --require-hashes -r requirements/run.txt
	$(BIN)/python $(PIP) --no-build-isolation --editable .
	@touch $@

.venv/installed-for-tests: .venv/installed requirements/test.txt
	$(BIN)/python $(PIP) --require-hashes -r requirements/test.txt
	@touch $@

# heavy.txt comes last: where it differs from run.txt, its version does for both. llama.cpp is compiled, which takes
# 12 minutes of one processor the first time; pip keeps what it made.
.venv-models/installed: requirements/run.txt requirements/heavy-torch.txt requirements/heavy.txt
	@$(call new_environment,.venv-models)
	@$(call debian_packages,g++,Without a C++ compiler llama.cpp cannot be built.)
	.venv-models/bin/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements/heavy-torch.txt
	.venv-models/bin/python $(PIP) --require-hashes -r requirements/run.txt
	CMAKE_ARGS=-DLLAVA_BUILD=OFF .venv-models/bin/python $(PIP) --require-hashes -r requirements/heavy.txt
	.venv-models/bin/python $(PIP) --no-build-isolation --editable .
	@touch $@

# A new virtual environment, unless it is there. Debian keeps the module that makes one in a package of its own.
define new_environment
if [ -x $(1)/bin/python ]; then exit 0; fi; \
if [ -z "$(PYTHON)" ]; then echo "Parley needs Python 3.11 or 3.12: install python3.11, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; fi; \
if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends python3-venv; \
	else echo "Python lacks the module venv: sudo apt-get install python3-venv" >&2; exit 1; fi; \
fi; \
$(PYTHON) -m venv $(1)
endef

# What the tests use of Debian: installed by root, named to others.
debian:
	@$(call debian_packages,$(DEBIAN),Tests that use them will be skipped.)

define debian_packages
missing=""; \
	for name in $(1); do \
		dpkg-query -W -f '$${Status}' $$name 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$name"; \
	done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $$missing; \
	else \
		echo "Not installed:$$missing. $(2) To install: sudo apt-get install$$missing"; \
	fi
endef

# Asks the public advisories about every pin: needs the internet, so no other target needs it.
audit: .venv-pins/bin/uv
	.venv-pins/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	for name in run otel test; do .venv-pins/bin/pip-audit --disable-pip --require-hashes -r requirements/$$name.txt || exit 1; done

# Pins again what requirements/*.in ask for, in the versions of today.
pins: .venv-pins/bin/uv
	for name in run otel test; do \
		$< pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
			--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
			requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

# PIP_FIND_LINKS names the folder with torch's wheel for a CPU: without it a gigabyte of CUDA is pinned too.
# heavy.txt agrees with run.txt and test.txt, but for packaging, which lightning holds back, and numpy, which vLLM does.
# vLLM for a CPU asks for exactly the setuptools it was built with, NeMo for a newer one. Left out: triton, a gigabyte
# that only GPUs use, and torchcodec, which exists for CUDA only and breaks vLLM where it cannot be loaded.
pins-heavy: .venv-pins/bin/uv
	sed -n 's/^\([a-z0-9._-]*==[^ ;\\]*\).*/\1/p' requirements/run.txt requirements/test.txt | \
		grep -v '^\(packaging\|numpy\)==' > .venv-pins/agreed.txt
	echo 'setuptools>=80,<82' > .venv-pins/instead.txt
	$< --no-config pip compile --quiet --upgrade --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --no-emit-package torch --no-emit-package torchcodec \
		--no-emit-package triton --constraints .venv-pins/agreed.txt --override .venv-pins/instead.txt \
		$(addprefix --find-links ,$(PIP_FIND_LINKS)) requirements/heavy.in --output-file requirements/heavy.txt

.venv-pins/bin/uv:
	@$(call new_environment,.venv-pins)
	.venv-pins/bin/python -m pip install --quiet --disable-pip-version-check uv

clean:
	rm -rf .venv .venv-models .venv-pins .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
