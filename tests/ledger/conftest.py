"""Ledgers to test with: a SQLite file per test, and a database per test on a PostgreSQL server of this run."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from ledger import Ledger
from tests.ledger import postgres


@pytest.fixture
def sqlite_ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(f"sqlite:///{tmp_path}/ledger.db")
    ledger.upgrade()
    yield ledger
    ledger.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    try:
        with postgres.server() as url:
            yield url
    except postgres.NoServer as why:
        pytest.skip(f"no PostgreSQL: {why}")


@pytest.fixture(scope="session")
def empty_database(postgres_server: str) -> Callable[[], str]:
    """Make a database with nothing in it."""
    numbers = itertools.count()

    def make(template: str = "template0") -> str:
        name = f"ledger_{next(numbers)}"
        with psycopg.connect(f"{postgres_server.replace('+psycopg', '')}/postgres", autocommit=True) as admin:
            admin.execute(f"create database {name} template {template}")
        return f"{postgres_server}/{name}"

    return make


@pytest.fixture(scope="session")
def new_database(empty_database: Callable[..., str]) -> Callable[[], str]:
    """Make a database with the ledger's schema, as a copy of one that was migrated once."""
    migrated = empty_database()
    ledger = Ledger(migrated)
    ledger.upgrade()
    ledger.close()
    return lambda: empty_database(migrated.rsplit("/", 1)[1])


@pytest.fixture
def postgres_ledger(new_database: Callable[[], str]) -> Iterator[Ledger]:
    ledger = Ledger(new_database())
    yield ledger
    ledger.close()
