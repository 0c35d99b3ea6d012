"""A back-test finds what the daemon did: the same cards at the same instants, from the same events."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.model import CardState
from alerts.routes import Recipient, Routes
from connectors.base import Batch
from daemon.appeals import counts_from
from daemon.backtesting import LawFiles
from daemon.duties.review import Review
from ledger import Ledger, views
from rules.backtest import Plan, backtest
from rules.engine import DirectEngine
from rules.facts import CaseEvent, CaseId, Instant
from rules.loader import BOOKS
from rules.review import review
from rules.shards import ShardWriter

ITEMS = "items: [{code: food, name: 食品, limits: {promised: 7 workdays, statutory: 20 workdays}}]"


def at(text: str) -> Instant:
    """Return an instant written in Shanghai's time."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


BEGIN, END = at("2018-10-15 10:00:00"), at("2018-12-20 10:00:00")


def licence(number: int, stop: str | None) -> list[CaseEvent]:
    """Return the acceptance of a licence and, where there is one, its completion."""
    case_id = CaseId("licences", "application", f"L{number}")
    made = [("accepted", BEGIN + number * 600), *([("completed", at(stop))] if stop else [])]
    return [
        CaseEvent(
            source="licences", event_id=f"L{number}:{name}", version=1, **case_id._asdict(), name=name, occurred_at=when,
            sequence=index, data={"item": "food", "unit": "market"},
        )
        for index, (name, when) in enumerate(made)
    ]  # fmt: skip


EVENTS = [
    *licence(0, "2018-10-16 10:00:00"),
    *licence(1, "2018-10-23 16:00:00"),
    *licence(2, "2018-10-26 10:00:00"),
    *licence(3, None),
    *licence(4, "2018-11-30 09:00:00"),
]


def test_the_cards_of_a_back_test_are_those_that_the_daemon_issued(tmp_path: Path) -> None:
    """Of cases and of the unit, each in the colour to which it rose, in time to the second."""
    (tmp_path / "items.yaml").write_text(ITEMS, encoding="utf-8")
    law = LawFiles.of([BOOKS / "time-limits.yaml", BOOKS / "accountability.yaml"], items=tmp_path / "items.yaml")
    lived = _lived(tmp_path, law)

    with ShardWriter(tmp_path / "cases") as writer:
        for event in EVENTS:
            writer.take(event)
        shards = writer.close()
    cards = backtest(Plan((law,), BEGIN, END), shards, tmp_path / "parts").halves[0].cards

    last = {card.card_id: card for card in cards}
    found = {(str(card.case_id), card.rule, card.colour.value, card.at, card.proposed) for card in last.values()}
    assert found == lived
    assert {rule for _, rule, *_ in found} >= {"T04", "T05"}


def _lived(folder: Path, law: LawFiles) -> set[tuple[str, str, str, Instant, bool]]:
    """Return the standing cards of a ledger whose daemon heard each event when it happened and judged when due.

    A proposal that rested on reminders or yellow cards lapses there when these cards rise; a back-test never makes it.
    """
    ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite3'}")
    ledger.upgrade()
    read, context = law.read(), law.read().context(DirectEngine())
    routes = Routes(owner=(Recipient(name="纪检监察室", channel="inbox", address="discipline"),))
    judging = Review(
        ledger, lambda cases, now: review(cases, context, 0, now), read.books.policies, routes,
        counts_from(read.default_calendar), "Asia/Shanghai",
    )  # fmt: skip
    for event in sorted(EVENTS, key=lambda event: event.occurred_at or 0):
        now = event.occurred_at or 0
        _wait(ledger, judging, now)
        ledger.append(Batch(source="licences", events=(event,), rows=1), now)
        judging.run_once(now)
    _wait(ledger, judging, END + 1)
    cards = [line.card for line in views.latest_cards(ledger, limit=1_000)]
    ledger.close()
    return {
        (str(card.case_id), card.rule, card.colour.value, card.issued_at, card.state is CardState.PENDING)
        for card in cards
        if card.case_id.kind in {"application", "unit"} and card.state is not CardState.REVOKED
    }


def _wait(ledger: Ledger, judging: Review, until: Instant) -> None:
    """Judge at every instant before ``until`` at which something is due."""
    while (due := judging.next_at(0)) is not None and due < until:
        judging.run_once(due)
