PYTHON ?= python3
PORT ?= 8000
DATABASE ?= sqlite:///kennismakelaar.db
PYTEST_ARGS ?=
VENV := .venv/bin
export KENNISMAKELAAR_DATABASE = $(DATABASE)

.PHONY: run test test-nightly test-neo4j-current check format lint types clean

run: .venv/.run  ## make everything ready, show one example question, start the website
	@$(VENV)/kennismakelaar init --example
	@$(VENV)/kennismakelaar serve --port $(PORT)

test:  ## the whole suite; PYTEST_ARGS="-k desk" runs a part
	@$(MAKE) --no-print-directory -j 4 .venv/.test .cache/browser .cache/java .cache/oidc/.done
	@$(MAKE) --no-print-directory .venv-st/.done & \
	$(VENV)/pytest -n 2 --dist loadgroup $(PYTEST_ARGS); passed=$$?; wait; exit $$passed

test-nightly: .venv/.test  ## the same with large numbers: 250 processes and 5 servers killed, 100,000 inputs
	KENNISMAKELAAR_NIGHTLY=1 $(VENV)/pytest --hypothesis-show-statistics tests/test_kill.py tests/test_fuzz.py $(PYTEST_ARGS)

test-neo4j-current: .venv/.test  ## what concerns Neo4j, on its current version; needs Java 21 or newer
	NEO4J_VERSION=2026.08.1 $(VENV)/pytest -m neo4j $(PYTEST_ARGS)

check: .venv/.test format lint types docs containers sbom test  ## all that must be right before a commit

format:
	$(VENV)/ruff format --check .

lint:
	$(VENV)/ruff check .

types:
	$(VENV)/mypy

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/it" >&2; exit 1; }
	@tests/install python
	$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python requirements/run.txt pyproject.toml
	$(VENV)/pip install --disable-pip-version-check --progress-bar on --require-hashes -r requirements/run.txt
	$(VENV)/pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	@touch $@

# all that .venv/.run has and more, at once; what is imported is compiled then
.venv/.test: .venv/bin/python requirements/test.txt pyproject.toml
	$(VENV)/pip install --disable-pip-version-check -q --no-compile --require-hashes -r requirements/test.txt
	$(VENV)/pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	@touch .venv/.run $@

# sentence-transformers brings gigabytes of libraries: an environment of its own, made while the other tests run
.venv-st/.done: requirements/st.txt | .venv/bin/python
	$(PYTHON) -m venv .venv-st
	.venv-st/bin/pip install --disable-pip-version-check -q --no-compile --require-hashes -r requirements/st.txt
	@touch $@

.cache/browser: tests/install
	tests/install browser
	@mkdir -p .cache && touch $@

.cache/java: tests/install tests/neo4j/pom.xml
	tests/install neo4j gephi
	@mkdir -p .cache && touch $@

.cache/oidc/.done: tests/install
	tests/install oidc
	@touch $@

clean:
	rm -rf .venv .venv-st .cache test-output

.PHONY: seed-vectors
seed-vectors: .venv/.run  ## the vectors that ship with the seed, after a change of seed_data/
	$(VENV)/kennismakelaar seed-vectors

.PHONY: translations
translations: .venv/.run  ## what is said in code and templates into translations/, and what is translated there into use
	@mkdir -p .cache
	$(VENV)/pybabel -q extract -F pyproject.toml -k marked --no-location --sort-output -o .cache/messages.pot kennismakelaar web
	$(VENV)/pybabel -q update -i .cache/messages.pot -d kennismakelaar/translations -l en --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap
	$(VENV)/pybabel -q compile -d kennismakelaar/translations -l en

.PHONY: components
components: .venv/.run  ## the stylesheet of the components, from web/static/vendor and what the templates use
	$(VENV)/python docs/components.py > web/static/components.tmp && mv web/static/components.tmp web/static/components.css

.PHONY: licences
licences: .venv/.run  ## docs/licences.md, from what is installed
	$(VENV)/python docs/licences.py > docs/licences.tmp && mv docs/licences.tmp docs/licences.md

.venv/.docs: requirements/docs.txt | .venv/.test
	$(VENV)/pip install --disable-pip-version-check -q --no-compile --require-hashes -r requirements/docs.txt
	@touch $@

.PHONY: docs
docs: .venv/.docs  ## the documentation as a website in .cache/docs/site; a link that leads nowhere stops it
	$(VENV)/python docs/website.py

.PHONY: screenshots
screenshots: .venv/.test .cache/browser  ## docs/images, from a walk through the website
	$(VENV)/python docs/screenshots.py

.PHONY: containers
containers: .venv/.docs  ## what hadolint says about the Dockerfile
	$(VENV)/hadolint Dockerfile

.PHONY: sbom
sbom: .venv/.docs  ## all that is installed with the program as a CycloneDX bill of materials, in dist/
	$(VENV)/python docs/sbom.py

.PHONY: bench bench-peers
bench: .venv/.test .cache/browser  ## what docs/performance.md tells, measured here; takes an hour
	$(VENV)/python -m benchmarks.encoding
	$(VENV)/python -m benchmarks.asking 1000 10000 100000
	$(VENV)/python -m benchmarks.writing 10000 100000
	$(VENV)/python -m benchmarks.pages 100000
	$(VENV)/python -m benchmarks.network 10000 100000 --patience 60
	$(VENV)/python -m benchmarks.drawing

bench-peers: .venv/.test .cache/java .venv-bench/.done  ## beside what people would use instead, and on Neo4j; takes hours
	$(VENV)/python -m benchmarks.asking 1000 10000 --neo4j --peers
	$(VENV)/python -m benchmarks.writing 1000 10000 --neo4j 10000

# txtai brings gigabytes of libraries: an environment of its own
.venv-bench/.done: requirements/bench.txt | .venv/bin/python
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --disable-pip-version-check -q --no-compile --require-hashes -r requirements/bench.txt
	@touch $@
