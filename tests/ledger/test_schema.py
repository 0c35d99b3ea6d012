"""The migrations lead to the tables that the code is written for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from ledger import Ledger
from ledger.tables import metadata
from rules.problems import UserError


def differences(ledger: Ledger) -> list[object]:
    with ledger.store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        return list(compare_metadata(context, metadata))


def test_on_sqlite_the_migrations_give_exactly_the_tables_of_the_code(sqlite_ledger: Ledger) -> None:
    assert differences(sqlite_ledger) == []


def test_on_postgres_the_migrations_give_exactly_the_tables_of_the_code(postgres_ledger: Ledger) -> None:
    assert differences(postgres_ledger) == []


@pytest.mark.smoke
def test_a_ledger_that_was_not_upgraded_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path}/ledger.db")
    with pytest.raises(UserError) as refused:
        ledger.check()
    (problem,) = refused.value.problems
    assert "mingdeng db upgrade" in problem.mend_en
    ledger.upgrade()
    ledger.check()


def test_a_ledger_of_a_newer_version_is_refused(sqlite_ledger: Ledger) -> None:
    with sqlite_ledger.store.writing() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(UserError):
        sqlite_ledger.check()


def test_upgrading_again_keeps_what_is_there(sqlite_ledger: Ledger) -> None:
    sqlite_ledger.heartbeat("review", 1, ok=True)
    sqlite_ledger.upgrade()
    with sqlite_ledger.store.reading() as connection:
        assert connection.execute(text("select count(*) from duties")).scalar_one() == 1


@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_daemons_that_start_together_migrate_one_after_the_other(
    where: str, tmp_path: Path, empty_database: Callable[[], str]
) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db" if where == "sqlite" else empty_database()
    code = "import sys; from ledger import Ledger; Ledger(sys.argv[1]).upgrade()"
    root = Path(__file__).parents[2]
    started = [subprocess.Popen([sys.executable, "-c", code, url], cwd=root) for _ in range(3)]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    ledger = Ledger(url)
    ledger.check()
    ledger.close()


def test_the_indexes_of_what_is_due_hold_only_what_is_due(sqlite_ledger: Ledger) -> None:
    with sqlite_ledger.store.reading() as connection:
        plans = {
            due: str(connection.execute(text(f"explain query plan select case_id from cases where {due}")).all())  # noqa: S608 - the conditions above
            for due in ("next_review_at <= 5", "stale_since is not null", "lease_until is not null")
        }
    for due, plan in plans.items():
        assert f"cases_{due.split()[0]}" in plan


def test_a_migrated_server_accepts_the_first_batch(new_database: Callable[[], str]) -> None:
    ledger = Ledger(new_database())
    ledger.check()
    assert ledger.claim(0) == ()
    ledger.close()
