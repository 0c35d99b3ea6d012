"""An explanation as one structure, whatever it is rendered as: text (``rules.explain``), JSON, or an HTML fragment.

What is said to people stands in both languages; instants are seconds UTC, to be shown in ``zone``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rules.facts import Instant, Value
from rules.judgement import Amount, CaseState, Light, Span, Truth

Texts: TypeAlias = Mapping[str, str]
"""The same thing said in Chinese (``zh``) and English (``en``)."""


@dataclass(frozen=True, slots=True)
class DayStory:
    """One day of a clock: whether it counted, its running number if so, and why or why not.

    ``why`` names a holiday with its notice; ``paper`` is the row by which the clock was suspended on that day.
    """

    on: dt.date
    counted: bool
    number: int | None
    kind: str
    why: Texts
    paper: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClockStory:
    """One clock as it stands: what started it, its limit and calendar, its due instant, and every day on the way."""

    name: str
    title: Texts
    key: str
    ordinal: int
    started_at: Instant
    started_by: str
    zone: str
    limit: Amount | None = None
    counting: str = ""
    calendar: str = ""
    due_at: Instant | None = None
    provisional: bool = False
    stated: bool = False
    because: Texts = field(default_factory=dict)
    stopped_at: Instant | None = None
    used: Amount | None = None
    left: Amount | None = None
    over_by: Amount | None = None
    days: tuple[DayStory, ...] = ()
    trouble: Texts | None = None


@dataclass(frozen=True, slots=True)
class FindingStory:
    """One finding: when it holds, its sentence, the condition with the values it had, the article, the versions.

    ``condition`` is as the rulebook writes it, ``means`` as a reader says it; ``words`` names each word of ``evidence``.
    """

    rule: str
    title: Texts
    truth: Truth
    light: Light | None
    from_at: Instant
    until_at: Instant | None
    say: Texts
    condition: str
    means: Texts
    evidence: Mapping[str, Value]
    words: Mapping[str, Texts]
    because: Texts
    article: str
    link: str
    rulebook: str
    calendar: str
    item: str


@dataclass(frozen=True, slots=True)
class RowStory:
    """One row of a source as it stands: what it says happened when, and when the ledger received it."""

    at: Instant
    name: str
    source: str
    event_id: str
    version: int | None
    received_at: Instant | None
    data: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a case has its light at an instant: as known now, or (``known_at``) as it was known and judged then.

    ``units`` names the units that its facts speak of.
    """

    case_id: str
    case_no: str
    unit: str
    item: str
    item_name: str
    at: Instant
    zone: str
    light: Light
    state: CaseState
    because: Texts
    clocks: tuple[ClockStory, ...]
    findings: tuple[FindingStory, ...]
    rows: tuple[RowStory, ...]
    known_at: Instant | None = None
    notes: tuple[Texts, ...] = ()
    units: Mapping[str, Texts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What had been judged of a case by an instant: its light and the spans that stood then; none if nothing had been."""

    at: Instant
    light: Light | None = None
    state: CaseState = CaseState.RUNNING
    because: str = ""
    spans: tuple[Span, ...] = ()
