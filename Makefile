# Two commands do everything: `make run` and `make test`. Each makes whatever is missing first.
PYTHON ?= python3

.PHONY: run test check bench audit sbom clean

run:
	@$(PYTHON) scripts/setup.py run
	@.venv/bin/aid serve

test:
	@$(PYTHON) scripts/setup.py test
	@.venv/bin/python scripts/test.py

check:
	@$(PYTHON) scripts/setup.py run --no-models
	@.venv/bin/aid check

bench:
	@$(PYTHON) scripts/setup.py test
	@.venv/bin/python -m bench

audit:
	@$(PYTHON) scripts/setup.py test --no-models
	@.venv/bin/python scripts/audit.py

sbom:
	@$(PYTHON) scripts/setup.py test --no-models
	@.venv/bin/python scripts/sbom.py

clean:
	rm -rf .venv .venv-rasa var web/dist web/node_modules .rasa
