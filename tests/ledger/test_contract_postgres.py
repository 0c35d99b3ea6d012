"""The contract of the ledger on PostgreSQL, on a server that the tests start themselves."""

from __future__ import annotations

import pytest

from ledger import Ledger
from tests.contracts.ledger_contract import LedgerContract


class TestOnPostgres(LedgerContract):
    """On a database of a real server."""

    @pytest.fixture
    def ledger(self, postgres_ledger: Ledger) -> Ledger:
        return postgres_ledger
