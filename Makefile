# Two commands: `make report` and `make test`. Each does all of its own set-up.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PIP    := $(BIN)/python -m pip --disable-pip-version-check install -q
JOBS   ?= 3

.PHONY: report test lint clean lock sample

report: $(STAMP)
	$(BIN)/python -m incident_analytics report data/sample -o reports --jobs $(JOBS)

test: $(STAMP) lint browser
	$(BIN)/python -m pytest -q -n 2

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate -q tests -c pyproject.toml

# The tests open reports in a real browser: Debian's chromium, or any found under one of its usual names.
.PHONY: browser
browser:
	@sh tools/find_browser.sh

sample: $(STAMP)
	$(BIN)/python -m tools.make_sample -o data/sample/fictional

# The pages that say what the modules say of themselves.
.PHONY: docs
docs: $(STAMP)
	$(BIN)/python -m incident_analytics formats --format markdown > docs/formats.md

# For maintainers, with uv on the path; users need only pip.
lock:
	uv pip compile pyproject.toml --group test --group lint --group build --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url --no-config -o requirements.lock

clean:
	rm -rf $(VENV) .bootstrap

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) 2>/dev/null || { rm -rf $(VENV) .bootstrap; \
	  $(PYTHON) -m pip install -q --target .bootstrap virtualenv && \
	  PYTHONPATH=.bootstrap $(PYTHON) -m virtualenv -q $(VENV) && rm -rf .bootstrap; }
	$(PIP) --require-hashes --only-binary :all: -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@
