"""Made-up cases for the benchmarks: seven events each, two steps; one in three is open, one in eight was suspended."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final, NamedTuple

from rules.catalogue import Catalogue
from rules.facts import Case, CaseEvent, CaseId, Instant, ItemVersion, Value, fold

DAY: Final = 86_400
BEGIN: Final = 1_718_000_000
"""2024-06-10, a Monday."""
NOW: Final = BEGIN + 60 * DAY
SOURCE: Final = "hall"
NAMESPACE: Final = "county"

ITEMS: Final = tuple(
    ItemVersion(
        code=f"I-{number}",
        name=f"item {number}",
        limits={
            "promised": f"{3 + number % 9} workdays",
            "statutory": f"{10 + number % 20} workdays",
            "step.check": "2 workdays",
        },
        data={"unit": f"unit {number % 40}", **({"instant": True} if number % 20 == 0 else {})},
    )
    for number in range(120)
)


class Happened(NamedTuple):
    """One event of a made-up case."""

    case_no: str
    name: str
    at: Instant
    data: dict[str, Value]


def catalogue() -> Catalogue:
    """Return the items of the made-up cases."""
    return Catalogue.of(ITEMS)


def stories(count: int) -> Iterator[list[Happened]]:
    """Yield the events of one case after the other, always the same ones."""
    dice = random.Random(7)
    for number in range(count):
        yield _story(dice, f"C{number:06}")


def cases(count: int) -> list[Case]:
    """Return made-up cases as they come out of the ledger."""
    return [_case(story) for story in stories(count)]


def _story(dice: random.Random, case_no: str) -> list[Happened]:
    item = dice.choice(ITEMS)
    at = BEGIN + dice.randrange(45 * DAY)
    told: list[Happened] = []

    def tell(name: str, after: float, **data: Value) -> None:
        nonlocal at
        at += int(after * DAY * (0.5 + dice.random()))
        told.append(Happened(case_no, name, at, data))

    tell("received", 0, item=item.code, unit=str(item.data["unit"]), officer=f"O-{dice.randrange(300)}", channel="hall")
    tell("accepted", 0.5)
    tell("step_started", 0.2, step="check")
    tell("step_finished", 1.5, step="check")
    if dice.random() < 0.125:
        tell("suspension_started", 0.1, reason="testing", approver="D-1", approved="5 workdays")
        tell("suspension_ended", 4)
    tell("step_started", 0.1, step="decide")
    if dice.random() < 0.67:
        tell("step_finished", 3, step="decide")
        tell("completed", 0.2, result="granted")
    else:
        tell("enquired", 1)
        tell("transferred", 1, to_unit="unit 7")
    return told


def _case(story: list[Happened]) -> Case:
    case_no = story[0].case_no
    events = [
        CaseEvent(
            source=SOURCE, event_id=f"{case_no}/{number}", version=1, namespace=NAMESPACE, kind="application",
            case_no=case_no, name=told.name, occurred_at=told.at, inserted_at=told.at + 60, data=told.data,
        )
        for number, told in enumerate(story)
    ]  # fmt: skip
    return fold(CaseId(NAMESPACE, "application", case_no), events, revision=1)
