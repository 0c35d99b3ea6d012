"""Writes what was decided, inside the transaction of the verb that calls it: judgements, card changes, deliveries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import Connection, text

from alerts.model import Card, CardChange, ChangeKind, Deed, Delivery
from alerts.urging import Urge
from ledger import chain, transitions
from ledger.concerning import standing, tell_concerned
from ledger.engine import Store, insertion
from ledger.events import note_ungathered, touch, write
from ledger.rows import OURS, EventRow, digest, encode, event_content, event_row, is_feed, is_subject, subject_id
from ledger.tables import card_changes, judgements, spans, urges
from rules.facts import CaseEvent, CaseId, Instant, Value
from rules.judgement import CaseState, Judgement, Span

Judged: TypeAlias = tuple[Any, Judgement]
"""A judgement with the locked row of its case (or subject) as it stood before."""

_INSERT_SPAN: Final = insertion(spans)
_INSERT_JUDGEMENT: Final = insertion(judgements)
_INSERT_CHANGE: Final = insertion(card_changes)
_INSERT_URGE: Final = insertion(urges, or_nothing=True)
_INSERT_DELIVERY: Final = text(
    "insert into deliveries (key, card_id, channel, address, state, due_at, digest_at, delivery_json)"
    " values (:key, :card_id, :channel, :address, :state, :due_at, :digest_at, :delivery_json)"
    " on conflict (key) do nothing"
)
_COUNT_TOLD: Final = text(
    "insert into told_counts (channel, address, day, messages, deferred)"
    " values (:channel, :address, :day, :messages, :deferred) on conflict (channel, address, day) do update set"
    " messages = told_counts.messages + excluded.messages, deferred = told_counts.deferred + excluded.deferred"
)

_STANDING: Final = (
    "select span, case_id, until_at, content from spans where superseded_at is null and case_id in {keys}"
)
_SUPERSEDE: Final = text("update spans set superseded_at = :now where span = :span")

_JUDGED: Final = {
    table: text(
        f"update {table} set judged_revision = :revision, stale_since = null, lease_until = null,"  # noqa: S608
        " next_review_at = :next_review_at, unit = :unit, state = :state, light = :light, clock = :clock,"
        " ordinal = :ordinal, due_at = :due_at, judged_at = :judged_at, judgement_json = :judgement_json,"
        " person = :person"
        " where case_id = :case_id"
    )
    for table in ("cases", "subjects")
}

_COUNT_LIGHTS: Final = text(
    "insert into light_counts (unit, kind, state, light, cases) values (:unit, :kind, :state, :light, :cases)"
    " on conflict (unit, kind, state, light) do update set cases = light_counts.cases + excluded.cases"
)

_COUNT_CARDS: Final = text(
    "insert into card_counts (unit, rule, colour, cards) values (:unit, :rule, :colour, :cards)"
    " on conflict (unit, rule, colour) do update set cards = card_counts.cards + excluded.cards"
)

_SAVE_CARD: Final = text(
    "insert into cards (card_id, case_id, unit, rule, colour, state, serial, issued_at, ended_at, counts_at,"
    " changed_at, card_json, stage, assignee, item, person) values (:card_id, :case_id, :unit, :rule, :colour, :state, :serial,"
    " :issued_at, :ended_at, :counts_at, :changed_at, :card_json, :stage, :assignee, :item, :person)"
    " on conflict (card_id) do update set stage = excluded.stage, assignee = excluded.assignee, item = excluded.item,"
    " person = excluded.person,"
    " unit = excluded.unit, rule = excluded.rule, colour = excluded.colour, state = excluded.state,"
    " serial = excluded.serial, issued_at = excluded.issued_at, ended_at = excluded.ended_at,"
    " counts_at = excluded.counts_at, changed_at = excluded.changed_at, card_json = excluded.card_json"
)


def write_judgements(
    store: Store,
    connection: Connection,
    judged: Sequence[Judged],
    now: Instant,
    *,
    keep_spans: bool = False,
) -> None:
    """Write judgements, each given with its row as it stood: spans, transitions, the row itself, the counters."""
    if not keep_spans:
        _write_spans(store, connection, judged, now)
    chained = [
        transitions.row_of(row, judgement, now) for row, judgement in judged if transitions.is_one(row, judgement)
    ]
    chain.extend(store, connection, judgements.name, chained)
    store.many(connection, _INSERT_JUDGEMENT, chained)
    for table, of_subjects in (("cases", False), ("subjects", True)):
        rows = [_judged(row.case_id, j, now) for row, j in judged if is_subject(j.case_id) is of_subjects]
        store.many(connection, _JUDGED[table], rows)
    _count_lights(store, connection, judged)


def _units(changes: Iterable[CardChange], before: Mapping[str, Card]) -> set[str]:
    """Return the units that the changed cards have, and those that had them before."""
    now_theirs = {change.card.card_id: change.card.unit for change in changes}
    return {*now_theirs.values(), *(card.unit for card in before.values())}


def write_changes(
    store: Store,
    connection: Connection,
    changes: Sequence[CardChange],
    now: Instant,
) -> None:
    """Write card changes, the cards as they now stand, and an event of each in the card's own case; make units and persons due."""
    if not changes:
        return
    latest = {change.card.card_id: change.card for change in changes}
    before = standing(store, connection, latest)
    units = _units(changes, before)
    store.many(connection, _SAVE_CARD, [_card(card, now) for _, card in sorted(latest.items())])
    chained: list[dict[str, object]] = [
        {
            "card_id": change.card.card_id,
            "serial": change.card.serial,
            "at": change.at,
            "recorded_at": now,
            "change_json": encode(change),
        }
        for change in changes
    ]
    chain.extend(store, connection, card_changes.name, chained)
    store.many(connection, _INSERT_CHANGE, chained)
    _count_cards(store, connection, changes)
    told = [_card_event(change, now) for change in changes]
    write(store, connection, told, {row[3] for row in told}, now)
    dealt_with = sorted({card_key(change.card.card_id) for change in changes if change.done is not None})
    note_ungathered(store, connection, [(key, 1) for key in dealt_with])
    tell_concerned(store, connection, changes, before, now)
    touch(store, connection, "subjects", {str(subject_id(unit)) for unit in units if unit}, now)


