"""Every kind of source in the folder passes the one suite."""

from __future__ import annotations

import csv
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from connectors.base import Connector
from connectors.registry import kinds, open_connector
from tests.connectors.interface import Interface, serving
from tests.contracts.connector_contract import COLUMNS, Bench, ConnectorContract, Row, spec_of


class FilesBench:
    """A folder with one CSV file that is written anew each time."""

    def __init__(self, folder: Path) -> None:
        self._base, self._folder = folder, folder / "drops"
        self._folder.mkdir()
        self._writings = 0
        self.spec = spec_of("files", {"path": "drops", "glob": "*.csv"})

    def fill(self, rows: Sequence[Row]) -> None:
        self._folder.mkdir(exist_ok=True)
        path = self._folder / "cases.csv"
        with path.open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        self._writings += 1
        os.utime(path, (1_700_000_000 + self._writings,) * 2)

    def break_down(self) -> None:
        self._folder.rename(self._base / "unmounted")

    def mend(self) -> None:
        (self._base / "unmounted").rename(self._folder)

    def connector(self) -> Connector:
        return open_connector(self.spec, {}, self._base)


class SqlBench:
    """A front-end exchange database (前置库) in SQLite, read by a watermark."""

    def __init__(self, folder: Path) -> None:
        self._base, self._path = folder, folder / "exchange.db"
        self.spec = spec_of(
            "sql",
            {
                "url": "sqlite:///exchange.db",
                "table": "CASES",
                "watermark": {"column": "CHANGED", "key": "ID", "format": "%Y-%m-%d %H:%M:%S"},
            },
        )

    def fill(self, rows: Sequence[Row]) -> None:
        connection = sqlite3.connect(self._path)
        with connection:
            connection.execute("DROP TABLE IF EXISTS CASES")
            connection.execute(
                f"CREATE TABLE CASES (ID INTEGER PRIMARY KEY, {', '.join(f'{c} TEXT' for c in COLUMNS)})"
            )
            marks = ", ".join("?" for _ in COLUMNS)
            connection.executemany(
                f"INSERT INTO CASES ({', '.join(COLUMNS)}) VALUES ({marks})",  # noqa: S608  # fixed names
                [[row[column] for column in COLUMNS] for row in rows],
            )
        connection.close()

    def break_down(self) -> None:
        self._path.rename(self._base / "gone.db")

    def mend(self) -> None:
        (self._base / "gone.db").rename(self._path)

    def connector(self) -> Connector:
        return open_connector(self.spec, {}, self._base)


class HttpBench:
    """An interface on a real socket, paged by cursor, asked only for what changed."""

    def __init__(self, folder: Path, interface: Interface) -> None:
        self._base, self._interface = folder, interface
        self.spec = spec_of(
            "http",
            {
                "url": interface.url,
                "records": "data.items",
                "paging": {"by": "cursor", "parameter": "cursor", "field": "data.next"},
                "since": {"parameter": "updated_since", "column": "CHANGED", "format": "%Y-%m-%d %H:%M:%S"},
                "retry": {"attempts": 2, "wait": "1ms"},
            },
        )

    def fill(self, rows: Sequence[Row]) -> None:
        self._interface.records = list(rows)

    def break_down(self) -> None:
        self._interface.down = True

    def mend(self) -> None:
        self._interface.down = False

    def connector(self) -> Connector:
        return open_connector(self.spec, {}, self._base)


class TestFiles(ConnectorContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        return FilesBench(tmp_path)


class TestSql(ConnectorContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        return SqlBench(tmp_path)


class TestHttp(ConnectorContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:  # type: ignore[override]  # a fixture that cleans up yields
        with serving(Interface()) as interface:
            yield HttpBench(tmp_path, interface)


def test_every_kind_in_the_folder_stands_on_a_bench() -> None:
    benches = {suite.__name__.removeprefix("Test").lower() for suite in ConnectorContract.__subclasses__()}
    assert benches >= set(kinds())
