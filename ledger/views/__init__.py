"""Read-only questions to the ledger, one file per kind of answer; nothing here changes a row."""

from ledger.views.acts import ActLine, acts
from ledger.views.card import CardStory, card_story, cards_named, unit_of_card
from ledger.views.cards import CardLine, latest_cards, latest_reds
from ledger.views.case import AttemptStory, CaseView, DeliveryStory, Transition, case
from ledger.views.consequences import Consequence, consequence_rate, consequences
from ledger.views.counters import Counters, counters
from ledger.views.documents import Genuine, documents_of, genuine, latest_documents
from ledger.views.due import CaseLine, due, late, late_count
from ledger.views.figures import Figures, figures
from ledger.views.flow import counted, handled, open_at
from ledger.views.followed import Followed, followed
from ledger.views.found import Found, find
from ledger.views.issued import CardTally, issued
from ledger.views.known import KnownCase, known_at
from ledger.views.month import DayFlow, Month, month
from ledger.views.quarantined import Aside, quarantine_counts, quarantined
from ledger.views.queue import (
    Choices,
    Queue,
    QueueLine,
    StageCount,
    Tally,
    Wanted,
    queue,
    queue_choices,
    queue_counts,
    queue_tally,
)
from ledger.views.recount import Miscount, recount
from ledger.views.rejudged import Rejudged, rejudged
from ledger.views.reported import Reported, reported_of_late
from ledger.views.routing import RoutingFigures, routing_figures
from ledger.views.sources import SourceHealth, sources
from ledger.views.steps import MissedStep, Steps, steps
from ledger.views.stream import case_count, sampled_events, standing_events
from ledger.views.units import UnitLights, unit_of, units
from ledger.views.unreached import Unreached, unreached
from ledger.views.urged import UrgeStory, urged
from ledger.views.within import ALL, Within

__all__ = [
    "ALL",
    "ActLine",
    "Aside",
    "AttemptStory",
    "CardLine",
    "CardStory",
    "CardTally",
    "CaseLine",
    "CaseView",
    "Choices",
    "Consequence",
    "Counters",
    "DayFlow",
    "DeliveryStory",
    "Figures",
    "Followed",
    "Found",
    "Genuine",
    "KnownCase",
    "Miscount",
    "MissedStep",
    "Month",
    "Queue",
    "QueueLine",
    "Rejudged",
    "Reported",
    "RoutingFigures",
    "SourceHealth",
    "StageCount",
    "Steps",
    "Tally",
    "Transition",
    "UnitLights",
    "Unreached",
    "UrgeStory",
    "Wanted",
    "Within",
    "acts",
    "card_story",
    "cards_named",
    "case",
    "case_count",
    "consequence_rate",
    "consequences",
    "counted",
    "counters",
    "documents_of",
    "due",
    "figures",
    "find",
    "followed",
    "genuine",
    "handled",
    "issued",
    "known_at",
    "late",
    "late_count",
    "latest_cards",
    "latest_documents",
    "latest_reds",
    "month",
    "open_at",
    "quarantine_counts",
    "quarantined",
    "queue",
    "queue_choices",
    "queue_counts",
    "queue_tally",
    "recount",
    "rejudged",
    "reported_of_late",
    "routing_figures",
    "sampled_events",
    "sources",
    "standing_events",
    "steps",
    "unit_of",
    "unit_of_card",
    "units",
    "unreached",
    "urged",
]  # fmt: skip
