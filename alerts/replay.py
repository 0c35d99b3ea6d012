"""Replays the life of a case's cards for a back-test: each is decided at the instants at which the daemon would have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alerts.cards import CountsFrom, decide
from alerts.model import Card, CardChange, ChangeKind
from rules.facts import Instant
from rules.hits import Carded
from rules.judgement import Judgement, Truth
from rules.policy import Policy

_NEWS = (ChangeKind.ISSUED, ChangeKind.RISEN, ChangeKind.PROPOSED)


def replay(
    judgement: Judgement, policies: Mapping[str, Policy], until: Instant, counts_from: CountsFrom
) -> Iterator[Carded]:
    """Yield every card that was issued, rose or was proposed up to ``until``, in the order of their instants."""
    instants = _instants(judgement, policies, until)
    standing: dict[str, Card] = {}
    for at in instants:
        for change in decide(judgement, tuple(standing.values()), policies, at, counts_from):
            standing[change.card.card_id] = change.card
            if change.kind in _NEWS and not _lapsed(change):
                yield _carded(change, policies)


def _instants(judgement: Judgement, policies: Mapping[str, Policy], until: Instant) -> list[Instant]:
    """Return when something about a card changes: where conditions with consequences begin and end."""
    found: set[Instant] = set()
    for span in judgement.spans:
        policy = policies.get(span.rule)
        if policy is not None and (policy.card or policy.proposes) and span.truth is Truth.TRUE:
            found.update(at for at in (span.from_at, span.until_at) if at is not None and at <= until)
    return sorted(found)


def _lapsed(change: CardChange) -> bool:
    """A change that only takes a proposal back is no news of a card."""
    return change.kind is ChangeKind.PROPOSED and change.card.reason == "proposal_lapsed"


def _carded(change: CardChange, policies: Mapping[str, Policy]) -> Carded:
    """A graver rule that waits beside a standing card is the proposal, not the card."""
    card = change.card
    proposed = change.kind is ChangeKind.PROPOSED
    awaited = policies.get(card.awaits) if proposed and card.awaits else None
    return Carded(
        at=change.at,
        case_id=card.case_id,
        rule=awaited.rule if awaited is not None else card.rule,
        family=card.family,
        clock=card.clock,
        ordinal=card.ordinal,
        card_id=card.card_id,
        serial=card.serial,
        colour=awaited.card if awaited is not None and awaited.card is not None else card.colour,
        unit=card.unit,
        person=card.person,
        proposed=proposed,
        proposes=awaited.proposes if awaited is not None else card.proposes,
        counts_at=None if proposed else card.counts_at,
        tell=awaited.tell if awaited is not None else card.tell,
        formerly=card.formerly,
    )