def write_urges(store: Store, connection: Connection, told: Sequence[Urge]) -> None:
    """Write steps of escalation that ran, each once."""
    rows = [
        {
            "key": each.key, "case_id": str(each.case_id), "rule": each.rule, "unit": each.unit,
            "due_at": each.due_at, "told_at": each.told_at, "urge_json": encode(each),
        }
        for each in told
    ]  # fmt: skip
    store.many(connection, _INSERT_URGE, rows)


def card_key(card_id: str) -> str:
    """Return the identity of a card's own case."""
    return str(CaseId(OURS, "card", card_id))


def write_deliveries(store: Store, connection: Connection, messages: Iterable[Delivery]) -> None:
    """Put messages into the outbox, each key once, and count for each address those that belong to its budget."""
    ordered = sorted(messages, key=lambda message: message.key)
    store.many(connection, _INSERT_DELIVERY, [_delivery(message) for message in ordered])
    told: Counter[tuple[str, str, str, bool]] = Counter(
        (message.channel, message.address, message.counted_on, message.deferred)
        for message in ordered
        if message.counted_on
    )
    rows = [
        {
            "channel": channel, "address": address, "day": day,
            "messages": 0 if deferred else count, "deferred": count if deferred else 0,
        }
        for (channel, address, day, deferred), count in sorted(told.items())
    ]  # fmt: skip
    store.many(connection, _COUNT_TOLD, rows)


def _delivery(message: Delivery) -> dict[str, object]:
    return {
        "key": message.key,
        "card_id": message.card_id,
        "channel": message.channel,
        "address": message.address,
        "state": "digest" if message.digest else "waiting",
        "due_at": None if message.digest else message.not_before_at,
        "digest_at": message.not_before_at if message.digest else None,
        "delivery_json": encode(message),
    }


def span_content(span: Span, *, of_feed: bool) -> bytes:
    """Return the digest of a span. ``values`` are no part of it: they move with every review, as the clock runs.

    Nor is the ordinal of a feed's clock: it counts from the oldest event that is still judged.
    """
    return digest(msgspec.structs.replace(span, values={}, ordinal=0 if of_feed else span.ordinal))


def _write_spans(store: Store, connection: Connection, judged: Sequence[Judged], now: Instant) -> None:
    """Add the spans that are new, mark those that are no longer found; what is unchanged is not touched.

    Of a feed the past is not reviewed again: its closed spans stay as they are.
    """
    standing: dict[str, dict[bytes, Any]] = {}
    for row in store.among(connection, _STANDING, [row.case_id for row, _ in judged]):
        standing.setdefault(row.case_id, {})[bytes(row.content)] = row
    added: list[dict[str, object]] = []
    gone: list[dict[str, object]] = []
    for stored, judgement in judged:
        of_feed = is_feed(judgement.case_id)
        known = standing.get(stored.case_id, {})
        found = {span_content(span, of_feed=of_feed): span for span in judgement.spans}
        added += [
            _span(stored.case_id, judgement, span, content, now)
            for content, span in found.items()
            if content not in known
        ]
        gone += [
            {"span": row.span, "now": now}
            for content, row in known.items()
            if content not in found and not (of_feed and row.until_at is not None)
        ]
    store.many(connection, _SUPERSEDE, gone)
    store.many(connection, _INSERT_SPAN, added)


