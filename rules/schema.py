"""The shape of a rulebook and of a severity profile as files: what an administrator writes, held against this model."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rules.clocks import Counting, Intake
from rules.judgement import Light
from rules.misfits import Ill, Said
from rules.policy import Colour, IssueMode, Rank


def _texts(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Texts(_Part):
    """One thing said in Chinese and in English."""

    zh: str
    en: str


class InForce(_Part):
    """The dates [from, until) for which something holds."""

    from_on: dt.date = Field(alias="from")
    until_on: dt.date | None = Field(default=None, alias="until")


class BasisPart(_Part):
    """The article, standard or published promise that a rule rests on."""

    text: str
    link: str = ""


class DatedValue(_Part):
    """One value of a parameter from a date on."""

    value: str | int | float
    from_on: dt.date = Field(default=dt.date.min, alias="from")


class TriggerPart(_Part):
    """An event, where a condition on that event may narrow it.

    A start may further ask that events did not come before (``unless``), or that another clock which the same event
    started ran over (``deemed``): then the law counts the event itself as the start (视为受理).
    """

    event: str
    where: str | None = None
    unless: Annotated[list[str], BeforeValidator(_texts, json_schema_input_type=str | list[str])] = Field(
        default_factory=list
    )
    deemed: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _word(cls, value: object) -> object:
        return {"event": value} if isinstance(value, str) else value


def _as_written(value: object) -> object:
    return value


Trigger: TypeAlias = Annotated[TriggerPart, BeforeValidator(_as_written, json_schema_input_type=TriggerPart | str)]
"""A trigger as editors see it: an event by its name alone, or with a condition."""
Triggers: TypeAlias = Annotated[
    list[TriggerPart],
    BeforeValidator(_texts, json_schema_input_type=TriggerPart | str | list[TriggerPart | str]),
]
Words: TypeAlias = Annotated[list[str], BeforeValidator(_texts, json_schema_input_type=str | list[str])]


class PausesPart(_Part):
    """What stops the clock for a while, and whether only lawful and approved time counts."""

    begins: Trigger = Field(alias="from")
    ends: Trigger = Field(alias="to")
    cap: str | None = None
    only_if: str | None = None


class ExtendsPart(_Part):
    """What lengthens the limit, and whether only lawful extensions count."""

    by: Trigger
    only_if: str | None = None


class ClockPart(_Part):
    """A clock: what starts, stops, pauses and extends it, its limit or stated due instant, and the counting."""

    title: Texts
    of: str
    starts: Triggers
    stops: Triggers
    by: str | None = None
    pauses: PausesPart | None = None
    extends: ExtendsPart | None = None
    limit: Words = Field(default_factory=list)
    due: str | None = None
    optional: bool = False
    counting: Counting = Counting.LEGAL
    intake: Intake = Intake.AT_ONCE
    asks: Words = Field(default_factory=list)
    calendar: str | None = None

    @model_validator(mode="after")
    def _needs_a_limit(self) -> ClockPart:
        if not self.limit and self.due is None:
            raise Ill(Said(
                "a clock needs a 'limit' or a stated 'due'.", "时钟须有 limit 或 due。",
                "Write for example 'limit: item.promised' or 'limit: 5 workdays'.",
                "例如 limit: item.promised 或 limit: 5 workdays。",
            ))  # fmt: skip
        return self


class RulePart(_Part):
    """One supervision point: when it holds, which light and card follow, whom to tell, on what basis, in which words.

    ``against`` is a word whose value names the unit at fault; without it that is the unit of the case.
    """

    id: str = Field(pattern=r"^[A-Z][A-Za-z0-9_-]{0,31}$")
    title: Texts
    of: str
    family: str | None = None
    when: str
    given: dict[str, str] = Field(default_factory=dict)
    clock: str | None = None
    asks: Words = Field(default_factory=list)
    casts_doubt: bool = False
    light: Light | None = None
    card: Colour | None = None
    issue: IssueMode = IssueMode.AUTOMATIC
    tell: Rank | None = None
    against: str | None = None
    proposes: str = ""
    basis: str | None = None
    say: Texts | None = None


class TestPart(_Part):
    """A proof of the rules: what is given, and what is expected at which instant (local to the calendar's zone)."""

    name: str
    of: str | None = None
    calendar: str | None = None
    profile: str | None = None
    item: dict[str, str | int | float | bool] = Field(default_factory=dict)
    versions: list[dict[str, str | int | float | bool | dt.date]] = Field(default_factory=list)
    registers: dict[str, list[dict[str, str | int | float | bool]]] = Field(default_factory=dict)
    given: list[str | dict[str, str | int | float | bool | dt.datetime | dt.date]]
    expect: list[dict[str, str | list[str]]]


class RulebookPart(_Part):
    """A whole rulebook file; a correction has the version and dates of what it corrects, and the next ``revision``."""

    rulebook: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: Texts
    version: int = Field(ge=1)
    revision: int = Field(default=1, ge=1)
    in_force: InForce
    calendar: str | None = None
    basis: dict[str, BasisPart] = Field(default_factory=dict)
    parameters: dict[str, list[DatedValue]] = Field(default_factory=dict)
    attributes: dict[str, str] = Field(default_factory=dict)
    registers: dict[str, dict[str, str]] = Field(default_factory=dict)
    show: dict[str, str] = Field(default_factory=dict)
    clocks: dict[str, ClockPart] = Field(default_factory=dict)
    rules: list[RulePart] = Field(default_factory=list)
    tests: list[TestPart] = Field(default_factory=list)


class ProfileRule(_Part):
    """What a profile changes of one rule; never its condition."""

    light: Light | None = None
    card: Colour | None = None
    issue: IssueMode | None = None
    tell: Rank | None = None


class ProfileClock(_Part):
    """What a profile changes of one clock: how it counts, and what arrives on a day off; never what starts it."""

    counting: Counting | None = None
    intake: Intake | None = None


class ProfilePart(_Part):
    """A severity profile: by rule id the consequences that differ, named parameters, and how clocks count."""

    profile: str
    title: Texts
    rules: dict[str, ProfileRule] = Field(default_factory=dict)
    clocks: dict[str, ProfileClock] = Field(default_factory=dict)
    parameters: dict[str, list[DatedValue]] = Field(default_factory=dict)
