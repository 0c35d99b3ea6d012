"""Databases: watermarks, late commits, read-only sessions, and what a database says when it cannot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
import sqlalchemy as sa

from connectors.base import Connector, SourceFailed, SourceRefused
from connectors.mapping import SourceSpec
from connectors.registry import load_source, open_connector
from connectors.sessions import open_session
from rules.problems import UserError
from tests.contracts.connector_contract import COLUMNS, NOW, Bench, ConnectorContract, Row, events, fetch, row, spec_of
from tests.ledger import postgres

TEXT_MARK = {"column": "CHANGED", "key": "ID", "format": "%Y-%m-%d %H:%M:%S"}


def exchange(folder: Path, rows: Sequence[Mapping[str, object]], changed: str = "TEXT") -> None:
    """Write a front-end exchange database anew."""
    path = folder / "exchange.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    kinds = dict.fromkeys(COLUMNS, "TEXT") | {"CHANGED": changed}
    with connection:
        connection.execute(
            f"CREATE TABLE CASES (ID INTEGER PRIMARY KEY, {', '.join(f'{c} {k}' for c, k in kinds.items())})"
        )
        connection.executemany(
            "INSERT INTO CASES (NO, UNIT, OPENED, DUE, CLOSED, RESULT, CHANGED) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [[each[column] for column in COLUMNS] for each in rows],
        )
    connection.close()


def spec(**read: object) -> SourceSpec:
    return spec_of("sql", {"url": "sqlite:///exchange.db", "table": "CASES", "watermark": TEXT_MARK, **read})


def numbers(connector: Connector, cursor: Mapping[str, str | int | float | bool | None] | None = None) -> list[str]:
    return sorted({event.case_no for event in events(fetch(connector, cursor))})


# ── the watermark ──────────────────────────────────────────────────────────────────────────────


def test_a_row_committed_late_within_the_overlap_is_not_lost(tmp_path: Path) -> None:
    exchange(tmp_path, [row(0), row(100)])
    cursor = fetch(open_connector(spec(), {}, tmp_path))[-1].cursor
    exchange(tmp_path, [row(0), row(50), row(100)])
    assert numbers(open_connector(spec(), {}, tmp_path), cursor) == ["A00050", "A00100"]


def test_many_rows_of_one_watermark_value_are_paged_by_their_key(tmp_path: Path) -> None:
    exchange(tmp_path, [row(n, CHANGED="2024-03-01 09:00:00") for n in range(25)])
    batches = fetch(open_connector(spec(batch=10), {}, tmp_path))
    assert [batch.rows for batch in batches] == [10, 10, 5]
    assert len(events(batches)) == 50


def test_a_row_without_watermark_is_read_every_time(tmp_path: Path) -> None:
    exchange(tmp_path, [row(1), row(2, CHANGED=None)])
    connector = open_connector(spec(overlap="1s"), {}, tmp_path)
    first = fetch(connector)
    assert {event.case_no for event in events(first)} == {"A00001", "A00002"}
    assert "A00002" in numbers(connector, first[-1].cursor)


@pytest.mark.parametrize("strange", ["9999-12-31 00:00:00", "not yet", "2024-03-31 00:00:00"])
def test_one_row_from_the_future_does_not_hide_the_rows_after_it(tmp_path: Path, strange: str) -> None:
    exchange(tmp_path, [row(1), row(2, CHANGED=strange)])
    connector = open_connector(spec(), {}, tmp_path)
    cursor = fetch(connector)[-1].cursor
    exchange(tmp_path, [row(1), row(2, CHANGED=strange), row(3)])
    assert "A00003" in numbers(connector, cursor)


def test_a_watermark_of_numbers_overlaps_by_a_number(tmp_path: Path) -> None:
    exchange(tmp_path, [row(n, CHANGED=str(n)) for n in range(10)], changed="INTEGER")
    connector = open_connector(spec(watermark={"column": "CHANGED", "key": "ID"}, overlap=2), {}, tmp_path)
    cursor = fetch(connector)[-1].cursor
    assert numbers(connector, cursor) == ["A00007", "A00008", "A00009"]


@pytest.mark.parametrize(
    ("kind", "mark", "said"),
    [("TEXT", "2024-03-01 09:00:00", "Add 'format:' to the watermark"), ("INTEGER", "5", "Write 'overlap: 1000'")],
)
def test_a_watermark_that_the_mapping_does_not_explain_is_refused_with_the_edit(
    tmp_path: Path, kind: str, mark: str, said: str
) -> None:
    exchange(tmp_path, [row(1, CHANGED=mark)], changed=kind)
    connector = open_connector(spec(watermark={"column": "CHANGED", "key": "ID"}), {}, tmp_path)
    cursor = fetch(connector)[-1].cursor
    with pytest.raises(SourceRefused, match=said):
        fetch(connector, cursor)


def test_without_watermark_everything_is_read_each_time(tmp_path: Path) -> None:
    exchange(tmp_path, [row(n) for n in range(25)])
    connector = open_connector(spec(watermark=None, batch=10), {}, tmp_path)
    batches = fetch(connector)
    assert [batch.rows for batch in batches] == [10, 10, 5]
    assert len(numbers(connector, batches[-1].cursor)) == 25


# ── queries ────────────────────────────────────────────────────────────────────────────────────


def test_a_query_may_contain_colons_and_percent_signs(tmp_path: Path) -> None:
    exchange(tmp_path, [row(1), row(2, UNIT="a:b")])
    query = "SELECT * FROM CASES WHERE UNIT LIKE '%:b' AND ':x' <> '' AND CHANGED > '2024-01-01 00:00:00';"
    assert numbers(open_connector(spec(table=None, query=query), {}, tmp_path)) == ["A00002"]


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ({"table": None, "query": "DELETE FROM CASES"}, "a query is one SELECT"),
        ({"table": None, "query": "SELECT 1; DROP TABLE CASES"}, "without semicolons"),
        ({"table": "A", "query": "SELECT 1"}, "write either 'table' or 'query'"),
        ({"url": "postgresql://u:secret@h/d"}, "a password does not belong in a mapping"),
        ({"url": "nonsense"}, "this is not a database address"),
        ({"overlap": "soon"}, "'soon' is not a length of time"),
        ({"timeout": "soon"}, "'soon' is not a length of time"),
        ({"watermark": {**TEXT_MARK, "format": "%d.%m.%Y"}}, "has to sort by time"),
    ],
)
def test_a_read_block_that_cannot_be_used_is_refused(tmp_path: Path, read: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said) as refused:
        open_connector(spec(**read), {}, tmp_path)
    assert "secret@" not in str(refused.value)


def test_a_name_of_a_table_cannot_smuggle_in_a_statement(tmp_path: Path) -> None:
    exchange(tmp_path, [row(1)])
    with pytest.raises(SourceFailed, match="no such table") as failed:
        fetch(open_connector(spec(table='CASES" ; DROP TABLE "CASES'), {}, tmp_path))
    assert not failed.value.passing
    assert numbers(open_connector(spec(), {}, tmp_path)) == ["A00001"]


def test_values_of_rows_are_bound_and_never_become_part_of_a_statement(tmp_path: Path) -> None:
    exchange(tmp_path, [row(n, CHANGED="2024-03-01 09:00:00", UNIT="'; DROP TABLE CASES; --") for n in range(12)])
    batches = fetch(open_connector(spec(batch=5, watermark={**TEXT_MARK, "key": "UNIT"}), {}, tmp_path))
    assert batches[-1].more is False
    exchange_still = open_connector(spec(), {}, tmp_path)
    assert len(numbers(exchange_still)) == 12


def test_a_database_is_opened_for_reading_only(tmp_path: Path) -> None:
    exchange(tmp_path, [row(1)])
    session = open_session(sa.make_url("sqlite:///exchange.db"), None, 5.0, tmp_path)
    with session.engine.connect() as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
        connection.execute(sa.text("DELETE FROM CASES"))


def test_a_query_that_never_ends_is_stopped_by_the_timeout(tmp_path: Path) -> None:
    exchange(tmp_path, [row(1)])
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS ID, '' AS CHANGED FROM n WHERE i < 0"
    with pytest.raises(SourceFailed, match="interrupted") as failed:
        fetch(open_connector(spec(table=None, query=endless, timeout="200ms"), {}, tmp_path))
    assert failed.value.passing


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="unable to open") as failed:
        fetch(open_connector(spec(), {}, tmp_path))
    assert failed.value.passing
    assert not (tmp_path / "exchange.db").exists()


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    exchange(tmp_path, [row(1)])
    with pytest.raises(SourceRefused, match=r"'UNITS', which is not there\. The nearest is 'UNIT'"):
        fetch(open_connector(spec_of("sql", spec().read, common={"unit": "UNITS"}), {}, tmp_path))


def test_a_driver_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="driver 'oracledb' is not installed"):
        open_connector(spec(url="oracle+oracledb://u@h/d"), {}, tmp_path)


def test_a_secret_that_is_not_given_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Did you mean 'exchange_password'"):
        open_connector(spec(password="exchange_pasword"), {"exchange_password": "x"}, tmp_path)


def test_a_path_is_refused_for_a_kind_that_reads_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no path can be given"):
        open_connector(spec(), {}, tmp_path, tmp_path / "x.csv")


# ── PostgreSQL ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    try:
        with postgres.server() as url:
            with psycopg.connect(f"{url.replace('+psycopg', '')}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE exchange")
            yield url
    except postgres.NoServer as why:
        pytest.skip(f"no PostgreSQL: {why}")


class PostgresBench:
    """The same database on a real PostgreSQL server, its watermark a timestamp with zone."""

    def __init__(self, server: str) -> None:
        self._server = server.replace("+psycopg", "")
        read = {"url": f"{server}/exchange", "password": "pg", "table": "public.cases"}
        self.spec = spec_of("sql", {**read, "watermark": {"column": "CHANGED", "key": "id"}})

    def _execute(self, database: str, *statements: LiteralString) -> None:
        with psycopg.connect(f"{self._server}/{database}", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def fill(self, rows: Sequence[Row]) -> None:
        self._execute(
            "exchange",
            "SET timezone = 'Asia/Shanghai'",
            "DROP TABLE IF EXISTS cases",
            """CREATE TABLE cases (id serial PRIMARY KEY, "NO" text, "UNIT" text, "OPENED" timestamp, "DUE" timestamp,
                                    "CLOSED" text, "RESULT" text, "CHANGED" timestamptz)""",
        )
        with psycopg.connect(f"{self._server}/exchange") as connection:
            connection.cursor().executemany(
                """INSERT INTO cases ("NO", "UNIT", "OPENED", "DUE", "CLOSED", "RESULT", "CHANGED")
                   VALUES (%s, %s, %s, %s, %s, %s, %s)""",
                [[each[column] for column in COLUMNS] for each in rows],
            )

    def break_down(self) -> None:
        self._execute("postgres", "ALTER DATABASE exchange ALLOW_CONNECTIONS false")

    def mend(self) -> None:
        self._execute("postgres", "ALTER DATABASE exchange ALLOW_CONNECTIONS true")

    def connector(self) -> Connector:
        return open_connector(self.spec, {"pg": "a-secret"}, Path())


class TestPostgres(ConnectorContract):
    @pytest.fixture
    def bench(self, server: str) -> Bench:
        return PostgresBench(server)


def test_a_server_that_is_gone_is_a_passing_failure_without_the_password(server: str) -> None:
    bench = PostgresBench(server)
    port = server.rpartition(":")[2]
    read = {**bench.spec.read, "url": str(bench.spec.read["url"]).replace(port, "1")}
    with pytest.raises(SourceFailed, match="refused") as failed:
        fetch(open_connector(spec_of("sql", read), {"pg": "a-secret"}, Path()))
    assert failed.value.passing
    assert "a-secret" not in failed.value.en + failed.value.zh


def test_a_postgresql_session_only_reads_and_its_statements_end(server: str) -> None:
    bench = PostgresBench(server)
    bench.fill([row(1)])
    session = open_session(sa.make_url(f"{server}/exchange"), None, 0.2, Path())
    with session.engine.connect() as connection, pytest.raises(sa.exc.InternalError, match="read-only transaction"):
        connection.execute(sa.text("DELETE FROM cases"))
    with session.engine.connect() as connection, pytest.raises(sa.exc.OperationalError, match="statement timeout"):
        connection.execute(sa.text("SELECT pg_sleep(5)"))


def test_the_mapping_of_an_exchange_database_loads_from_a_file(tmp_path: Path) -> None:
    exchange(tmp_path, [row(1)])
    (tmp_path / "source.yaml").write_text(
        """
source: licensing
kind: sql
namespace: county
of: application
zone: Asia/Shanghai
read: {url: "sqlite:///exchange.db", table: CASES, watermark: {column: CHANGED, key: ID, format: "%Y-%m-%d %H:%M:%S"}}
rows: snapshot
case_no: "NO"
events: [{name: accepted, at: OPENED}]
""",
        encoding="utf-8",
    )
    connector = open_connector(load_source(tmp_path / "source.yaml"), {}, tmp_path)
    assert [event.name for batch in connector.fetch({}, NOW) for event in batch.events] == ["accepted"]
