"""What the stories of crashes need: a receiver, and a ledger in a file or on a server of this run."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from ledger import Ledger
from tests.ledger import postgres
from tests.stories.folder import LEDGER
from tests.stories.memory import FileMemory, Memory, ServerMemory
from tests.stories.receiver import Receiver

Placed = Callable[[str], Memory]
"""Makes the memory of a story: in a ``file`` or on a ``server``."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a receiver that is there from first to last."""
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="session")
def server() -> Iterator[Callable[[], str]]:
    """Return a function that makes a database with the ledger's schema and nothing in it."""
    numbers = itertools.count()
    try:
        with postgres.server() as url:

            def make() -> str:
                database = f"{url}/story_{next(numbers)}"
                with psycopg.connect(f"{url.replace('+psycopg', '')}/postgres", autocommit=True) as admin:
                    admin.execute(f"create database {database.rpartition('/')[2]}".encode())
                ledger = Ledger(database)
                ledger.upgrade()
                ledger.close()
                return database

            yield make
    except postgres.NoServer as why:
        pytest.skip(f"no PostgreSQL: {why}")


@pytest.fixture
def placed(tmp_path: Path, request: pytest.FixtureRequest) -> Placed:
    """Return a function that makes the memory of a story."""

    def make(where: str) -> Memory:
        if where == "file":
            return FileMemory(tmp_path / LEDGER)
        database: Callable[[], str] = request.getfixturevalue("server")
        return ServerMemory(database())

    return make
