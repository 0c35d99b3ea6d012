"""Short ways to say what happened and what was judged, for the ledger's contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from alerts.model import (
    Card,
    CardChange,
    CardState,
    ChangeKind,
    Delivery,
    card_id,
    delivery_key,
)
from connectors.base import Batch
from ledger import Appended, Claimed, Ledger, Recorded
from rules.facts import CaseEvent, CaseId, Instant, Value
from rules.judgement import CaseState, ClockReading, Judgement, Light, Pin, Span
from rules.policy import Colour, IssueMode

NOW = 1_700_000_000
PIN = Pin("time-limits@1")


class Crash(Exception):
    """What a test raises where the power would go."""


def crash_at(wanted: str) -> Callable[[str], None]:
    """Return a stand-in for ``failpoints.hit`` that raises at one point."""

    def hit(name: str) -> None:
        if name == wanted:
            raise Crash(name)

    return hit


def case(number: int | str = 1) -> CaseId:
    return CaseId("county", "application", str(number))


def happened(
    name: str = "accepted",
    *,
    number: int | str = 1,
    at: Instant | None = NOW - 100,
    version: int | None = None,
    source: str = "approvals",
    event_id: str | None = None,
    data: Mapping[str, Value] | None = None,
    retracted: bool = False,
) -> CaseEvent:
    return CaseEvent(
        source=source,
        event_id=event_id or f"{number}/{name}",
        version=version,
        namespace="county",
        kind="application",
        case_no=str(number),
        name=name,
        occurred_at=None if retracted else at,
        data=data or {},
        retracted=retracted,
    )


def append(ledger: Ledger, *events: CaseEvent, now: Instant = NOW, source: str = "approvals") -> Appended:
    return ledger.append(Batch(source=source, events=events, rows=len(events)), now)


def claim_cases(ledger: Ledger, now: Instant = NOW, limit: int = 500, lease: int = 120) -> list[Claimed]:
    """Claim, and judge at once what is not an application: feeds and cards are not what these tests are about."""
    wanted: list[Claimed] = []
    others: list[Claimed] = []
    for claimed in ledger.claim(now, limit, lease):
        (wanted if claimed.case.kind == "application" else others).append(claimed)
    ledger.record([judged(each, Light.GREEN) for each in others], now)
    return wanted


def span(light: Light, from_at: Instant, until_at: Instant | None = None, rule: str = "T03") -> Span:
    return Span(
        rule=rule,
        family="promise",
        clock="promise",
        ordinal=1,
        from_at=from_at,
        until_at=until_at,
        light=light,
        pin=PIN,
    )


def clock(due_at: Instant, *, started_at: Instant = NOW - 100, state: CaseState = CaseState.RUNNING) -> ClockReading:
    return ClockReading(clock="promise", ordinal=1, state=state, started_at=started_at, due_at=due_at)


def judged(
    claimed: Claimed,
    light: Light,
    *,
    unit: str = "health",
    state: CaseState = CaseState.RUNNING,
    spans: Iterable[Span] = (),
    clocks: tuple[ClockReading, ...] = (),
    next_review_at: Instant | None = None,
    changes: tuple[CardChange, ...] = (),
    deliveries: tuple[Delivery, ...] = (),
) -> Recorded:
    judgement = Judgement(
        case_id=claimed.case.case_id,
        revision=claimed.case.revision,
        unit=unit,
        item="licence",
        state=state,
        light=light,
        clock="promise",
        ordinal=1,
        spans=tuple(spans),
        clocks=clocks,
        next_review_at=next_review_at,
    )
    return Recorded(judgement=judgement, changes=changes, deliveries=deliveries, token=claimed.token)


def issued(case_id: CaseId, colour: Colour = Colour.YELLOW, *, unit: str = "health", at: Instant = NOW) -> CardChange:
    card = Card(
        card_id=card_id(case_id, "promise", "promise", 1),
        case_id=case_id,
        family="promise",
        clock="promise",
        ordinal=1,
        rule="T03",
        colour=colour,
        state=CardState.ISSUED,
        issue=IssueMode.AUTOMATIC,
        unit=unit,
        raised_at=at - 10,
        issued_at=at,
        counts_at=at + 50,
        pin=PIN,
    )
    return CardChange(ChangeKind.ISSUED, at, card)


def changed(before: CardChange, kind: ChangeKind, at: Instant, **fields: object) -> CardChange:
    card = replace(before.card, serial=before.card.serial + 1, **fields)
    return CardChange(kind, at, card, before.card.colour)


def message(change: CardChange, address: str = "office@example.org", at: Instant = NOW) -> Delivery:
    card = change.card
    return Delivery(
        key=delivery_key(card.card_id, card.serial, "email", address),
        card_id=card.card_id,
        serial=card.serial,
        channel="email",
        address=address,
        recipient="Inspection office",
        rank="owner",
        subject=f"Card {card.colour.value}",
        body="The case is over its promised limit.",
        created_at=at,
        not_before_at=at,
    )


def send_to(ledger: Ledger, *numbers: int, now: Instant = NOW) -> None:
    """Bring a ledger to where one message for each of these cases waits in the outbox."""
    append(ledger, *(happened(number=number) for number in numbers), now=now)
    results = []
    for claimed in claim_cases(ledger, now):
        change = issued(claimed.case.case_id, at=now)
        results.append(judged(claimed, Light.RED, changes=(change,), deliveries=(message(change, at=now),)))
    assert ledger.record(results, now).recorded == len(numbers)
