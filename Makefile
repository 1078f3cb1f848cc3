# Every target sets up what it needs: git, make and Python 3.11 or newer are enough.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := build/tools
TOOLS_READY := $(TOOLS)/.ready
BROWSER_READY := $(VENV)/.browser-ready
CHROMIUM ?= /usr/bin/chromium

PORT ?= 8080
HOST ?= 127.0.0.1
SITE_PORT ?= 8000
SEEDS ?= 10

.PHONY: help install mock proxy contract compare contract-merge contract-init contract-check contract-config contract-clean \
  contract-accept contract-replay test browser-test check spec spec-diff docs docs-serve codegen defects \
  defective-mock fence-trial state-trial store-trial hard-use bench bench-contract bench-scale dist-test lock clean

help: ## Show the targets and their options
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

install: $(READY) ## Create the virtual environment with everything the other targets need

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

mock: $(READY) ## Start the mock tenant [PORT=8080] [HOST=127.0.0.1] [OVERLAY=strict|file] [USERS=file.toml] [SEED_FILE=file] [SEED_FROM=file.har] [FAULTS=file] [STATE=file] [STORE=redis://...] [WORKERS=n] [TENANTS=n] [WATCH=1] [CONTROL=off] [TLS=1] [TLS_CA=file]
	@$(BIN)/immuta-mock --port $(PORT) --host $(HOST) $(if $(OVERLAY),--overlay '$(OVERLAY)') $(if $(USERS),--users '$(USERS)') \
	  $(if $(TOKEN_SECONDS),--token-seconds $(TOKEN_SECONDS)) $(if $(JOB_SECONDS),--job-seconds $(JOB_SECONDS)) \
	  $(if $(SEED_FILE),--seed-file '$(SEED_FILE)') $(if $(SEED_FROM),--seed-from '$(SEED_FROM)') $(if $(FAULTS),--faults '$(FAULTS)') \
	  $(if $(STATE),--state '$(STATE)') $(if $(STORE),--store '$(STORE)') $(if $(WORKERS),--workers $(WORKERS)) $(if $(TENANTS),--tenants $(TENANTS)) \
	  $(if $(WATCH),--watch) $(if $(filter off,$(CONTROL)),--no-control) $(if $(TLS),--tls) $(if $(TLS_CA),--tls-ca '$(TLS_CA)')

proxy: $(READY) ## Stand before a tenant, check and record what passes TO=url [PORT=8080] [HAR=recorded.har] [ALLOW_WRITES=yes] [OVERLAY=strict|file] [CA_BUNDLE=file] [TLS=1] [TLS_CA=file]
	@$(BIN)/immuta-mock proxy --to '$(or $(TO),$(error give TO=url))' --port $(PORT) --host $(HOST) $(if $(HAR),--har '$(HAR)') \
	  $(if $(filter yes,$(ALLOW_WRITES)),--allow-writes) $(if $(OVERLAY),--overlay '$(OVERLAY)') $(if $(CA_BUNDLE),--ca-bundle '$(CA_BUNDLE)') \
	  $(if $(TLS),--tls) $(if $(TLS_CA),--tls-ca '$(TLS_CA)')

# What is not given here comes from the environment, then from the target file.
GIVEN = $(if $(CONFIG),--config '$(CONFIG)') $(if $(TARGET),--target '$(TARGET)') $(if $(PROFILE),--profile '$(PROFILE)') \
  $(if $(SEED),--seed '$(SEED)') $(if $(ONLY),--only '$(ONLY)') $(if $(OVERLAY),--overlay '$(OVERLAY)') \
  $(if $(MODE),--mode '$(MODE)') $(if $(GATE),--gate '$(GATE)') \
  $(if $(DEVIATIONS),--deviations '$(DEVIATIONS)')

