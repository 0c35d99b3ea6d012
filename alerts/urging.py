"""Urges (催办): what a finding on a card or on a feed brings about, since it issues no card of its own.

Half of a card's time has passed, its time is over, nobody verified: each is a rule on kind ``card`` that says whom to
tell. One urge answers one finding, at the instant from which it is true.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

from msgspec import Struct, field

from alerts.cards import WITHOUT_CARDS
from rules.facts import CaseId, Instant
from rules.judgement import Judgement, Light, Pin, Shown, Truth
from rules.policy import Policy, Rank


class Urge(Struct, frozen=True, kw_only=True):
    """One step of escalation: which finding, on which card or feed, since when, and up to which rank it is told.

    ``due_at`` is the instant from which the finding is true, ``told_at`` when the system told of it.
    """

    key: str
    case_id: CaseId
    rule: str
    unit: str
    tell: Rank
    light: Light | None
    due_at: Instant
    told_at: Instant
    pin: Pin
    values: Mapping[str, Shown] = field(default_factory=dict)

    @property
    def card_id(self) -> str:
        """The card that is urged, "" for a feed."""
        return self.case_id.case_no if self.case_id.kind == "card" else ""


def urge_key(case_id: CaseId, rule: str, due_at: Instant) -> str:
    """Return the stable name of a step: the same finding since the same instant is told once."""
    return hashlib.sha256("\x1f".join((*case_id, rule, str(due_at))).encode()).hexdigest()[:20]


def urges(
    judgement: Judgement, policies: Mapping[str, Policy], told: Collection[str], now: Instant
) -> tuple[Urge, ...]:
    """Return the steps that are due and were not told yet: findings that stand, are certain, and say whom to tell."""
    if judgement.case_id.kind not in WITHOUT_CARDS:
        return ()
    found: dict[str, Urge] = {}
    for span in judgement.spans:
        policy = policies.get(span.rule)
        key = urge_key(judgement.case_id, span.rule, span.from_at)
        stands = span.truth is Truth.TRUE and not span.provisional and span.until_at is None and span.from_at <= now
        if policy is not None and policy.tell is not None and stands and key not in told:
            found[key] = Urge(
                key=key, case_id=judgement.case_id, rule=span.rule, unit=span.unit or judgement.unit,
                tell=policy.tell, light=span.light, due_at=span.from_at, told_at=now, pin=span.pin, values=span.values,
            )  # fmt: skip
    return tuple(found[key] for key in sorted(found, key=lambda key: (found[key].due_at, found[key].rule)))
