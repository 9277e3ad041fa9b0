# Loket. Needs only Python 3.11 or newer and make; everything else goes into .venv.

VENV := .venv
PY := $(VENV)/bin/python
RUN_READY := $(VENV)/ready-to-run
TEST_READY := $(VENV)/ready-to-test
LOCK := $(VENV)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
  --no-header --no-emit-index-url --no-emit-find-links
PYTEST := $(PY) -m pytest

# Some images forbid bytecode; without it each start takes two seconds longer.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: words stories scripts help run test test-fast test-long mutation lint bench bench-pages test-browsers lighthouse browser mail-server twilio-spec landed sbom audit lock clean
.DEFAULT_GOAL := help

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

run: $(RUN_READY) ## start the demo on http://127.0.0.1:8000 (another port: make run PORT=8001)
	@exec $(PY) -m flask --app wsgi demo

# Four on two cores: those with a browser or a server wait for it more than half of their time.
test: $(TEST_READY) browser mail-server ## run the whole suite, browser tests included (under five minutes on two cores)
	@$(PYTEST) -n 4 --dist loadscope --no-loadscope-reorder -m "not long"

test-fast: $(TEST_READY) ## run the rules and the main journeys: no browser, server or PostgreSQL (under a minute)
	@$(PYTEST) -n 2 --dist worksteal -q -m "not long and not browser and not server and not postgres and (smoke or not http)"

test-long: $(TEST_READY) browser mail-server ## run the kill, race and fault campaigns, and the suite once more on PostgreSQL (long)
	@$(PYTEST) -m long
	@TEST_ENGINE=postgresql $(PYTEST) -n 2 --dist loadscope -m "not long and not browser and not server"

mutation: $(TEST_READY) ## take the rules out one at a time, print what the tests notice (one: make mutation RULES=claims)
	@nice -n 15 $(PY) -m tools.mutation $(RULES)

words: $(TEST_READY) ## print how hard our Indonesian is to read, and every long sentence
	@$(PY) -m tools.words

stories: $(TEST_READY) ## write docs/message-stories.md anew: what a phone gets in six stories
	@WRITE_STORIES=1 $(PY) -m pytest -q tests/test_message_stories.py

lint: $(TEST_READY) ## check the style rules of pyproject.toml
	@$(PY) -m ruff check .

bench: $(TEST_READY) ## print measurements; nothing is asserted
	@$(PY) -m bench

bench-pages: $(TEST_READY) browser ## print bytes and paints of the public pages, and how long a photo takes, on three thin lines
	@$(PY) -m bench pages

test-browsers: $(TEST_READY) browser ## walk four ways in old and new engines, and say which cannot be had (ENGINES="66 Firefox")
	@$(PY) -m tests.engines $(ENGINES)

lighthouse: $(TEST_READY) browser ## let Lighthouse's phone visit the five first pages, three times each (quiet machine)
	@$(PY) -m tests.lighthouse

browser: $(TEST_READY) ## find Chromium, or install it when that is possible here
	@$(PY) -m tests.chromium

mail-server: $(TEST_READY) ## find Dovecot for the e-mail tests, or install it when that is possible here
	@$(PY) -m tests.dovecot

twilio-spec: $(TEST_READY) ## renew Twilio's API description kept in tests/data (VERSION=9.0.0: one release)
	@$(PY) -m tests.twilio_spec $(VERSION)

scripts: $(TEST_READY) ## write static/js/short anew, after a change of a script
	@$(PY) -m tools.scripts

landed: $(TEST_READY) ## put new migrations on the list of those that are never edited again
	@$(PY) -m tools.landed

sbom: $(TEST_READY) ## write sbom.cdx.json: every pinned package and vendored script (CycloneDX)
	@$(PY) -m tools.sbom sbom.cdx.json

audit: $(TEST_READY) ## look the pinned packages up among known vulnerabilities, and list the C libraries inside them
	@$(PY) -m tools.audit

lock: $(TEST_READY) ## write the pinned requirements anew (newer versions: make lock UPGRADE=--upgrade)
	@$(LOCK) $(UPGRADE) tools/installer.in --output-file tools/installer.txt
	@$(LOCK) $(UPGRADE) requirements.in --output-file requirements.txt
	@$(LOCK) $(UPGRADE) requirements-dev.in --output-file requirements-dev.txt

clean: ## remove the virtual environment and caches; the data in instance/ stays
	@rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis
	@find app tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps make a second start do no package work at all.
$(RUN_READY): requirements.txt tools/installer.txt
	@sh tools/install.sh $(VENV) requirements.txt
	@touch $@

$(TEST_READY): requirements.txt requirements-dev.txt tools/installer.txt
	@sh tools/install.sh $(VENV) requirements-dev.txt
	@touch $(RUN_READY) $@
