"""Holds back what cannot be known (抑制): while a source is silent, the new cards of its cases wait.

One message tells of the feed; the cards come by themselves, with their true instants, once the source speaks again and
if they are still true then.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from alerts.model import CardChange, ChangeKind
from rules.facts import Case

SILENCE: Final = "silence"
"""The family of the rules on feeds that say that nothing comes any more."""

NEW: Final = frozenset({ChangeKind.PROPOSED, ChangeKind.ISSUED, ChangeKind.RISEN, ChangeKind.REOPENED})


class Inhibited(NamedTuple):
    """What may be recorded now, how many cards wait, and for which silent source ("" if none does)."""

    changes: tuple[CardChange, ...]
    held: int = 0
    source: str = ""


def sources_of(case: Case, own: str) -> frozenset[str]:
    """Return the sources that tell of a case, without the ledger's ``own`` events."""
    return frozenset(event.source for event in case.events if event.source != own)


def inhibit(changes: Sequence[CardChange], sources: Collection[str], silent: Collection[str]) -> Inhibited:
    """Hold what would newly be held against somebody while one of the case's sources is silent.

    Of a card all that follows what is held waits too. What people did, and whatever relieves a card that stands, passes.
    """
    mute = sorted(set(sources) & set(silent))
    if not mute:
        return Inhibited(tuple(changes))
    waiting: set[str] = set()
    passed: list[CardChange] = []
    for change in changes:
        card = change.card.card_id
        if card in waiting or (change.done is None and change.kind in NEW):
            waiting.add(card)
        else:
            passed.append(change)
    return Inhibited(tuple(passed), len(waiting), mute[0] if waiting else "")
