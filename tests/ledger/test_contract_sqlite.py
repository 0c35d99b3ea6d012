"""The contract of the ledger on the embedded database."""

from __future__ import annotations

import pytest

from ledger import Ledger
from tests.contracts.ledger_contract import LedgerContract


class TestOnSqlite(LedgerContract):
    """On a SQLite file."""

    @pytest.fixture
    def ledger(self, sqlite_ledger: Ledger) -> Ledger:
        return sqlite_ledger
