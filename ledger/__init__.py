"""The memory: tables, one transaction per verb, migrations, the audit chain."""

from ledger.claims import Claimed
from ledger.deliveries import ClaimedDelivery, LeaseLost
from ledger.events import Appended
from ledger.feedmeasures import Lag
from ledger.gathering import Changed, DueWindow, Gisted
from ledger.judgements import Recorded, RecordOutcome
from ledger.laws import LawKind, LawState, LawStory, LawText
from ledger.ledger import Ledger

__all__ = [
    "Appended", "Changed", "Claimed", "ClaimedDelivery", "DueWindow", "Gisted", "Lag", "LawKind", "LawState", "LawStory", "LawText", "LeaseLost",
    "Ledger", "RecordOutcome", "Recorded",
]  # fmt: skip
