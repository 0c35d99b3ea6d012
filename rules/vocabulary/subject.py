"""Words about units and persons: their code, and tallies over dated windows (domain.md 6.2)."""

from __future__ import annotations

from typing import Final

from rules.facts import Value
from rules.language import Type, WordInfo
from rules.view import View
from rules.vocabulary.base import call, word
from rules.windows import WINDOWS, window_start

COUNTED: Final = {
    "reminders": {"reminder"},
    "yellow_cards": {"yellow"},
    "red_cards": {"red"},
    "cards": {"yellow", "red"},
}


@word("unit.code", Type.CODE)
def unit_code(view: View) -> Value:
    """The unit's code."""
    return view.case.case_no


def _tally(args: tuple[str, ...]) -> WordInfo | None:
    known = len(args) == 2 and args[0] in COUNTED and args[1] in WINDOWS
    return WordInfo(Type.NUMBER) if known else None


@call("tally", _tally)
def tally(view: View, args: tuple[str, ...], rest: tuple[str, ...]) -> Value:
    """``tally(yellow_cards, quarter)``: how many cards began to count in the window that holds this instant."""
    start = window_start(args[1], view.at, view.zone)
    return sum(
        event.name == "card_counted"
        and event.data.get("colour") in COUNTED[args[0]]
        and event.occurred_at is not None
        and event.occurred_at >= start
        for event in view.events
    )
