"""The contract of the ledger: the same promises on SQLite and on PostgreSQL.

A test module gives a class that inherits from ``LedgerContract`` and a fixture ``ledger``: a ledger at the newest
schema with nothing in it.
"""

from __future__ import annotations

from tests.contracts.ledger_parts.accounts import AccountsContract
from tests.contracts.ledger_parts.cardlife import CardLifeContract
from tests.contracts.ledger_parts.documents import DocumentsContract
from tests.contracts.ledger_parts.gathering import GatheringContract
from tests.contracts.ledger_parts.intake import IntakeContract
from tests.contracts.ledger_parts.judging import JudgingContract
from tests.contracts.ledger_parts.looking import LookingContract
from tests.contracts.ledger_parts.outbox import OutboxContract
from tests.contracts.ledger_parts.publishing import PublishingContract
from tests.contracts.ledger_parts.reading import ReadingContract
from tests.contracts.ledger_parts.replaying import ReplayingContract
from tests.contracts.ledger_parts.routing import RoutingContract
from tests.contracts.ledger_parts.urging import UrgingContract


class LedgerContract(
    IntakeContract,
    JudgingContract,
    OutboxContract,
    ReadingContract,
    PublishingContract,
    CardLifeContract,
    AccountsContract,
    DocumentsContract,
    GatheringContract,
    LookingContract,
    ReplayingContract,
    RoutingContract,
    UrgingContract,
):
    """Everything that every database must do for the ledger."""
