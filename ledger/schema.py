"""Brings a database to the schema of this version, and says when it is not there yet."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ledger.engine import Store
from rules.problems import refuse

_LOCK = 0x6D696E67  # any number that is ours: two daemons that start together migrate one after the other


def upgrade(store: Store) -> None:
    """Run the migrations that are missing, in one transaction; a second call changes nothing."""
    _reach(store)
    with store.writing() as connection:
        if not store.is_sqlite:
            connection.exec_driver_sql(f"select pg_advisory_xact_lock({_LOCK})")
        command.upgrade(config(connection), "head")


def check(store: Store) -> None:
    """Raise ``UserError`` unless the database has exactly the schema of this version."""
    _reach(store)
    with store.reading() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    wanted = ScriptDirectory.from_config(config(None)).get_current_head()
    if found != wanted:
        raise refuse(
            "ledger/schema", _shown(store),
            f"The ledger has schema {found or 'none'}, this version needs {wanted}.",
            f"台账的结构版本是{found or '空'}，本程序需要 {wanted}。",
            mend_en="Run `mingdeng db upgrade`.", mend_zh="请运行 `mingdeng db upgrade`。",
        )  # fmt: skip


def _reach(store: Store) -> None:
    """Connect once; a database that is not there, or a file that is none, is the user's to mend."""
    try:
        with store.reading():
            pass
    except DBAPIError as fault:
        why = " ".join(str(fault.orig).split())
        raise refuse(
            "ledger/unreachable", _shown(store),
            f"The ledger's database cannot be opened: {why}.", f"无法打开台账数据库：{why}。",
            mend_en="Check the address, that the server runs, and the rights of this user.",
            mend_zh="请检查地址、数据库服务是否运行以及当前用户的权限。",
        ) from None  # fmt: skip


def _shown(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=True)


def config(connection: Connection | None) -> Config:
    """Return Alembic's configuration: the folder beside this file, also inside an installed wheel."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made