contract: $(READY) ## Judge a mock or a tenant [TARGET=url] [JOBS=n] [SHARD=i/n] [REPORTS=reports] [CONFIG=target.toml] [PROFILE=quick|default|thorough] [SEED=n] [ONLY=promise or operation] [OVERLAY=...] [MODE=read|own|full] [GATE=ref,docs|all] [DEVIATIONS=file]
	@$(BIN)/immuta-contract $(GIVEN) $(if $(REPORTS),--reports '$(REPORTS)') $(if $(JOBS),--jobs '$(JOBS)') $(if $(SHARD),--shard '$(SHARD)')

contract-merge: $(READY) ## Join the shards of a run [RUNS=reports/*/run.json] [OUT=reports]
	@$(BIN)/immuta-contract merge $(or $(RUNS),reports/*/run.json) $(if $(OUT),--out '$(OUT)')

compare: $(READY) ## Send two targets the same and say where they differ A=url|target.toml|mock B=... [WORDING=yes] [REPORTS=reports] [PROFILE=...] [SEED=n] [ONLY=...] [OVERLAY=...] [MODE=read|own|full]
	@$(BIN)/immuta-contract compare '$(or $(A),$(error give A=url|target.toml|mock, and B=))' '$(or $(B),$(error give B=url|target.toml|mock))' \
	  $(if $(WORDING),--wording) $(if $(REPORTS),--reports '$(REPORTS)') $(if $(PROFILE),--profile '$(PROFILE)') $(if $(SEED),--seed '$(SEED)') \
	  $(if $(ONLY),--only '$(ONLY)') $(if $(OVERLAY),--overlay '$(OVERLAY)') $(if $(MODE),--mode '$(MODE)')

contract-init: $(READY) ## Write a commented target file [CONFIG=target.toml]
	@$(BIN)/immuta-contract init $(CONFIG)

contract-check: $(READY) ## Try the target file by reading alone, with the options of make contract
	@$(BIN)/immuta-contract check $(GIVEN)

contract-config: $(READY) ## Print the settings in force and where each came from, with the options of make contract
	@$(BIN)/immuta-contract config $(GIVEN)

contract-clean: $(READY) ## Remove what a killed contract run has left [TARGET=url] [CONFIG=target.toml] [LEDGER=file] [RUN=name]
	@$(BIN)/immuta-contract clean $(if $(CONFIG),--config '$(CONFIG)') $(if $(TARGET),--target '$(TARGET)') $(if $(LEDGER),--ledger '$(LEDGER)') $(if $(RUN),--run '$(RUN)')

contract-accept: $(READY) ## Propose known deviations for what a run found broken [RUN=reports/run.json] [DEVIATIONS=file] [EXPIRES=date] [REASON=text] [WRITE=yes]
	@$(BIN)/immuta-contract accept '$(or $(RUN),reports/run.json)' $(if $(DEVIATIONS),--deviations '$(DEVIATIONS)') \
	  $(if $(EXPIRES),--expires '$(EXPIRES)') $(if $(REASON),--reason '$(REASON)') $(if $(WRITE),--write)

contract-replay: $(READY) ## Send the requests of a run's failures again [RUN=reports/run.json] [PROMISE=id] [TARGET=url] [CONFIG=target.toml]
	@$(BIN)/immuta-contract replay '$(or $(RUN),reports/run.json)' $(PROMISE) $(if $(TARGET),--target '$(TARGET)') $(if $(CONFIG),--config '$(CONFIG)')

test: $(READY) ## Run all tests: of the toolkit, of the contract on a mock, and of the planted defects, with coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n 2 --dist worksteal -m 'not long' tests
	$(BIN)/coverage run -m pytest -q --pyargs immuta_contracts
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	$(BIN)/pytest -q -n 2 --dist worksteal -m long tests

browser-test: $(CHROMIUM) $(BROWSER_READY) docs ## Open the report, the mock's console and Swagger UI and the site in Chromium; screenshots in build/browser [CHROMIUM=/usr/bin/chromium]
	$(BIN)/mypy tests/browser/*.py
	CHROMIUM='$(CHROMIUM)' $(BIN)/pytest -q tests/browser

$(CHROMIUM):
	@echo 'There is no Chromium at $@: `apt-get install chromium` brings it, or name it with CHROMIUM=path.' >&2; exit 2

$(BROWSER_READY): $(READY) tests/browser/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/browser/requirements.lock
	touch $@

check: $(READY) spec ## Lint, check types and the spec
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

LINTED := spec/openapi.yaml spec/companion.yaml spec/control.yaml build/lint/served.yaml build/lint/strict.yaml

spec: $(READY) $(TOOLS_READY) ## Validate the spec, its examples, that operations, handlers and promises agree; Redocly's and Spectral's rules
	$(BIN)/python -m immuta_mock.spec_check
	@mkdir -p build/lint
	@$(BIN)/immuta-mock spec --with-companion >build/lint/served.yaml
	@$(BIN)/immuta-mock spec --with-companion --overlay strict >build/lint/strict.yaml
	@$(WITH_TOOLS) redocly lint --config tools/redocly.yaml --format stylish $(LINTED)
	@$(WITH_TOOLS) spectral lint --ruleset tools/spectral.yaml --fail-severity hint $(LINTED)

spec-diff: $(READY) $(TOOLS_READY) ## Show what changed in the spec since a revision, and hold its version and the changelog to it [BASE=last tag v*]
	@$(WITH_TOOLS) $(BIN)/python tools/spec_diff.py $(if $(BASE),--base '$(BASE)')

codegen: $(READY) $(TOOLS_READY) ## Generate clients into build/clients, compile them and call every operation with each [ONLY=python,pydantic,...]
	@$(BIN)/python tests/codegen/run.py $(if $(ONLY),--only '$(ONLY)')

docs: $(READY) $(TOOLS_READY) ## Build the site into build/site: reference, promises, fidelity, guides
	@PYTHONPATH=tests/suite:tests/codegen $(BIN)/python tools/site_pages.py build/docs
	@rm -rf build/site
	@$(WITH_TOOLS) sphinx-build --quiet --fail-on-warning --keep-going --jobs auto build/docs build/site
	@$(BIN)/python tools/site_check.py build/site
	@echo 'build/site/index.html'

docs-serve: docs ## Serve the site on this machine, so that its reference can call a mock [SITE_PORT=8000]
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory build/site $(SITE_PORT)

# Linters and code generators, in an environment of their own; node comes from PyPI too.
WITH_TOOLS := PATH="$(CURDIR)/$(TOOLS)/node_modules/.bin:$(CURDIR)/$(TOOLS)/bin:$$PATH"

$(TOOLS_READY): tools/requirements.lock tools/package-lock.json
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tools/requirements.lock
	cp tools/package.json tools/package-lock.json $(TOOLS)
	cd $(TOOLS) && PATH="$$PWD/bin:$$PATH" npm ci --silent --ignore-scripts --no-audit --no-fund
	touch $@

defects: $(READY) ## Plant every defect and show which property finds it [SEEDS=10] [ONLY=defect or promise]
	$(BIN)/python tests/suite/table.py --seeds $(SEEDS) $(if $(ONLY),--only '$(ONLY)')

fence-trial: $(READY) ## Run the contract, whole and killed, beside other people's data [RUNS=20] [FOREIGN=500]
	$(BIN)/python tests/suite/fence_trial.py --runs $(or $(RUNS),20) --foreign $(or $(FOREIGN),500)

state-trial: $(READY) ## Kill a mock with a state file under load, and look what is there afterwards [KILLS=100]
	$(BIN)/python tests/suite/state_trial.py --kills $(or $(KILLS),100)

store-trial: $(READY) ## Use four mocks on one Redis server while that is killed and held up [SECONDS=60] [TROUBLES=10]
	$(BIN)/python tests/suite/store_trial.py --seconds $(or $(SECONDS),60) --troubles $(or $(TROUBLES),10)

hard-use: $(READY) ## Use a mock hard, at 64 connections with faults on, and look what it has come to [MINUTES=10]
	$(BIN)/python tests/suite/hard_use.py --minutes $(or $(MINUTES),10)

# The servers of Node.js are measured where npm is there. An earlier revision has an environment of its own.
BENCH := build/bench
BENCH_READY := $(BENCH)/.ready
BASE_AT := $(BENCH)/base-$(BASE)

bench: $(BENCH_READY) $(if $(BASE),$(BASE_AT)/.ready) ## Measure the mock beside other servers, into reports/bench [ROUNDS=5] [SECONDS=3] [ONLY=base,...] [BASE=revision]
	@$(BIN)/mypy tests/bench/*.py
	@$(BIN)/python tests/bench/run.py $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS)) \
	  $(if $(ONLY),--only '$(ONLY)') $(if $(BASE),--base '$(BASE_AT)/venv/bin')

bench-contract: $(BENCH_READY) ## Measure the contract run beside the command line of schemathesis, into reports/bench [ROUNDS=3] [PROFILE=default|quick]
	@$(BIN)/mypy tests/bench/*.py
	@$(BIN)/python tests/bench/contract.py $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(PROFILE),--profile '$(PROFILE)')

bench-scale: $(BENCH_READY) ## Measure what requests cost in ever larger tenants, into reports/bench [SIZES=100,1000,10000,100000] [REQUESTS=400]
	@$(BIN)/mypy tests/bench/*.py
	@$(BIN)/python tests/bench/scale.py $(if $(SIZES),--sizes '$(SIZES)') $(if $(REQUESTS),--requests $(REQUESTS))

$(BENCH_READY): $(READY) tests/bench/requirements.lock tests/bench/node/package-lock.json tests/bench/node/backend.mjs
	@command -v wrk >/dev/null || { echo 'There is no wrk here: `apt-get install wrk` brings it.' >&2; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/bench/requirements.lock
	mkdir -p $(BENCH)
	rm -rf $(BENCH)/node && cp -r tests/bench/node $(BENCH)
	if command -v npm >/dev/null; then cd $(BENCH)/node && npm ci --silent --ignore-scripts --no-audit --no-fund; fi
	touch $@

$(BASE_AT)/.ready:
	mkdir -p $(BASE_AT)/tree
	git archive '$(BASE)' | tar -x -C $(BASE_AT)/tree
	$(PYTHON) -m venv $(BASE_AT)/venv
	$(BASE_AT)/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(BASE_AT)/tree/requirements.lock
	$(BASE_AT)/venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable $(BASE_AT)/tree
	touch $@

defective-mock: $(READY) ## Start a mock with planted defects DEFECTS=a,b [PORT=8080]
	@$(BIN)/python tests/suite/serve.py --port $(PORT) '$(DEFECTS)'

dist-test: $(READY) ## Build the wheel and test it in an environment of its own, away from the checkout
	rm -rf build/dist build/dist-venv build/elsewhere
	mkdir -p build/elsewhere
	$(BIN)/python -m build --no-isolation --outdir build/dist .
	$(PYTHON) -m venv build/dist-venv
	build/dist-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	build/dist-venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps build/dist/*.whl
	cd build/elsewhere && ../dist-venv/bin/python -m pytest -q --pyargs immuta_contracts
	cd build/elsewhere && ../dist-venv/bin/immuta-contract --profile quick
	build/dist-venv/bin/python -m pytest -q -n 2 --dist worksteal -p no:cacheprovider tests/unit

LOCK := pip-compile --upgrade --generate-hashes --allow-unsafe --strip-extras --quiet --no-header \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file

lock: $(READY) ## Renew requirements.lock from pyproject.toml, and those of the browser tests, linters, generators and the benchmark
	$(BIN)/$(LOCK) requirements.lock --all-extras pyproject.toml
	$(BIN)/$(LOCK) tests/browser/requirements.lock tests/browser/requirements.in
	$(BIN)/$(LOCK) tools/requirements.lock tools/requirements.in
	$(BIN)/$(LOCK) tests/bench/requirements.lock tests/bench/requirements.in

clean: ## Remove what the other targets made
	rm -rf $(VENV) build dist reports .coverage* .hypothesis .schemathesis .pytest_cache .mypy_cache .ruff_cache
