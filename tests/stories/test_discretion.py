"""Supervising the supervisors: whoever takes back too many cards in a quarter is told to the owner, nobody else (A04)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.model import Deed, Done
from alerts.moves import BY_DEED
from alerts.routes import Recipient, Routes
from connectors.base import Batch
from daemon.appeals import counts_from
from daemon.duties.gather import Gather
from daemon.duties.review import Review
from daemon.law import Law, read_law
from ledger import Ledger, views
from rules.facts import CaseEvent
from rules.gathering import terms_of
from tests.stories.clock import at
from tests.stories.reference import judging

ITEMS = """\
items:
  - {code: food, name: 食品经营许可, version: "1", limits: {promised: 5 workdays, statutory: 40 workdays}}
"""
ISSUED_AT, DECIDED_AT, OVER = at("2024-09-02 09:00:00"), at("2024-09-03 10:00:00"), at("2024-10-01 00:00:00")
REVOKED = {"lenient": (10, 3), "steady": (10, 2), "new": (4, 4)}
"""On how many cards each inspector decided, and how many of these were revoked: more than a fifth of ten is too many."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    made.upgrade()
    yield made
    made.close()


@pytest.fixture
def law(tmp_path: Path) -> Law:
    (tmp_path / "items.yaml").write_text(ITEMS, encoding="utf-8")
    return read_law(items=tmp_path / "items.yaml")


@pytest.fixture
def review(ledger: Ledger, law: Law) -> Review:
    return judging(ledger, law, Routes(owner=(Recipient(name="监察", channel="hook", address="owner"),)))


def late(number: int) -> CaseEvent:
    return CaseEvent(
        source="hall", event_id=str(number), namespace="county", kind="application", case_no=f"{number:03}",
        name="accepted", occurred_at=at("2024-08-01 10:00:00"), data={"unit": "food", "item": "food"},
    )  # fmt: skip


def decide(ledger: Ledger, law: Law, card_id: str, by: str, deed: Deed, now: int) -> None:
    """Let the unit sign and explain, and an inspector decide."""
    for move, who in ((Deed.SIGN, "clerk"), (Deed.EXPLAIN, "clerk"), (deed, by)):
        story = views.card_story(ledger, card_id)
        assert story is not None
        done = Done(deed=move, by=who, role=who, text="已核实", ground="facts")
        ledger.act(
            card_id, story.card.serial, done, BY_DEED[move].side, now, "Asia/Shanghai",
            counts_from(law.default_calendar), lambda _: (),
        )  # fmt: skip


def test_who_revoked_more_than_a_fifth_of_ten_cards_in_a_quarter_is_told_to_the_owner_when_it_is_over(
    ledger: Ledger, law: Law, review: Review
) -> None:
    count = sum(decided for decided, _ in REVOKED.values())
    ledger.append(
        Batch(source="hall", events=tuple(late(number) for number in range(count)), rows=count), ISSUED_AT - 1
    )
    review.run_once(ISSUED_AT)
    cards = iter(sorted({line.card.card_id for line in views.latest_cards(ledger, 500) if line.card.rule == "T04"}))
    for by, (decided, revoked) in REVOKED.items():
        for number in range(decided):
            decide(ledger, law, next(cards), by, Deed.REVOKE if number < revoked else Deed.UPHOLD, DECIDED_AT)
    assert next(cards, None) is None
    gather = Gather(ledger, lambda: terms_of(law.calendars, law.default_calendar, law.catalogue))

    gather.run_once(OVER - 1)
    review.run_once(OVER - 1)
    assert _held_against(ledger) == {}
    gather.run_once(OVER)
    review.run_once(OVER)
    assert _held_against(ledger) == {"mingdeng/supervisor/lenient": ("", OVER)}


def _held_against(ledger: Ledger) -> dict[str, tuple[str, int]]:
    """Return against whom the rule is held, with the unit of the card and when it was issued."""
    cards = (line.card for line in views.latest_cards(ledger, 500) if line.card.rule == "A04")
    return {str(card.case_id): (card.unit, card.issued_at) for card in cards}
