"""Decides cards (发牌): what begins, rises, ends, is corrected or revoked, from the spans of a judgement as known now.

Near, over the promise and over the statutory limit are one family and make one card that rises; its colour never
sinks unless the facts were corrected. Each card is asked for its next change until there is none left, so deciding
again on the result gives nothing. Nothing here reads a clock, a table or a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import msgspec

from alerts.model import Card, CardChange, CardState, ChangeKind, Stage, card_id
from rules.causes import cause_of
from rules.facts import Instant
from rules.hits import Former
from rules.judgement import Judgement, Shown, Span, Truth
from rules.policy import Colour, IssueMode, Policy

CountsFrom: TypeAlias = Callable[[Colour, Instant], Instant]
"""When a card of this colour that was issued at this instant begins to count: the appeal limit has passed."""

WITHOUT_CARDS: Final = frozenset({"card", "feed"})
"""Kinds of case whose findings escalate and notify but issue no card, so that nothing recurses."""

BY_HAND: Final = "by_hand"
"""The family of cards that a person issued: no condition carries them, so none takes them back."""

_NEVER: Final = -(1 << 62)
_MOST_CHANGES: Final = 6


class Key(NamedTuple):
    """What makes two findings one card within a case: the family, the clock, and which start of it."""

    family: str
    clock: str
    ordinal: int


class Ground(NamedTuple):
    """What a card may rest on: a span in which a rule with a card holds, its colour, when it ceased (None: open).

    ``confirmed`` says that a person has confirmed the card after the span had begun, ``dismissed`` that he would not.
    """

    span: Span
    policy: Policy
    colour: Colour
    ended_at: Instant | None
    confirmed: bool = False
    dismissed: bool = False

    @property
    def automatic(self) -> bool:
        """Whether the card needs nobody any more; a proposal of accountability always needs a person."""
        return self.confirmed or (self.policy.issue is IssueMode.AUTOMATIC and not self.policy.proposes)


def decide(
    judgement: Judgement,
    standing: Sequence[Card],
    policies: Mapping[str, Policy],
    now: Instant,
    counts_from: CountsFrom,
) -> tuple[CardChange, ...]:
    """Return the changes of this case's cards that the judgement brings, in the order of their keys.

    ``standing`` holds every card of the case, the revoked ones too: one that is issued again goes on with its serial.
    The judgement has to hold every span since the earliest ``raised_at`` of these cards: a card without its span is
    revoked.
    """
    if judgement.case_id.kind in WITHOUT_CARDS:
        return ()
    spans: dict[Key, list[Span]] = {}
    for span in judgement.spans:
        if span.from_at <= now and (span.until_at is None or span.from_at < span.until_at):
            spans.setdefault(Key(span.family, span.clock, span.ordinal), []).append(span)
    cards = {Key(card.family, card.clock, card.ordinal): card for card in standing}
    changes: list[CardChange] = []
    for key in sorted({*spans, *cards}):
        card = cards.get(key)
        if card is None or card.family != BY_HAND:
            question = _Question.of(judgement, key, spans.get(key, []), policies, now, counts_from, card)
            changes.extend(question.changes(card))
    return tuple(changes)


@dataclass(frozen=True, slots=True)
class _Question:
    """What happens next to the card of one key."""

    judgement: Judgement
    key: Key
    spans: Sequence[Span]
    grounds: Sequence[Ground]
    now: Instant
    counts_from: CountsFrom

    @classmethod
    def of(
        cls,
        judgement: Judgement,
        key: Key,
        spans: Sequence[Span],
        policies: Mapping[str, Policy],
        now: Instant,
        counts_from: CountsFrom,
        card: Card | None,
    ) -> _Question:
        """Return the question, its grounds in the order in which they began, the gravest first."""
        grounds = sorted(
            _grounds(spans, policies, now, card), key=lambda g: (g.span.from_at, -g.colour.gravity, g.policy.rule)
        )
        return cls(judgement, key, spans, grounds, now, counts_from)

    def changes(self, card: Card | None) -> Iterator[CardChange]:
        """Yield one change after the other, each asked of the card that the one before left."""
        for _ in range(_MOST_CHANGES):
            change = self._next(card)
            if change is None:
                return
            yield change
            card = change.card
        raise AssertionError(f"the card {self.key} of {self.judgement.case_id} does not come to rest")

    def _next(self, card: Card | None) -> CardChange | None:
        if card is None or card.state is CardState.REVOKED:
            return self._begin(card)
        cover = self._covering(card)
        if cover is None:
            return self._retract(card)
        ended_at = card.ended_at if cover.truth is not Truth.TRUE else _ended_at(cover, self.spans, self.now)
        return self._rise(card, ended_at) or self._end(card, cover, ended_at) or self._await(card)

    def _begin(self, card: Card | None) -> CardChange | None:
        """Issue or propose a card; what a person revoked comes back only by a condition that began afterwards."""
        grounds = self.grounds
        if card is not None and card.revoked_by and card.revoked_at is not None:
            grounds = [ground for ground in grounds if ground.span.from_at > (card.revoked_at or 0)]
        issued = _gravest(g for g in grounds if g.automatic)
        if issued is not None:
            return self._change(ChangeKind.ISSUED, self._issued(issued, card))
        proposed = _gravest(g for g in grounds if not g.automatic)
        if proposed is not None:
            return self._change(ChangeKind.PROPOSED, self._pending(proposed, card))
        return None

    def _rise(self, card: Card, ended_at: Instant | None) -> CardChange | None:
        """Raise the card to a graver ground, or issue it anew where its condition had ended and began again."""
        if card.state is CardState.PENDING:
            issued = _gravest(self._automatic())
            if issued is not None:
                return self._change(ChangeKind.ISSUED, self._issued(issued, card))
            proposed = _follow(card.colour, ended_at, self._proposals())
            return self._change(ChangeKind.PROPOSED, self._pending(proposed, card)) if proposed else None
        ground = _follow(card.colour, ended_at, self._automatic())
        if ground is None:
            return None
        kind = ChangeKind.REOPENED if card.stage is Stage.CLOSED else ChangeKind.ISSUED
        if ground.colour is not card.colour:
            kind = ChangeKind.RISEN
        left_at = ground.span.from_at
        left = Former(colour=card.colour, rule=card.rule, counts_at=card.counts_at, left_at=left_at, tell=card.tell)
        anew = msgspec.structs.replace(self._issued(ground, card), formerly=(*card.formerly, left))
        return self._change(kind, anew, card.colour)

    def _end(self, card: Card, cover: Span, ended_at: Instant | None) -> CardChange | None:
        """Note that the condition ceased, or that it ceased at another instant than was known; the card stands."""
        if card.ended_at == ended_at:
            return None
        first = card.ended_at is None
        values = {**card.values, **self._values(cover)}
        told = _next_serial(card, ended_at=ended_at, values=values, reason="" if first else "end_changed")
        return self._change(ChangeKind.ENDED if first else ChangeKind.CORRECTED, told, _known_as(card))

    def _await(self, card: Card) -> CardChange | None:
        """Propose a graver card to a person while this one stands, or take the proposal back."""
        if card.state is CardState.PENDING:
            return None
        graver = _follow(card.colour, card.ended_at, self._proposals())
        awaits = graver.policy.rule if graver is not None else ""
        if awaits == card.awaits:
            return None
        told = _next_serial(card, awaits=awaits, reason="" if awaits else "proposal_lapsed")
        return self._change(ChangeKind.PROPOSED, told, card.colour)

    def _retract(self, card: Card) -> CardChange:
        """Put the card on another ground of its family that still holds, else revoke it; either way with the reason."""
        pending = card.state is CardState.PENDING
        ground = _gravest(self._automatic()) or (_gravest(self._proposals()) if pending else None)
        if ground is None:
            cause = cause_of(card.pin, self.judgement.versions)
            gone = _next_serial(
                card, state=CardState.REVOKED, stage=Stage.REVOKED, stage_at=self.now, revoked_at=self.now, counts_at=None, awaits="",
                confirmed={}, reason=cause.value,
            )  # fmt: skip
            return self._change(ChangeKind.REVOKED, gone, _known_as(card))
        reason = "begin_changed" if ground.policy.rule == card.rule else "ground_changed"
        if pending:
            make, kind = (self._issued, ChangeKind.ISSUED) if ground.automatic else (self._pending, ChangeKind.PROPOSED)
            return self._change(kind, make(ground, card, reason))
        if ground.colour.gravity > card.colour.gravity:
            return self._change(ChangeKind.RISEN, self._issued(ground, card, reason), card.colour)
        return self._change(ChangeKind.CORRECTED, self._corrected(ground, card, reason), card.colour)

    def _covering(self, card: Card) -> Span | None:
        """Return the span of the card's rule that holds its ``raised_at``, None if the condition was false then.

        A true span goes before an undetermined one: a card is not revoked because a fact is missing for a while.
        """
        found = [
            span
            for span in self.spans
            if span.rule == card.rule
            and span.from_at <= card.raised_at
            and (span.until_at is None or card.raised_at < span.until_at)
        ]
        return min(found, key=lambda span: (span.truth is not Truth.TRUE, span.from_at), default=None)

    def _automatic(self) -> list[Ground]:
        return [ground for ground in self.grounds if ground.automatic]

    def _proposals(self) -> list[Ground]:
        """Return what waits for a person, without what a person has dismissed since it began."""
        return [ground for ground in self.grounds if not ground.automatic and not ground.dismissed]

    def _issued(self, ground: Ground, before: Card | None, reason: str = "") -> Card:
        counts_at = self._counts_at(ground.colour, self.now)
        return self._card(ground, before, CardState.ISSUED, self.now, counts_at, reason)

    def _pending(self, ground: Ground, before: Card | None, reason: str = "") -> Card:
        return self._card(ground, before, CardState.PENDING, self.now, None, reason)

    def _corrected(self, ground: Ground, before: Card, reason: str) -> Card:
        """Put the card on another ground; what people have done to it stands."""
        counts_at = self._counts_at(ground.colour, before.issued_at) if before.counts_at is not None else None
        card = self._card(ground, before, before.state, before.issued_at, counts_at, reason)
        return msgspec.structs.replace(
            card, stage=before.stage, stage_at=before.stage_at, hands=before.hands, consequence=before.consequence
        )

    def _card(
        self,
        ground: Ground,
        before: Card | None,
        state: CardState,
        issued_at: Instant,
        counts_at: Instant | None,
        reason: str,
    ) -> Card:
        span, policy = ground.span, ground.policy
        return Card(
            card_id=before.card_id if before is not None else card_id(self.judgement.case_id, *self.key),
            case_id=self.judgement.case_id,
            family=self.key.family,
            clock=self.key.clock,
            ordinal=self.key.ordinal,
            rule=policy.rule,
            colour=ground.colour,
            state=state,
            issue=policy.issue,
            unit=self.judgement.unit if span.unit is None else span.unit,
            person=self.judgement.person if span.unit in {None, self.judgement.unit} else "",
            item=self.judgement.item,
            tell=policy.tell,
            proposes=policy.proposes,
            raised_at=span.from_at,
            issued_at=issued_at,
            ended_at=ground.ended_at,
            counts_at=counts_at,
            reason=reason,
            pin=span.pin,
            values=self._values(span),
            serial=before.serial + 1 if before is not None else 1,
            formerly=before.formerly if before is not None and before.state is not CardState.REVOKED else (),
            stage=Stage.PROPOSED if state is CardState.PENDING else Stage.ISSUED,
            stage_at=self.now,
            confirmed=before.confirmed if before is not None else {},
            dismissed=before.dismissed if before is not None else {},
            assignee=before.assignee if before is not None else "",
        )

    def _values(self, span: Span) -> Mapping[str, Shown]:
        """Return what the messages may show: the placeholders of the span, and the item's name in any case."""
        return {"item.name": self.judgement.item_name, **span.values} if self.judgement.item_name else span.values

    def _counts_at(self, colour: Colour, issued_at: Instant) -> Instant | None:
        """Return when the card begins to count: a reminder, which nobody can appeal, at once."""
        return self.counts_from(colour, issued_at)

    def _change(self, kind: ChangeKind, card: Card, was: Colour | None = None) -> CardChange:
        return CardChange(kind, self.now, card, was)


