"""Words about units and persons: their code, and tallies over dated windows (domain.md 6.2).

A tally counts what happened to the subject by an instant: cards that stand and count (``card_counted``) until they rise
(``card_left``), and the measures that people decided. Of a person only those cards count of whose overdue time a trace-back found a fair part with them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from rules.facts import CaseEvent, Instant, Value
from rules.language import Type, WordInfo
from rules.view import History, View
from rules.vocabulary.base import call, word
from rules.windows import WINDOWS, window_start

TO_THE_HANDLER: Final = "R0"
"""What is told to the handler alone weighs on nobody."""

FAIR_PART: Final = 3_000
"""A card is held against a person who bears at least three tenths (in basis points) of what is blamed."""


class Counted(NamedTuple):
    """What a tally counts: events of a name, of these colours (any if empty), with at least this share of the blame.

    With ``told`` only cards that were told to somebody above the handler; a card that names no rank was.
    """

    event: str
    colours: frozenset[str] = frozenset()
    share: int = 0
    told: bool = False

    def holds(self, event: CaseEvent) -> bool:
        """Say whether an event is one of those that are counted; a card that names no share is whole."""
        return event.name == self.event and self._is_meant(event)

    def let_go(self, event: CaseEvent) -> bool:
        """Say whether with this event a card that was counted became something else."""
        return event.name == "card_left" and self.event == "card_counted" and self._is_meant(event)

    def _is_meant(self, event: CaseEvent) -> bool:
        if self.colours and event.data.get("colour") not in self.colours:
            return False
        if self.told and event.data.get("rank") == TO_THE_HANDLER:
            return False
        share = event.data.get("share", self.share)
        return isinstance(share, int | float) and share >= self.share


COUNTED: Final[Mapping[str, Counted]] = {
    "reminders": Counted("card_counted", frozenset({"reminder"}), told=True),
    "yellow_cards": Counted("card_counted", frozenset({"yellow"})),
    "red_cards": Counted("card_counted", frozenset({"red"})),
    "cards": Counted("card_counted", frozenset({"yellow", "red"})),
    "faults": Counted("card_counted", frozenset({"yellow", "red"}), FAIR_PART),
    "inquiries": Counted("inquired"),
    "admonitions": Counted("admonished"),
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
    """``tally(yellow_cards, quarter)``: how many cards began to count in the window that holds this instant, and still do.

    A card that rose counts as what it was only until then.
    """
    entered, gone = _entries(view.history, args[0])
    since = window_start(args[1], view.at, view.zone)
    begun = bisect_right(entered, view.at) - bisect_left(entered, since)
    left = gone[bisect_left(gone, (since, 0)) : bisect_left(gone, (view.at + 1, 0))]
    return begun - sum(entered_at >= since for _, entered_at in left)


@lru_cache(maxsize=32)
def _entries(history: History, name: str) -> tuple[list[Instant], list[tuple[Instant, Instant]]]:
    """Return when what is counted began to count, and (when it left, when it had begun), both in order.

    They are kept: a busy unit is asked at thousands of instants.
    """
    counted = COUNTED[name]
    entered: list[Instant] = []
    gone: list[tuple[Instant, Instant]] = []
    standing: dict[tuple[Value, Value], deque[Instant]] = {}
    for event in history.case.events:
        at, own = event.occurred_at or 0, (event.data.get("card_id"), event.data.get("colour"))
        if counted.holds(event):
            entered.append(at)
            standing.setdefault(own, deque()).append(at)
        elif counted.let_go(event) and standing.get(own):
            gone.append((at, standing[own].popleft()))
    return entered, gone
