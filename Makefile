# Every command sets up what it needs first; nothing outside this folder is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements/build.txt requirements/run.txt requirements/dev.txt
PIP := $(BIN)/pip --disable-pip-version-check --quiet install --require-hashes

.PHONY: run test check lint bench bench-peers env spark locks clean

run: $(VENV)/.run  ## the main job: database, demo book, one night, console
	$(BIN)/forbear up --demo

test: $(VENV)/.dev  ## the whole suite
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: lint test  ## everything that CI asks

lint: $(VENV)/.dev  ## style, types, import contract, packs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/yamllint --strict src
	$(BIN)/lint-imports
	$(BIN)/mypy src

bench: $(VENV)/.dev  ## every benchmark, one JSON line each
	$(BIN)/forbear bench

bench-peers: $(VENV)/.dev  ## the gate beside rule engines, the books beside beancount, which it installs first
	$(PIP) -r requirements/bench.txt
	$(BIN)/forbear bench gate-peers
	$(BIN)/forbear bench books-peers

env: $(VENV)/.dev  ## .venv with everything, developers' extras included

spark: $(VENV)/.dev  ## add the Spark engine (wants a Java runtime, 17 or later)
	$(PIP) -r requirements/build.txt
	$(PIP) --no-build-isolation -r requirements/spark.txt

locks:  ## compile the pinned requirement files again (needs uv)
	cd requirements && for f in build run dev spark bench; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $$f.in $$(case $$f in (dev|spark) echo -c run.txt;; (bench) echo -c run.txt -c dev.txt;; esac) -o $$f.txt; done

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/pip requirements/build.txt requirements/run.txt pyproject.toml
	$(PIP) -r requirements/build.txt -r requirements/run.txt
	$(BIN)/pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.run $(LOCKS)
	$(PIP) -r requirements/run.txt -r requirements/dev.txt
	touch $@
