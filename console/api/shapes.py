"""The shapes of answers that several parts of the API share, in the words of the field. Instants are seconds UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import BaseModel, Field

from alerts.model import Card, CardChange, ChangeKind, Deed, Evidence, Stage
from ledger.views.case import AttemptStory, DeliveryStory
from rules.facts import CaseEvent, Value
from rules.glossary import glossary
from rules.judgement import Amount, CaseState, ClockReading, Light, Span, Truth
from rules.policy import Colour, IssueMode

At: TypeAlias = Annotated[int, Field(description="秒，UTC · seconds UTC", examples=[1_800_000_000])]
MaybeAt: TypeAlias = Annotated[int | None, Field(description="秒，UTC；无则为空 · seconds UTC, null if there is none")]


def meanings(group: str, values: Iterable[StrEnum]) -> str:
    """Return what each value of a group of the glossary means, for the document."""
    known = glossary()[group]
    return "；".join(f"`{v.value}` {known[v.value].zh} {known[v.value].en}" for v in values if v.value in known)


LightShape: TypeAlias = Annotated[Light, Field(description=meanings("lights", Light))]
ColourShape: TypeAlias = Annotated[Colour, Field(description=meanings("colours", Colour))]
StageShape: TypeAlias = Annotated[Stage, Field(description=meanings("stages", Stage))]
DeedShape: TypeAlias = Annotated[Deed, Field(description=meanings("deeds", Deed))]
StateShape: TypeAlias = Annotated[CaseState, Field(description=meanings("case_states", CaseState))]
KindShape: TypeAlias = Annotated[ChangeKind, Field(description=meanings("change_kinds", ChangeKind))]


Because = Annotated[
    str,
    Field(
        description="未知的原因代码，多项以“; ”分隔，如 no_limit、missing:case.unit · codes of why something is unknown, "
        "such as no_limit or missing:case.unit, apart by '; '; '' where it is known"
    ),
]


class AmountShape(BaseModel):
    """时长 · A length of time in the unit of its clock."""

    units: Annotated[str, Field(description="十进制数 · an exact decimal", examples=["2.5"])]
    unit: Annotated[str, Field(examples=["workday"])]


class ClockShape(BaseModel):
    """时钟 · One clock as it stood at the last review."""

    clock: str
    ordinal: int
    state: StateShape
    started_at: At
    due_at: MaybeAt
    stopped_at: MaybeAt
    limit: str
    used: AmountShape | None
    left: AmountShape | None
    over: bool | None
    provisional: bool
    because: Because


class FindingShape(BaseModel):
    """认定 · A stretch of time in which a rule's condition holds."""

    rule: str
    clock: str
    truth: Truth
    light: Light | None
    from_at: At
    until_at: MaybeAt
    because: Because
    rulebook: Annotated[str, Field(description="判定所依版本 · the version that judged")]
    evidence: dict[str, Value]


class EventShape(BaseModel):
    """经过 · One thing that happened, as a source reported it."""

    source: str
    event_id: str
    version: int | None
    name: str
    occurred_at: MaybeAt
    received_at: MaybeAt
    retracted: bool
    data: dict[str, Value]


class CardShape(BaseModel):
    """牌 · A card as it stands; ``serial`` counts its changes and is its ETag."""

    card_id: Annotated[str, Field(examples=["0f3c6a9b1d2e4f5a6b7c"])]
    case_id: Annotated[str, Field(examples=["licences/application/L1"])]
    serial: Annotated[int, Field(description="变动序号 · how often it changed, from 1", examples=[1])]
    colour: ColourShape
    stage: StageShape
    stage_at: At
    unit: str
    person: str
    item: str
    rule: str
    clock: str
    issue: Annotated[IssueMode, Field(description=meanings("issue_modes", IssueMode))]
    raised_at: At
    issued_at: At
    ended_at: MaybeAt
    revoked_at: MaybeAt
    counts_at: MaybeAt
    reason: str
    assignee: str
    consequence: str
    awaits: Annotated[str, Field(description="待确认的更重规则 · a graver rule that waits for a person")]


class EvidenceShape(BaseModel):
    """材料 · A paper; its content is at ``/api/v1/cards/{card_id}/papers/{sha256}``."""

    name: str
    sha256: str
    media_type: str
    size: int
    dated_on: dt.date | None


