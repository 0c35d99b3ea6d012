"""The cases of the console's benchmark: open ones, one in 20 of them late, finished ones, and cards, by the ledger's own verbs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

from alerts.model import Card, CardChange, CardState, ChangeKind, card_id
from connectors.base import Batch
from ledger import Claimed, Ledger, Recorded
from rules.facts import CaseEvent
from rules.judgement import Amount, CaseState, ClockReading, Judgement, Light, Pin
from rules.policy import Colour, IssueMode
from samples.county.departments import ITEMS
from samples.county.departments import UNITS as BUREAUS

NOW: Final = 1_760_000_000
DAY: Final = 86_400
UNITS: Final = (*(unit.code for unit in BUREAUS), *(f"bureau-{n}" for n in range(len(BUREAUS), 40)))
RULES: Final = ("T03", "T04", "T05", "T06", "S09", "N01", "V02", "J02")
PEOPLE: Final = 800
KINDS: Final = 1_200
"""Items of the catalogue, each a version of one that the sample county has."""

BATCH: Final = 2_000
SOURCE: Final = "housing"


def item_of(number: int) -> str:
    """Return the code of a case's item."""
    return f"{ITEMS[number % len(ITEMS)].code}-{number % KINDS:04}"


def fill(ledger: Ledger, cases: int, cards: int, *, first: int = 0, finished: bool = False) -> None:
    """Write cases from number ``first`` on, and cards on the first ``cards`` of them."""
    for start in range(first, first + cases, BATCH):
        numbers = range(start, min(start + BATCH, first + cases))
        events = [_event(n, "accepted", NOW - 10 * DAY - n) for n in numbers]
        events += [_event(n, "completed", NOW - 5 * DAY - n) for n in numbers if finished]
        ledger.append(Batch(source=SOURCE, events=tuple(events), cursor={"page": start}), NOW)
    while claimed := ledger.claim(NOW + 1, limit=BATCH):
        ledger.record([_judged(each, cards, finished=finished) for each in claimed], NOW + 1)


def go_on_writing(ledger: Ledger, first: int) -> Iterator[int]:
    """Take in and judge batches of 500 cases without end, as a daemon does in a rush; yield the number of each."""
    for batch in itertools.count():
        fill(ledger, 500, 0, first=first + batch * 500)
        yield batch


def _event(number: int, name: str, at: int) -> CaseEvent:
    return CaseEvent(
        source=SOURCE, event_id=f"{number}/{name}", version=1, namespace=SOURCE, kind="application",
        case_no=f"SP2025{number:08}", name=name, occurred_at=at,
        data={"unit": UNITS[number % len(UNITS)], "item": item_of(number), "officer": f"officer {number % PEOPLE}"},
    )  # fmt: skip


def _judged(claimed: Claimed, cards: int, *, finished: bool) -> Recorded:
    case_id = claimed.case.case_id
    if case_id.kind == "card":
        return _followed(claimed)
    if case_id.kind == "feed":
        return Recorded(judgement=_plain_one(claimed), token=claimed.token)
    number = int(case_id.case_no[-8:])
    late = number % 20 == 0
    due_at = NOW - number % (20 * DAY) - 1 if late else NOW + DAY + number * 7 % (30 * DAY)
    state = CaseState.FINISHED if finished else CaseState.RUNNING
    clocks = tuple(
        ClockReading(
            clock=name, ordinal=1, state=state, started_at=NOW - 10 * DAY, due_at=due_at + extra,
            used=Amount("6.5", "workday"), left=Amount("0.5", "workday"), limit="7 workdays", over=late,
        )
        for name, extra in (("promise", 0), ("statutory", 20 * DAY))
    )  # fmt: skip
    judgement = Judgement(
        case_id=case_id, revision=claimed.case.revision, unit=UNITS[number % len(UNITS)], item=item_of(number),
        item_name=f"item number {number % KINDS}", person=f"officer {number % PEOPLE}", state=state,
        light=Light.RED if late else Light.GREEN, clock="promise", ordinal=1, clocks=clocks,
    )  # fmt: skip
    changes = (CardChange(ChangeKind.ISSUED, NOW, _card(judgement, number)),) if number < cards else ()
    return Recorded(judgement=judgement, changes=changes, token=claimed.token)


def _plain_one(claimed: Claimed) -> Judgement:
    return Judgement(
        case_id=claimed.case.case_id, revision=claimed.case.revision, unit="", item="", state=CaseState.RUNNING,
        light=Light.GREEN,
    )  # fmt: skip


def _card(about: Judgement, number: int) -> Card:
    return Card(
        card_id=card_id(about.case_id, "promise", "promise", 1), case_id=about.case_id, family="promise",
        clock="promise", ordinal=1, rule=RULES[number % len(RULES)],
        colour=Colour.RED if number % 5 == 0 else Colour.YELLOW,
        state=CardState.ISSUED, issue=IssueMode.AUTOMATIC, unit=about.unit, person=about.person, item=about.item,
        raised_at=NOW, issued_at=NOW, stage_at=NOW, pin=Pin("book@1", "cn@1"), values={"item.name": about.item_name},
    )  # fmt: skip


def _followed(claimed: Claimed) -> Recorded:
    due_at = NOW + int(claimed.case.case_no[:6], 16) % (3 * DAY)
    clock = ClockReading(clock="sign", ordinal=1, state=CaseState.RUNNING, started_at=NOW, due_at=due_at, over=False)
    judgement = Judgement(
        case_id=claimed.case.case_id, revision=claimed.case.revision, unit="", item="", state=CaseState.RUNNING,
        light=Light.GREEN, clock="sign", ordinal=1, clocks=(clock,),
    )  # fmt: skip
    return Recorded(judgement=judgement, token=claimed.token)
