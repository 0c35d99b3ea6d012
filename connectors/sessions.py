"""Database connections that only read: opened for one fetch, with a time limit, by each database's own means."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import quote

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.pool import NullPool

from rules.problems import refuse

_STEPS_BETWEEN_LOOKS: Final = 10_000
_READ_ONLY_TRANSACTIONS: Final = frozenset({"oracle", "mysql", "mariadb", "dm", "kingbase", "opengauss"})


class Session(Struct, frozen=True):
    """An engine, and the function that starts the time limit anew before each page."""

    engine: sa.Engine
    restart: Callable[[], None]


def open_session(url: sa.URL, password: str | None, timeout: float, base: Path) -> Session:
    """Return a read-only session; nothing is connected yet. Raise ``UserError`` if the driver is not installed."""
    if password is not None:
        url = url.set(password=password)
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite(url, timeout, base)
        if url.get_backend_name() == "postgresql":
            return Session(_postgresql(url, timeout), lambda: None)
        return Session(_other(url), lambda: None)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        driver = getattr(error, "name", None) or url.drivername
        raise refuse(
            "source/driver",
            url.render_as_string(),
            f"The database driver '{driver}' is not installed.",
            f"数据库驱动 {driver} 未安装。",
            mend_en="Install the package of this driver.",
            mend_zh="请安装该驱动。",
        ) from error


def _sqlite(url: sa.URL, timeout: float, base: Path) -> Session:
    """The file is opened with ``mode=ro``; a statement that takes too long is interrupted."""
    deadline = [float("inf")]
    path = base / (url.database or "")

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode=ro", uri=True, timeout=timeout, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = ON")
        connection.set_progress_handler(lambda: time.monotonic() > deadline[0], _STEPS_BETWEEN_LOOKS)
        return connection

    def restart() -> None:
        deadline[0] = time.monotonic() + timeout

    return Session(sa.create_engine("sqlite://", creator=connect, poolclass=NullPool), restart)


def _postgresql(url: sa.URL, timeout: float) -> sa.Engine:
    return sa.create_engine(
        url,
        poolclass=NullPool,
        connect_args={
            "options": f"-c default_transaction_read_only=on -c statement_timeout={int(timeout * 1000)}",
            "connect_timeout": max(2, int(timeout)),
            "keepalives": 1,
            "keepalives_idle": 30,
            "application_name": "mingdeng",
        },
    )


def _other(url: sa.URL) -> sa.Engine:
    """Any other database is sent SELECTs alone, in a transaction that only reads where it knows such transactions."""
    engine = sa.create_engine(url, poolclass=NullPool)
    if url.get_backend_name() not in _READ_ONLY_TRANSACTIONS:
        return engine

    @sa.event.listens_for(engine, "begin")
    def read_only(connection: sa.Connection) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    return engine
