"""The shape of a rulebook and of a severity profile as files: what an administrator writes, held against this model."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rules.clocks import Counting
from rules.judgement import Light
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
    """An event, where a condition on that event may narrow it."""

    event: str
    where: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _word(cls, value: object) -> object:
        return {"event": value} if isinstance(value, str) else value


Triggers: TypeAlias = Annotated[list[TriggerPart], BeforeValidator(_texts)]
Words: TypeAlias = Annotated[list[str], BeforeValidator(_texts)]


class PausesPart(_Part):
    """What stops the clock for a while, and whether only lawful and approved time counts."""

    begins: TriggerPart = Field(alias="from")
    ends: TriggerPart = Field(alias="to")
    cap: str | None = None
    only_if: str | None = None


class ExtendsPart(_Part):
    """What lengthens the limit, and whether only lawful extensions count."""

    by: TriggerPart
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
    calendar: str | None = None

    @model_validator(mode="after")
    def _needs_a_limit(self) -> ClockPart:
        if not self.limit and self.due is None:
            raise ValueError("a clock needs a 'limit' (such as 'item.promised' or '5 workdays') or a stated 'due'")
        return self


class RulePart(_Part):
    """One supervision point: when it holds, which light and card follow, whom to tell, on what basis, in which words."""

    id: str = Field(pattern=r"^[A-Z][A-Za-z0-9_-]{0,31}$")
    title: Texts
    of: str
    family: str | None = None
    when: str
    given: dict[str, str] = Field(default_factory=dict)
    clock: str | None = None
    light: Light | None = None
    card: Colour | None = None
    issue: IssueMode = IssueMode.AUTOMATIC
    tell: Rank | None = None
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
    registers: dict[str, list[dict[str, str | int | float | bool]]] = Field(default_factory=dict)
    given: list[str | dict[str, str | int | float | bool | dt.datetime | dt.date]]
    expect: list[dict[str, str | list[str]]]


class RulebookPart(_Part):
    """A whole rulebook file."""

    rulebook: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: Texts
    version: int = Field(ge=1)
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


class ProfilePart(_Part):
    """A severity profile: by rule id the consequences that differ, and named parameters."""

    profile: str
    title: Texts
    rules: dict[str, ProfileRule] = Field(default_factory=dict)
    parameters: dict[str, list[DatedValue]] = Field(default_factory=dict)
