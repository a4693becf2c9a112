# 两条命令：make run（运行）、make test（测试）。其余是开发时用的。
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin/python

.PHONY: run test bench quality setup setup-tests lint types doctor lock

run: setup
	@exec $(BIN) -m bot run

setup:
	@$(PYTHON) bot/bootstrap.py

setup-tests:
	@$(PYTHON) bot/bootstrap.py --tests
	@sh tests/system_packages.sh

test: setup-tests
	@$(BIN) -m ruff format --check . && $(BIN) -m ruff check . && $(BIN) -m mypy
	@MINSHENG_DATA_DIR=var/test $(BIN) -m bot prepare
	@$(BIN) -m pytest

bench: setup-tests
	@MINSHENG_DATA_DIR=var/test $(BIN) -m bot prepare >&2
	@$(BIN) -m benchmarks

quality: setup-tests
	@MINSHENG_DATA_DIR=var/test $(BIN) -m bot prepare >&2
	@MINSHENG_DATA_DIR=var/test $(BIN) -m benchmarks.quality

doctor:
	@$(BIN) -m bot doctor

lint:
	$(BIN) -m ruff format . && $(BIN) -m ruff check --fix .

types:
	$(BIN) -m mypy

lock:
	$(BIN) requirements/lock.py
