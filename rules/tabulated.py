"""A back-test as plain rows: lights and cards by unit, rule and month, and what differs between two laws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from rules.backtest import Half, Outcome
from rules.facts import Instant, Value
from rules.hits import Carded

CASE: Final = "case"
LIGHT: Final = "light"
CARD: Final = "card"
PROPOSAL: Final = "proposal"

COLUMNS: Final = ("what", "unit", "rule", "month", "colour", "count")
COMPARED: Final = ("against", "difference", "only_here", "only_there")

MonthOf = Callable[[Instant], str]


class Cell(NamedTuple):
    """What is counted in one row: cases by their last light, lights that began, cards issued, cards proposed."""

    what: str
    unit: str
    rule: str
    month: str
    colour: str


def rows_of(outcome: Outcome, month_of: MonthOf) -> list[dict[str, Value]]:
    """Return one row per cell in the order of the cells; with two laws also what the other counts, and what differs.

    ``only_here`` and ``only_there`` count the cards of a cell that the other law would not have issued.
    """
    counts = [_counts(half, month_of) for half in outcome.halves]
    if len(counts) == 1:
        return [{**cell._asdict(), "count": n} for cell, n in sorted(counts[0].items())]
    here, there = counts[0], counts[1]
    mine, theirs = ({card.known_by: card for card in half.cards} for half in outcome.halves)
    only_here = Counter(_cell(card, month_of) for known, card in mine.items() if known not in theirs)
    only_there = Counter(_cell(card, month_of) for known, card in theirs.items() if known not in mine)
    return [
        {
            **cell._asdict(), "count": here[cell], "against": there[cell], "difference": there[cell] - here[cell],
            "only_here": only_here[cell], "only_there": only_there[cell],
        }
        for cell in sorted({*here, *there})
    ]  # fmt: skip


def card_rows(cards: Iterable[Carded], shown: Callable[[Instant], str]) -> Iterator[dict[str, Value]]:
    """Yield one row per card, in the order in which they were issued or proposed."""
    for card in cards:
        yield {
            "at": shown(card.at), "case": str(card.case_id), "rule": card.rule, "colour": card.colour.value,
            "unit": card.unit, "what": PROPOSAL if card.proposed else CARD, "proposes": card.proposes,
            "counts_at": shown(card.counts_at) if card.counts_at is not None else "",
            "held_by": ";".join(f"{who} {share / 100:g}%" for who, share in sorted(card.shares.items())),
        }  # fmt: skip


def _counts(half: Half, month_of: MonthOf) -> Counter[Cell]:
    found: Counter[Cell] = Counter()
    for unit, light, count in half.lights:
        found[Cell(CASE, unit, "", "", light.value)] += count
    for month, light, count in half.lit:
        found[Cell(LIGHT, month.unit, month.rule, month.month, light.value)] += count
    for card in half.cards:
        found[_cell(card, month_of)] += 1
    return found


def _cell(card: Carded, month_of: MonthOf) -> Cell:
    what = PROPOSAL if card.proposed else CARD
    return Cell(what, card.unit, card.rule, month_of(card.at), card.colour.value)
