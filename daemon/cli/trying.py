"""Who would be carded by a law that is to be published, and by the one in force would not; and the other way round."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.backtesting import LawFiles
from ledger import Ledger, views
from rules.backtest import Plan, backtest
from rules.facts import Instant
from rules.hits import Carded
from rules.shards import ShardWriter

SMALL: Final = 5_000
"""Cases up to which one process judges them sooner than several would."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Cards by the law before and after over the ledger's cases, those that only one of them gives, and the lights."""

    cases: int
    cards: tuple[int, int]
    carded: tuple[Carded, ...]
    spared: tuple[Carded, ...]
    lights: int

    def as_plain(self) -> dict[str, object]:
        """Return it for JSON."""
        named = {"carded": self.carded, "spared": self.spared}
        said = {name: [_plain(card) for card in cards] for name, cards in named.items()}
        return {"cases": self.cases, "cards_before": self.cards[0], "cards_after": self.cards[1],
                "other_lights": self.lights, **said}  # fmt: skip


def tried(ledger: Ledger, before: LawFiles, after: LawFiles, until: Instant) -> Tried | None:
    """Judge every case of the ledger by both laws as of ``until``; None if it has none."""
    count = views.case_count(ledger)
    if not count:
        return None
    with tempfile.TemporaryDirectory(prefix="mingdeng-publish-") as made:
        folder = Path(made)
        with ShardWriter(folder / "cases") as writer:
            for _, events in views.standing_events(ledger):
                for event in events:
                    writer.take(event)
            shards = writer.close()
        workers = 1 if count <= SMALL else os.cpu_count() or 1
        outcome = backtest(Plan((before, after), 0, until), shards, folder / "parts", workers)
    was, becomes = (_by_key(half.cards) for half in outcome.halves)
    return Tried(
        outcome.cases, (len(was), len(becomes)), _only(becomes, was), _only(was, becomes), len(outcome.differing)
    )


Key = tuple[str, str, str]


def _by_key(cards: Iterable[Carded]) -> dict[Key, Carded]:
    return {(str(card.case_id), card.rule, card.colour.value): card for card in cards}


def _only(some: dict[Key, Carded], others: dict[Key, Carded]) -> tuple[Carded, ...]:
    return tuple(card for key, card in sorted(some.items()) if key not in others)


def _plain(card: Carded) -> dict[str, object]:
    return {"case": str(card.case_id), "unit": card.unit, "rule": card.rule, "colour": card.colour.value,
            "at": card.at}  # fmt: skip


def units_of(cards: Sequence[Carded]) -> dict[tuple[str, str, str], int]:
    """Return how many cards there are by unit, rule and colour."""
    found: dict[tuple[str, str, str], int] = {}
    for card in cards:
        key = (card.unit, card.rule, card.colour.value)
        found[key] = found.get(key, 0) + 1
    return dict(sorted(found.items()))
