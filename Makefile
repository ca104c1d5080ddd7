# Targets people expect. `make test` is the README's test command.
.PHONY: demo test nightly faults lint bench docs pictures
demo:
	chainatlas demo
test:
	pytest
nightly:
	CHAINATLAS_NIGHTLY=1 CHAINATLAS_FAULTS=$(CURDIR)/faults.jsonl pytest
faults:
	python docs/faults.py faults.jsonl
lint:
	ruff check . && ruff format --check . && lint-imports && mypy -p chainatlas
bench:
	python benchmarks/run.py
docs:
	chainatlas schema -o docs/schema.md
	python docs/public_names.py
	sphinx-build -W -b html docs docs/_build/html
pictures:
	python docs/images/draw.py