class ChangeShape(BaseModel):
    """变动 · One step of a card's life; ``deed`` is null where the facts alone changed it."""

    serial: int
    kind: KindShape
    at: At
    stage: StageShape
    colour: ColourShape
    deed: Deed | None
    by: str
    role: str
    text: str
    ground: str
    measure: str
    document: str
    decided_on: dt.date | None
    to: Annotated[str, Field(description="跟办人，或受处理人 · who follows it, or whom the consequence names")]
    to_name: str
    to_post: str
    evidence: list[EvidenceShape]


class MessageShape(BaseModel):
    """通知 · A message to one recipient and how far it came."""

    key: str
    serial: int
    channel: str
    recipient: str
    rank: str
    subject: str
    state: Annotated[str, Field(examples=["delivered"])]
    created_at: At
    due_at: MaybeAt


class AttemptShape(BaseModel):
    """一次发送 · A try at a message: when, with what outcome, and what the channel answered."""

    number: int
    started_at: At
    finished_at: MaybeAt
    outcome: Annotated[str | None, Field(description="未完成则为空 · null while it runs or if it was cut off")]
    answer: str
    possible_repeat: bool


def amount_shape(amount: Amount | None) -> AmountShape | None:
    """Return an amount for programs."""
    return AmountShape(units=amount.units, unit=amount.unit) if amount is not None else None


def clock_shape(clock: ClockReading) -> ClockShape:
    """Return a clock for programs."""
    return ClockShape(
        clock=clock.clock, ordinal=clock.ordinal, state=clock.state, started_at=clock.started_at, due_at=clock.due_at,
        stopped_at=clock.stopped_at, limit=clock.limit, used=amount_shape(clock.used), left=amount_shape(clock.left),
        over=clock.over, provisional=clock.provisional, because=clock.because,
    )  # fmt: skip


def finding_shape(span: Span) -> FindingShape:
    """Return a finding for programs."""
    return FindingShape(
        rule=span.rule, clock=span.clock, truth=span.truth, light=span.light, from_at=span.from_at,
        until_at=span.until_at, because=span.because, rulebook=span.pin.rulebook, evidence=dict(span.evidence),
    )  # fmt: skip


def event_shape(event: CaseEvent) -> EventShape:
    """Return an event for programs."""
    return EventShape(
        source=event.source, event_id=event.event_id, version=event.version, name=event.name,
        occurred_at=event.occurred_at, received_at=event.received_at, retracted=event.retracted, data=dict(event.data),
    )  # fmt: skip


def card_shape(card: Card) -> CardShape:
    """Return a card for programs."""
    named = {name: getattr(card, name) for name in CardShape.model_fields if name != "case_id"}
    return CardShape(case_id=str(card.case_id), **named)


def change_shape(change: CardChange) -> ChangeShape:
    """Return a step of a card's life for programs."""
    done, card = change.done, change.card
    return ChangeShape(
        serial=card.serial, kind=change.kind, at=change.at, stage=card.stage, colour=card.colour,
        deed=done.deed if done else None, by=done.by if done else "", role=done.role if done else "",
        text=done.text if done else "", ground=done.ground if done else "", measure=done.measure if done else "",
        document=done.document if done else "", decided_on=done.decided_on if done else None,
        to=done.to if done else "", to_name=done.to_name if done else "", to_post=done.to_post if done else "",
        evidence=[evidence_shape(e) for e in done.evidence] if done else [],
    )  # fmt: skip


def evidence_shape(paper: Evidence) -> EvidenceShape:
    """Return a paper for programs."""
    return EvidenceShape(
        name=paper.name, sha256=paper.sha256, media_type=paper.media_type, size=paper.size, dated_on=paper.dated_on
    )


def message_shape(story: DeliveryStory) -> MessageShape:
    """Return a message for programs."""
    told = story.delivery
    return MessageShape(
        key=told.key, serial=told.serial, channel=told.channel, recipient=told.recipient, rank=told.rank,
        subject=told.subject, state=story.state, created_at=told.created_at, due_at=story.due_at,
    )  # fmt: skip


def attempt_shape(story: AttemptStory) -> AttemptShape:
    """Return a try at a message for programs."""
    return AttemptShape(
        number=story.number, started_at=story.started_at, finished_at=story.finished_at, outcome=story.outcome,
        answer=story.answer, possible_repeat=story.possible_repeat,
    )  # fmt: skip
