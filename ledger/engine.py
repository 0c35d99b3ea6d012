"""How the ledger reaches its database: SQLite in WAL mode or PostgreSQL through psycopg, transactions said aloud.

With sqlite3's own transaction handling, concurrent read-modify-writes are silently lost; so the driver is put into
autocommit and every transaction begins with a BEGIN of ours: IMMEDIATE for writers, who thus queue up instead of
failing half-way, and plain for readers, who see one snapshot. Commits are synced to disk (FULL): cards are evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import RLock
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import URL, Connection, Engine, Table, TextClause, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import SQLCompiler

from rules.problems import refuse

Row: TypeAlias = tuple[object, ...]

PRAGMAS: Final = (
    "busy_timeout = 30000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "cache_size = -65536",
    "temp_store = MEMORY",
    "wal_autocheckpoint = 4000",
)
"""The settings of every SQLite connection; the timeout first, for the others may already have to wait."""

_WRITES: Final = "mingdeng_writes"


class Store:
    """One database: transactions for readers and writers, and statements that are compiled once.

    Raises ``UserError`` if ``url`` names no database that the ledger can live in.
    """

    def __init__(self, url: str) -> None:
        self.engine: Engine = _engine(url)
        self._writer = self.engine.execution_options(**{_WRITES: True})
        self._compiled: dict[int, tuple[TextClause, str, tuple[str, ...]]] = {}
        self._turn = RLock()

    @property
    def is_sqlite(self) -> bool:
        """Say whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write: committed at the end, rolled back if anything is raised.

        SQLite takes one writer at a time, and others ask again ever more seldom; threads of ours take turns instead.
        """
        with self._turn if self.is_sqlite else nullcontext(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that only reads, on one snapshot where the database gives one."""
        with self.engine.begin() as connection:
            yield connection

    def many(self, connection: Connection, statement: TextClause, rows: Sequence[Mapping[str, object]]) -> int:
        """Run a statement for every row of named values in one call of the driver; return how many rows it wrote.

        This costs a third of what Core's own executemany does.
        """
        if not rows:
            return 0
        sql, names = self.compiled(statement)
        return connection.exec_driver_sql(sql, [tuple([row[name] for name in names]) for row in rows]).rowcount

    def many_rows(
        self, connection: Connection, statement: TextClause, names: tuple[str, ...], rows: Sequence[Row]
    ) -> None:
        """Run a statement for rows whose values already stand in the order of ``names``, its own parameters."""
        if rows:
            sql, order = self.compiled(statement)
            if order != names:
                raise AssertionError(f"the statement wants {order}, not {names}")
            connection.exec_driver_sql(sql, list(rows))

    def among(self, connection: Connection, sql: str, keys: Sequence[str], **values: object) -> Sequence[Any]:
        """Return the rows of a query in which ``{keys}`` stands for a sub-query of any number of keys."""
        each = "json_each(:keys)" if self.is_sqlite else "json_array_elements_text(cast(:keys as json))"
        statement = text(sql.replace("{keys}", f"(select value from {each} as k)"))  # noqa: S608 - own names
        return connection.execute(statement, {"keys": msgspec.json.encode(keys).decode(), **values}).all()

    def compiled(self, statement: TextClause) -> tuple[str, tuple[str, ...]]:
        """Return the driver's SQL of a statement that lives as long as the process, and the order of its values."""
        known = self._compiled.get(id(statement))
        if known is None:
            done = statement.compile(dialect=self.engine.dialect)
            assert isinstance(done, SQLCompiler)  # noqa: S101 - for the type checker; no other kind compiles text
            names = tuple(done.positiontup or ())
            known = self._compiled[id(statement)] = (statement, str(done), names)
        return known[1], known[2]

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def insertion(table: Table, *, or_nothing: bool = False) -> TextClause:
    """Return the statement that writes whole rows of a table, numbered columns left out; or does nothing if there."""
    names = [c.name for c in table.c if c is not table.autoincrement_column]
    values = ", ".join(f":{name}" for name in names)
    unless = " on conflict do nothing" if or_nothing else ""
    return text(f"insert into {table.name} ({', '.join(names)}) values ({values}){unless}")  # noqa: S608 - own names


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _no_database("a database address that cannot be read", "无法识别的数据库地址") from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.get_backend_name() == "postgresql":
        url_object = parsed.set(drivername="postgresql+psycopg")
        alive = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
        return create_engine(url_object, paramstyle="format", pool_pre_ping=True, connect_args=alive)
    raise _no_database(f"the database '{parsed.get_backend_name()}'", f"数据库“{parsed.get_backend_name()}”")


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise _no_database("a database in memory", "内存数据库")
    if not Path(url.database).absolute().parent.is_dir():
        raise refuse(
            "ledger/folder", url.database,
            f"The folder of the ledger file {url.database} does not exist.",
            f"台账文件 {url.database} 所在目录不存在。",
            mend_en="Create it, or change the address of the ledger.", mend_zh="请创建该目录或修改台账地址。",
        )  # fmt: skip
    engine = create_engine(url.set(drivername="sqlite+pysqlite"), pool_size=8, max_overflow=16)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _no_database(en: str, zh: str) -> Exception:
    return refuse(
        "ledger/address", "ledger",
        f"The ledger cannot live in {en}.", f"台账不能存放于{zh}。",
        mend_en="Write sqlite:///mingdeng.db or postgresql+psycopg://user@host/name.",
        mend_zh="请写成 sqlite:///mingdeng.db 或 postgresql+psycopg://user@host/name。",
    )  # fmt: skip
