"""Read-only questions to the ledger, one file per kind of answer; nothing here changes a row."""

from ledger.views.acts import ActLine, acts
from ledger.views.card import CardStory, card_story, cards_named, unit_of_card
from ledger.views.cards import CardLine, latest_cards
from ledger.views.case import AttemptStory, CaseView, DeliveryStory, Transition, case
from ledger.views.documents import Genuine, documents_of, genuine, latest_documents
from ledger.views.due import CaseLine, due, late
from ledger.views.figures import Figures, figures
from ledger.views.followed import Followed, followed
from ledger.views.found import Found, find
from ledger.views.known import KnownCase, known_at
from ledger.views.queue import Choices, Queue, QueueLine, StageCount, Wanted, queue, queue_choices, queue_counts
from ledger.views.recount import Miscount, recount
from ledger.views.rejudged import Rejudged, rejudged
from ledger.views.reported import reported_of_late
from ledger.views.sources import SourceHealth, sources
from ledger.views.stream import case_count, sampled_events, standing_events
from ledger.views.units import UnitLights, unit_of, units
from ledger.views.within import ALL, Within

__all__ = [
    "ALL", "ActLine", "AttemptStory", "CardLine", "CardStory", "CaseLine", "CaseView", "Choices",
    "DeliveryStory", "Figures", "Followed", "Found", "Genuine", "KnownCase", "Miscount", "Queue", "QueueLine", "Rejudged",
    "SourceHealth", "StageCount", "Transition", "UnitLights", "Wanted", "Within", "acts", "card_story", "cards_named", "case",
    "case_count", "documents_of", "due", "figures", "find", "followed", "genuine", "known_at", "late", "latest_cards",
    "latest_documents", "queue",
    "queue_choices", "queue_counts", "recount", "rejudged", "reported_of_late", "sampled_events", "sources",
    "standing_events", "unit_of", "unit_of_card", "units",
]  # fmt: skip
