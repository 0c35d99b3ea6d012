"""Where the ledger of a story lives, a SQLite file or a database on a PostgreSQL server, and how it is read from outside."""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import psycopg

DAEMON = "daemon"
"""How the connections of the daemon are called on a server."""

PATIENCE = 30.0
"""Seconds within which a server notices that a process is dead."""


class Answer(Protocol):
    """The rows of a query."""

    def __iter__(self) -> Iterator[Any]:
        """Yield them."""

    def fetchone(self) -> Any:
        """Return the next one."""


class Asked(Protocol):
    """A connection that answers plain SQL; values are named ``:so``."""

    def execute(self, query: str, values: Mapping[str, object] = ..., /) -> Answer:
        """Ask."""


class Memory(Protocol):
    """A ledger as the stories see it."""

    @property
    def url(self) -> str:
        """Its address in the settings of the daemon."""

    def reading(self) -> AbstractContextManager[Asked | None]:
        """Open it for reading, whoever else has it open; None: nothing is there yet."""

    def as_it_was_left(self) -> AbstractContextManager[Asked | None]:
        """Open it as a daemon that is dead has left it, so that nobody but the next daemon recovers it."""


@dataclass(frozen=True)
class FileMemory:
    """A ledger in one file. What a dead daemon left is read from a copy of the file and of its log."""

    path: Path

    @property
    def url(self) -> str:
        """The address of the file."""
        return f"sqlite:///{self.path.absolute()}"

    @contextmanager
    def reading(self) -> Iterator[Asked | None]:
        """Open the file itself."""
        if not self.path.exists():
            yield None
            return
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)) as connection:
            yield connection if _is_laid_out(connection) else None

    @contextmanager
    def as_it_was_left(self) -> Iterator[Asked | None]:
        """Open a copy."""
        with TemporaryDirectory() as folder:
            for path in (self.path, self.path.with_name(f"{self.path.name}-wal")):
                if path.exists():
                    shutil.copy(path, folder)
            if not (Path(folder) / self.path.name).exists():
                yield None
                return
            with closing(sqlite3.connect(Path(folder) / self.path.name)) as connection:
                yield connection if _is_laid_out(connection) else None


@dataclass(frozen=True)
class ServerMemory:
    """A ledger on a server. What a dead daemon left is what is committed once the last of its connections is gone."""

    database: str

    @property
    def url(self) -> str:
        """The address under which the daemon's connections are told from those of others."""
        return self.named(DAEMON)

    def named(self, name: str) -> str:
        """Return the address for a process of this name."""
        return f"{self.database}?application_name={name}"

    @contextmanager
    def reading(self) -> Iterator[Asked | None]:
        """Open one snapshot."""
        with closing(psycopg.connect(self.database.replace("+psycopg", ""))) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            yield _Named(connection)

    @contextmanager
    def as_it_was_left(self) -> Iterator[Asked | None]:
        """Wait until the server has noticed the end of the daemon, whose last commit may still be on its way."""
        self.wait_for_the_end_of(DAEMON)
        with self.reading() as connection:
            yield connection

    def wait_for_the_end_of(self, name: str) -> None:
        """Wait until no process of this name is connected."""
        query = "select count(*) from pg_stat_activity where datname = current_database() and application_name = :name"
        until = time.monotonic() + PATIENCE
        while True:
            with self.reading() as connection:
                if connection is None or not connection.execute(query, {"name": name}).fetchone()[0]:
                    return
            assert time.monotonic() < until, f"the server still serves {name}, which is dead"
            time.sleep(0.02)


@dataclass(frozen=True)
class _Named:
    """A connection to PostgreSQL that takes values named as SQLite does."""

    connection: psycopg.Connection[tuple[Any, ...]]

    def execute(self, query: str, values: Mapping[str, object] = {}, /) -> Answer:
        """Ask."""
        return self.connection.execute(re.sub(r"(?<!:):(\w+)", r"%(\1)s", query).encode(), values)


def _is_laid_out(connection: sqlite3.Connection) -> bool:
    """Say whether the tables are there: a daemon may have died while it made them."""
    return bool(connection.execute("select count(*) from sqlite_master where name = 'duties'").fetchone()[0])
