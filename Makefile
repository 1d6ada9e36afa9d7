# make run: sets up what is missing, then runs the quickstart deck on two ranks. make test: the fast test suite.
# make setup takes MPICC=, HDF5_DIR=, PETSC_DIR=, FFTW_DIR=, PYTHON=, HPCMM_MARCH=, NO_APT=1, EXTRAS="rnn docs", UNLOCKED=1 (see jobs/install.sh).
include jobs/local_mpi.env

VENV ?= .venv
BIN := $(VENV)/bin
# as an activated environment has it: tools find one another, and the mpirun that belongs to mpi4py
export PATH := $(if $(filter /%,$(VENV)),,$(CURDIR)/)$(BIN):$(PATH)
DECK ?= input_decks/quickstart.toml
RANKS ?= 2
# processes that share the tests; none of these measures time or relies on the order
WORKERS ?= 2

.PHONY: setup constraints run paper test test-slow bench lint docs doctor clean

setup:
	@bash jobs/install.sh $(VENV)

# after a suite that passed with newer packages (make setup UNLOCKED=1; make test): lock those
constraints:
	$(BIN)/python jobs/lock.py

run: setup
	$(BIN)/mpirun -n $(RANKS) $(BIN)/hpcmm run $(DECK) --overwrite

# figures of the paper in small versions, and runs/paper/index.html: ours beside what the paper says
paper: setup
	RANKS=$(RANKS) bash jobs/paper.sh

test: setup
	$(BIN)/python -m pytest -m "not slow" -n $(WORKERS) --dist worksteal

test-slow: setup
	$(BIN)/python -m pytest -m slow

bench: setup
	$(BIN)/hpcmm bench

lint: setup
	$(BIN)/ruff check
	$(BIN)/cython-lint cython_kernels
	$(BIN)/lint-imports

# the pages of docs/ and of the API as a site, build/site/index.html, a warning is an error; then types the tutorials
docs: export EXTRAS ?= docs
docs: setup
	rm -rf docs/api
	$(BIN)/python -m sphinx -q -W --keep-going docs build/site
	$(BIN)/python -m pytest -m slow tests/test_tutorials.py

doctor: setup
	$(BIN)/hpcmm doctor

# what compiling and testing left behind; the environment stays (rm -rf .venv removes it)
clean:
	rm -rf build docs/api *.egg-info .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	rm -f cython_kernels/*.c cython_kernels/*.so
	find hpcmm cython_kernels tests -name __pycache__ -type d -exec rm -rf {} +