def _span(case_id: str, judgement: Judgement, span: Span, content: bytes, now: Instant) -> dict[str, object]:
    return {
        "case_id": case_id,
        "rule": span.rule,
        "from_at": span.from_at,
        "until_at": span.until_at,
        "content": content,
        "span_json": encode(span),
        "revision": judgement.revision,
        "recorded_at": now,
        "superseded_at": None,
    }


def _judged(case_id: str, judgement: Judgement, now: Instant) -> dict[str, object]:
    return {
        "case_id": case_id,
        "revision": judgement.revision,
        "next_review_at": judgement.next_review_at,
        "unit": judgement.unit,
        "state": judgement.state.value,
        "light": judgement.light.value,
        "clock": judgement.clock,
        "ordinal": judgement.ordinal,
        "due_at": _due_at(judgement),
        "judged_at": now,
        "judgement_json": encode(msgspec.structs.replace(judgement, spans=())),
        "person": judgement.person,
    }


def _due_at(judgement: Judgement) -> Instant | None:
    """Return when the clock that decided the light is due, else the earliest running one."""
    for reading in judgement.clocks:
        if (reading.clock, reading.ordinal) == (judgement.clock, judgement.ordinal):
            return reading.due_at
    running = [r.due_at for r in judgement.clocks if r.state is CaseState.RUNNING and r.due_at is not None]
    return min(running, default=None)


def _count_lights(store: Store, connection: Connection, judged: Sequence[Judged]) -> None:
    moved: Counter[tuple[str, str, str, str]] = Counter()
    for row, judgement in judged:
        if is_subject(judgement.case_id):
            continue
        if row.light is not None:
            moved[row.unit, row.kind, row.state, row.light] -= 1
        moved[judgement.unit, row.kind, judgement.state.value, judgement.light.value] += 1
    names = ("unit", "kind", "state", "light")
    rows = [{**dict(zip(names, cell, strict=True)), "cases": n} for cell, n in sorted(moved.items()) if n]
    store.many(connection, _COUNT_LIGHTS, rows)


def _count_cards(store: Store, connection: Connection, changes: Sequence[CardChange]) -> None:
    issued = Counter(
        (change.card.unit, change.card.rule, change.card.colour.value)
        for change in changes
        if change.kind in (ChangeKind.ISSUED, ChangeKind.RISEN)
    )
    names = ("unit", "rule", "colour")
    rows = [{**dict(zip(names, cell, strict=True)), "cards": n} for cell, n in sorted(issued.items())]
    store.many(connection, _COUNT_CARDS, rows)


def _card(card: Card, now: Instant) -> dict[str, object]:
    return {
        "card_id": card.card_id,
        "case_id": str(card.case_id),
        "unit": card.unit,
        "rule": card.rule,
        "colour": card.colour.value,
        "state": card.state.value,
        "serial": card.serial,
        "issued_at": card.issued_at,
        "ended_at": card.ended_at,
        "counts_at": card.counts_at,
        "changed_at": now,
        "card_json": encode(card),
        "stage": card.stage.value,
        "assignee": card.assignee,
        "item": card.item,
        "person": card.person,
    }


def _card_event(change: CardChange, now: Instant) -> EventRow:
    """Return the event that a change is to the card's own case, whose clocks ask whether people act on it."""
    card = change.card
    event = CaseEvent(
        source=OURS,
        event_id=f"{card.card_id}/{card.serial}",
        namespace=OURS,
        kind="card",
        case_no=card.card_id,
        name=change.kind.value,
        occurred_at=change.at,
        sequence=card.serial,
        data=_told_of(change),
    )
    return event_row(event, card_key(card.card_id), 1, event_content(event), now)


_RESULTS: Final = {
    Deed.UPHOLD: "upheld",
    Deed.RETURN: "returned",
    Deed.ESCALATE: "escalated",
    Deed.REVOKE: "revoked",
    Deed.SEND_BACK: "sent_back",
}


def _answered(card: Card, deed: Deed) -> str:
    """Return what a decision answers, "" if it answers nothing: once there was an appeal, it is the appeal."""
    if deed not in _RESULTS:
        return ""
    return "appeal" if Deed.APPEAL.value in card.hands else "explanation" if Deed.EXPLAIN.value in card.hands else ""


def _told_of(change: CardChange) -> dict[str, Value]:
    """Return what the rules about supervisors may ask of a change: of the card, and of what a person did."""
    card, done = change.card, change.done
    told: dict[str, Value] = {
        "unit": card.unit, "item": card.item, "colour": card.colour.value, "rule": card.rule,
        "case": str(card.case_id), "issue": card.issue.value,
    }  # fmt: skip
    if done is not None:
        told |= {
            "deed": done.deed.value, "by": done.by, "role": done.role, "evidence": len(done.evidence),
            "result": _RESULTS.get(done.deed, ""), "answers": _answered(card, done.deed),
            "basis": str(card.values.get("basis", "")), "measure": done.measure,
        }  # fmt: skip
    return told
