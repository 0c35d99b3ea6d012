"""Who would be told of a card, when and why: planned exactly as a real one is, and nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from alerts.model import Card, CardChange, CardState, ChangeKind, Delivery
from alerts.plan import OWNER, plan
from alerts.routing import Routing
from alerts.timing import DUTY, Timing, placed
from console.words import word
from rules.facts import CaseId, Instant
from rules.judgement import Pin
from rules.policy import Colour, IssueMode, Rank
from rules.problems import Language

_ORDER: Final = (OWNER, *(rank.value for rank in Rank), DUTY)


class Question(NamedTuple):
    """A card of a colour against a unit, of a rule that tells up to a rank, at an instant."""

    unit: str
    colour: Colour
    tell: Rank
    at: Instant


class Line(NamedTuple):
    """One message: to whom, over which way, when and why; ``when`` is a word of the pages."""

    rank: str
    recipient: str
    channel: str
    address: str
    fallback: str
    at: Instant
    when: str
    why: tuple[str, ...]
    subject: str


class Answer(NamedTuple):
    """Every message, and the ranks that nobody holds with the reasons."""

    lines: tuple[Line, ...]
    nobody: tuple[tuple[Rank, tuple[str, ...]], ...]


def who_is_told(question: Question, routing: Routing, timing: Timing | None, zone: str, language: Language) -> Answer:
    """Return who would be told of such a card, in the order of the ranks, and which ranks nobody holds."""
    change = CardChange(ChangeKind.ISSUED, question.at, _card(question))
    planned = plan([change], routing, {}, question.at, zone)
    if timing is not None:
        planned = placed(planned, timing, question.at)
    own = [_line(each, question, routing, language) for each in planned]
    lines = tuple(sorted([*own, *_sharing(own, question, routing, language)], key=lambda line: _ORDER.index(line.rank)))
    nobody = tuple(
        (rank, _asked(question, rank, routing, language))
        for rank in question.tell.and_below()
        if not routing.recipients(question.unit, rank, question.at)
    )
    return Answer(lines, nobody)


def _sharing(own: Sequence[Line], question: Question, routing: Routing, language: Language) -> Iterator[Line]:
    """Yield a line for everybody else at an address that is written to: one message goes there, and each reads it."""
    sent = {(line.channel, line.address): line for line in reversed(own)}
    shown = {(line.rank, line.recipient, line.channel, line.address) for line in own}
    meant = [(OWNER, who) for who in routing.owner]
    for each in question.tell.and_below():
        meant += [(each.value, who) for who in routing.recipients(question.unit, each, question.at)]
    for rank, who in dict.fromkeys(meant):
        line = sent.get((who.channel, who.address))
        if line is not None and (rank, who.name, who.channel, who.address) not in shown:
            same = word("told_together", language).format(who=line.recipient or line.address)
            why = _why(rank, question, routing, language)
            yield line._replace(rank=rank, recipient=who.name, why=(*why, same))


def _card(question: Question) -> Card:
    return Card(
        card_id="dry-run", case_id=CaseId("dry", "run", "0"), family="", clock="", ordinal=1, rule="", unit=question.unit,
        colour=question.colour, state=CardState.ISSUED, issue=IssueMode.AUTOMATIC, tell=question.tell,
        raised_at=question.at, issued_at=question.at, pin=Pin(""),
    )  # fmt: skip


def _line(delivery: Delivery, question: Question, routing: Routing, language: Language) -> Line:
    other = delivery.fallback
    if delivery.not_before_at <= question.at:
        when = "at_once"
    else:
        when = "in_digest" if delivery.digest else "when_open"
    return Line(
        delivery.rank, delivery.recipient, delivery.channel, delivery.address,
        f"{other.channel} {other.address}" if other is not None else "", delivery.not_before_at, when,
        _why(delivery.rank, question, routing, language), delivery.subject,
    )  # fmt: skip


def _why(rank: str, question: Question, routing: Routing, language: Language) -> tuple[str, ...]:
    if rank == OWNER:
        return (word("told_owner", language),)
    if rank == DUTY:
        return (word("told_duty", language),)
    told = word("told_rank", language).format(rank=question.tell.value)
    return (told, *_asked(question, Rank(rank), routing, language))


def _asked(question: Question, rank: Rank, routing: Routing, language: Language) -> tuple[str, ...]:
    """Return what the directory says about a rank, or that the settings decide."""
    held = routing.asked(question.unit, rank, question.at)
    if held is None:
        return (word("told_by_settings", language),)
    return tuple(reason.zh if language == "zh" else reason.en for reason in held.why)
