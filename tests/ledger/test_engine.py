"""How the ledger reaches its database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger import Ledger
from rules.problems import UserError


def test_four_writers_that_read_and_then_write_lose_nothing(sqlite_ledger: Ledger) -> None:
    """The driver's own transactions lose three of four such updates, without an error."""
    store = sqlite_ledger.store
    sqlite_ledger.heartbeat("review", 0, ok=True)

    def count(_: int) -> None:
        for _ in range(100):
            with store.writing() as connection:
                known = connection.execute(text("select last_run_at from duties")).scalar_one()
                connection.execute(text("update duties set last_run_at = :n"), {"n": known + 1})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    with store.reading() as connection:
        assert connection.execute(text("select last_run_at from duties")).scalar_one() == 400


def test_what_is_written_survives_a_power_cut(sqlite_ledger: Ledger) -> None:
    with sqlite_ledger.store.writing() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2}


def test_a_reader_keeps_its_snapshot_while_others_write(sqlite_ledger: Ledger) -> None:
    store = sqlite_ledger.store
    sqlite_ledger.heartbeat("review", 1, ok=True)
    query = text("select last_run_at from duties")
    with store.reading() as reader:
        assert reader.execute(query).scalar_one() == 1
        sqlite_ledger.heartbeat("review", 2, ok=True)
        assert reader.execute(query).scalar_one() == 1
    with store.reading() as reader:
        assert reader.execute(query).scalar_one() == 2


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("sqlite://", "ledger/address"),
        ("sqlite:///:memory:", "ledger/address"),
        ("mysql://host/name", "ledger/address"),
        ("not an address", "ledger/address"),
        ("sqlite:////no/such/folder/ledger.db", "ledger/folder"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_a_sentence(url: str, code: str) -> None:
    with pytest.raises(UserError) as refused:
        Ledger(url).upgrade()
    (problem,) = refused.value.problems
    assert problem.code == code
    assert problem.mend_en
    assert problem.mend_zh


def test_a_file_that_is_no_database_is_a_users_error(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("dear diary, " * 1000)
    with pytest.raises(UserError) as refused:
        Ledger(f"sqlite:///{tmp_path}/ledger.db").upgrade()
    assert [problem.code for problem in refused.value.problems] == ["ledger/unreachable"]


def test_a_server_that_does_not_answer_is_a_users_error_without_the_password() -> None:
    with pytest.raises(UserError) as refused:
        Ledger("postgresql+psycopg://mingdeng:s3cret@127.0.0.1:1/ledger").check()
    (problem,) = refused.value.problems
    assert problem.code == "ledger/unreachable"
    assert "s3cret" not in str(refused.value)


def test_a_closed_ledger_opens_again_with_the_next_verb(sqlite_ledger: Ledger) -> None:
    sqlite_ledger.close()
    sqlite_ledger.close()
    assert sqlite_ledger.next_due_at() is None