def _grounds(
    spans: Sequence[Span], policies: Mapping[str, Policy], now: Instant, card: Card | None
) -> Iterator[Ground]:
    """Yield what a card may rest on: what is true and final, and a reminder only while its condition still holds."""
    for span in spans:
        policy = policies.get(span.rule)
        if policy is None or span.truth is not Truth.TRUE or span.provisional:
            continue
        colour = policy.card or (Colour.RED if policy.proposes else None)
        if colour is None:
            continue
        ended_at = _ended_at(span, spans, now)
        if colour is not Colour.REMINDER or ended_at is None:
            confirmed, dismissed = (card.confirmed, card.dismissed) if card is not None else ({}, {})
            yield Ground(span, policy, colour, ended_at, _since(span, confirmed), _since(span, dismissed))


def _since(span: Span, decided: Mapping[str, Instant]) -> bool:
    """Say whether a person decided on the span's rule after the span had begun."""
    return span.from_at <= decided.get(span.rule, _NEVER)


def _ended_at(span: Span, spans: Sequence[Span], now: Instant) -> Instant | None:
    """Return when the span's condition ceased, None while it holds or is unknown; stretches that touch are one."""
    until_at = span.until_at
    while until_at is not None:
        following = [
            other
            for other in spans
            if other.rule == span.rule
            and other.from_at <= until_at
            and (other.until_at is None or other.until_at > until_at)
        ]
        if not following:
            break
        until_at = following[0].until_at
    return until_at if until_at is not None and until_at <= now else None


def _gravest(grounds: Iterable[Ground]) -> Ground | None:
    """Return the ground that a card rests on after all of ``grounds`` began, one after the other."""
    ordered = list(grounds)
    return _follow(ordered[0].colour, ordered[0].ended_at, ordered[1:]) or ordered[0] if ordered else None


def _follow(colour: Colour, ended_at: Instant | None, grounds: Iterable[Ground]) -> Ground | None:
    """Return the last of ``grounds`` that takes the card over from one of this colour, None if none does.

    A graver one takes it over; one of the same colour only if it began when the condition before it had ended.
    """
    found: Ground | None = None
    for ground in grounds:
        again = ground.colour is colour and ended_at is not None and ground.span.from_at >= ended_at
        if ground.colour.gravity > colour.gravity or again:
            found, colour, ended_at = ground, ground.colour, ground.ended_at
    return found


def _next_serial(card: Card, **changed: object) -> Card:
    return msgspec.structs.replace(card, serial=card.serial + 1, **changed)


def _known_as(card: Card) -> Colour | None:
    """Return the colour under which the supervised side knows the card, None if it never heard of it."""
    return None if card.state is CardState.PENDING else card.colour
