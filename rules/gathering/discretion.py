"""How often one supervisor revokes (撤牌率): of the cards that he decided on in a closed quarter, how many he took back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rules.facts import CaseEvent, CaseId
from rules.gathering.base import Gathering, Terms, Window, dated, fact
from rules.gathering.gists import Decision, Gist
from rules.hits import OURS
from rules.statistics import Ratio


def _window_of(decision: Decision, terms: Terms) -> Window:
    quarter = dated("discretion", "quarter", decision.at, terms)
    return Window(quarter.gathering, f"{quarter.key}/{decision.by}", quarter.closes_at)


def _windows(gist: Gist, terms: Terms) -> Iterator[Window]:
    yield from dict.fromkeys(_window_of(decision, terms) for decision in gist.decisions)


def _counted(window: Window, gists: Sequence[Gist], terms: Terms) -> Iterator[CaseEvent]:
    own = [decision for gist in gists for decision in gist.decisions if _window_of(decision, terms) == window]
    share = Ratio(sum(decision.revoked for decision in own), len(own)).percent()
    told = {"decided_cards": len(own), "revoked_percent": float(share) if share is not None else None}
    yield fact(window.key, CaseId(OURS, "supervisor", own[0].by), "decisions_counted", window.closes_at, told)


DISCRETION: Final = Gathering("discretion", _windows, _counted, frozenset({"card"}))
