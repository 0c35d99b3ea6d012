"""The nouns of alerting: a card and its changes, a delivery, an attempt, and what a channel answers."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from rules.facts import CaseId, Instant
from rules.hits import Former
from rules.judgement import Pin, Shown
from rules.policy import Colour, IssueMode, Rank


class CardState(StrEnum):
    """Whether a card stands: it waits for a person, is issued, or was revoked. How far it is followed says ``Stage``."""

    PENDING = "pending"
    ISSUED = "issued"
    REVOKED = "revoked"


class Stage(StrEnum):
    """How far people have followed a card; ``alerts.life`` holds the table of what may follow what (domain.md 6.4)."""

    PROPOSED = "proposed"
    ISSUED = "issued"
    SIGNED = "signed"
    EXPLAINED = "explained"
    APPEALED = "appealed"
    ESCALATED = "escalated"
    RETURNED = "returned"
    UPHELD = "upheld"
    RECTIFIED = "rectified"
    VERIFIED = "verified"
    CLOSED = "closed"
    REVOKED = "revoked"


class ChangeKind(StrEnum):
    """Why a card changed, each with its own sentence in the texts; those from ``signed`` on are what people did."""

    PROPOSED = "proposed"
    ISSUED = "issued"
    RISEN = "risen"
    ENDED = "ended"
    CORRECTED = "corrected"
    REVOKED = "revoked"
    SIGNED = "signed"
    UNSIGNED = "unsigned"
    EXPLAINED = "explained"
    APPEALED = "appealed"
    DECIDED = "decided"
    RECTIFIED = "rectified"
    VERIFIED = "verified"
    CLOSED = "closed"
    REOPENED = "reopened"
    CONSEQUENCE = "consequence"
    ASSIGNED = "assigned"


class Deed(StrEnum):
    """What a person may do to a card."""

    ISSUE = "issue"
    CONFIRM = "confirm"
    DISMISS = "dismiss"
    CONFIRM_RISE = "confirm_rise"
    DISMISS_RISE = "dismiss_rise"
    SIGN = "sign"
    UNSIGN = "unsign"
    EXPLAIN = "explain"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    REVOKE = "revoke"
    RETURN = "return"
    ESCALATE = "escalate"
    RECTIFY = "rectify"
    SEND_BACK = "send_back"
    VERIFY = "verify"
    CLOSE = "close"
    REOPEN = "reopen"
    RECORD_CONSEQUENCE = "record_consequence"
    ASSIGN = "assign"
    UNASSIGN = "unassign"


class Evidence(Struct, frozen=True):
    """A paper that somebody attached: its name, the SHA-256 of its content, and the date that it bears."""

    name: str
    sha256: str
    media_type: str
    size: int
    dated_on: dt.date | None = None


class Done(Struct, frozen=True, kw_only=True):
    """What one person did to a card, in his own words.

    ``by`` is the account, ``role`` the role in which it acted. ``ground`` is a key of the glossary's ``grounds`` for
    which cards are revoked, ``measure`` one of ``measures`` for the consequence that was decided in the paper
    ``document`` on ``decided_on``. ``to`` is the account to which a card was assigned, or the person against whom the
    consequence was decided (the account or number by which cases name him), whose name and post at that time stand in
    ``to_name`` and ``to_post``.
    """

    deed: Deed
    by: str
    role: str
    text: str = ""
    ground: str = ""
    evidence: tuple[Evidence, ...] = ()
    measure: str = ""
    document: str = ""
    decided_on: dt.date | None = None
    to: str = ""
    to_name: str = ""
    to_post: str = ""


class Card(Struct, frozen=True, kw_only=True):
    """A card (提示, 黄牌, 红牌) issued against a unit for one (case, family, clock, ordinal of the clock's start).

    ``raised_at`` is the instant at which the condition of ``rule`` became true, ``issued_at`` when the system acted on
    it, ``ended_at`` when the condition ceased (the card stands), ``counts_at`` when it begins to count in tallies (the
    appeal limit has passed). ``serial`` counts its changes from 1. ``awaits`` names a graver rule of the family that
    waits for a person's confirmation while the card stands as it is; ``revoked_by`` names the person who revoked it, ""
    if the facts did. ``reason`` is a key of the glossary's ``reasons`` or a person's own words.

    ``stage`` says how far people have followed it and ``stage_at`` since when, ``hands`` who did which deed last since it was issued, ``assignee``
    which inspector follows it, ``consequence`` which measure was recorded, ``shares`` which part of the overdue time each
    person held by trace-back, in basis points; ``confirmed`` and ``dismissed`` say of
    which rules a person has confirmed or dismissed the card, and when.
    """

    card_id: str
    case_id: CaseId
    family: str
    clock: str
    ordinal: int
    rule: str
    colour: Colour
    state: CardState
    issue: IssueMode
    unit: str
    person: str = ""
    item: str = ""
    tell: Rank | None = None
    proposes: str = ""
    raised_at: Instant
    issued_at: Instant
    ended_at: Instant | None = None
    revoked_at: Instant | None = None
    counts_at: Instant | None = None
    reason: str = ""
    pin: Pin
    values: Mapping[str, Shown] = field(default_factory=dict)
    serial: int = 1
    awaits: str = ""
    revoked_by: str = ""
    formerly: tuple[Former, ...] = ()
    stage: Stage = Stage.ISSUED
    stage_at: Instant = 0
    confirmed: Mapping[str, Instant] = field(default_factory=dict)
    dismissed: Mapping[str, Instant] = field(default_factory=dict)
    assignee: str = ""
    consequence: str = ""
    hands: Mapping[str, str] = field(default_factory=dict)
    shares: Mapping[str, int] = field(default_factory=dict)


class CardChange(Struct, frozen=True):
    """One step of a card's life: what happened, when, the card as it stands afterwards.

    ``was`` is the colour under which the supervised side knew the card before, None if it knew of none. ``done`` is
    what a person did, None where the facts alone changed the card.
    """

    kind: ChangeKind
    at: Instant
    card: Card
    was: Colour | None = None
    done: Done | None = None


def card_id(case_id: CaseId, family: str, clock: str, ordinal: int) -> str:
    """Return the stable name of the card for this key: the same key always gives the same card."""
    text = "\x1f".join((*case_id, family, clock, str(ordinal)))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


class Fallback(Struct, frozen=True):
    """Where a recipient is told when a message to the first address fails: a configured channel and an address of it."""

    channel: str
    address: str


class Delivery(Struct, frozen=True, kw_only=True):
    """One message to one recipient over one configured channel, written before anything is sent.

    ``key`` is stable for (card, change, channel, address), so that writing it twice leaves one. ``rank`` is ``owner``
    for the supervision owner, else the rank on the supervised side. ``fallback`` is where the recipient is told if this
    one fails; ``stands_in_for`` is the key of the delivery that this one is the fall-back of, "" for a first one.
    With ``digest`` it waits until ``not_before_at`` to be bundled with others for the same address; ``deferred`` says
    that it does so because the address has had enough that day, ``counted_on`` of which day's budget it is a part.
    """

    key: str
    card_id: str
    serial: int
    channel: str
    address: str
    recipient: str
    rank: str
    subject: str
    body: str
    facts: Mapping[str, str] = field(default_factory=dict)
    created_at: Instant
    not_before_at: Instant
    fallback: Fallback | None = None
    stands_in_for: str = ""
    digest: bool = False
    counted_on: str = ""
    deferred: bool = False


def delivery_key(card: str, serial: int, channel: str, address: str) -> str:
    """Return the idempotency key of a delivery."""
    return hashlib.sha256("\x1f".join((card, str(serial), channel, address)).encode()).hexdigest()[:32]


class Attempt(Struct, frozen=True, kw_only=True):
    """One try at a delivery, written before it is made; ``possible_repeat``: one before it has an unknown outcome."""

    delivery: Delivery
    number: int
    started_at: Instant
    possible_repeat: bool = False
    token: int = 0


class Outcome(StrEnum):
    """How an attempt ended; ``unknown`` is an attempt that a crash cut off."""

    DELIVERED = "delivered"
    PASSING = "passing"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


class Receipt(Struct, frozen=True):
    """What a channel has to show for an attempt: the outcome and the provider's answer (shortened, no secrets).

    ``retry_after`` is how many seconds the provider asked to wait before the next try, None if it did not say.
    """

    outcome: Outcome
    answer: str = ""
    retry_after: int | None = None
