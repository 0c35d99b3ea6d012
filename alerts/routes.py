"""Who is told: the supervision owner always, the supervised side by unit and rank.

The settings are refused without an owner: ranks R0-R5 govern the supervised side only, and a card of which no
supervisor hears is a card that nobody follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Final, Protocol

from pydantic import BaseModel, ConfigDict, Field, field_validator

from rules.facts import Instant
from rules.placeholders import neutral
from rules.policy import Rank
from rules.problems import Language, Place, Problem

EVERY_UNIT: Final = "*"

WITHOUT_OWNER: Final = (
    "no supervision owner is named; every card also goes to the office that supervises. "
    "Name at least one recipient for it (name, channel, address)"
)
WITHOUT_OWNER_ZH: Final = (
    "未设监督机关；每张牌都须同时告知监督机关（纪检监察、效能办）。请至少设一个接收人（名称、渠道、地址）。"
)


class Elsewhere(BaseModel):
    """Where somebody is told when the first way fails: another configured channel, and the address there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Annotated[str, Field(min_length=1, max_length=64)]
    address: Annotated[str, Field(min_length=1, max_length=500)]


class Recipient(BaseModel):
    """One who is told: over which configured channel, at which address of it, in which language.

    ``fallback`` is used when a message fails for good or its channel has been out of order for long. ``acting_for``
    names the post, and its holder, for which a deputy is told.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    channel: Annotated[str, Field(min_length=1, max_length=64)]
    address: Annotated[str, Field(min_length=1, max_length=500)]
    language: Language = "zh"
    fallback: Elsewhere | None = None
    acting_for: str = ""

    @field_validator("name", "address")
    @classmethod
    def _in_one_line(cls, value: str) -> str:
        if neutral(value) != value:
            raise ValueError("it contains a line break, a control character or a space at its end")
        return value


class Addressees(Protocol):
    """Whoever knows who is told: the owner, and the holders of each rank of a unit at an instant."""

    @property
    def owner(self) -> tuple[Recipient, ...]:
        """The supervision owner's recipients."""
        ...

    @property
    def base_url(self) -> str:
        """The address of the console for links, "" for none."""
        ...

    @property
    def contact(self) -> str:
        """Whom a recipient may ask: the supervision owner's name, room, telephone; "" for nobody."""
        ...

    @property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """The units' names by language."""
        ...

    def recipients(self, unit: str, rank: Rank, at: Instant) -> tuple[Recipient, ...]:
        """Return who holds this rank for the unit at an instant."""
        ...


class Routes(BaseModel):
    """The route table: the owner's recipients, and for each unit (``*``: every unit) those of each rank.

    A rank that a unit's own table does not name is taken from the table of ``*``. ``base_url`` is the address of the
    console for links in messages, ``contact`` whom a recipient may ask, each "" for none. ``names`` are the units' names by language; a unit without one is called
    by its code.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    owner: tuple[Recipient, ...]
    units: Mapping[str, Mapping[Rank, tuple[Recipient, ...]]] = {}
    base_url: str = ""
    contact: str = ""
    names: Mapping[str, Mapping[str, str]] = {}

    @field_validator("owner")
    @classmethod
    def _somebody_supervises(cls, owner: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
        if not owner:
            raise ValueError(WITHOUT_OWNER)
        return owner

    def recipients(self, unit: str, rank: Rank, at: Instant = 0) -> tuple[Recipient, ...]:
        """Return who holds this rank for the unit; nobody is a finding."""
        own, every = self.units.get(unit, {}), self.units.get(EVERY_UNIT, {})
        return own.get(rank) or every.get(rank, ())

    def everybody(self) -> Iterator[Recipient]:
        """Yield every recipient of the table, the owner's first."""
        yield from self.owner
        for ranks in self.units.values():
            for recipients in ranks.values():
                yield from recipients

    def check(self, channels: Collection[str], file: str = "routes") -> tuple[Problem, ...]:
        """Return a problem for each recipient whose channel is not among the configured ``channels``."""
        used = {(c, r.name or r.address) for r in self.everybody() for c in _channels(r)}
        unknown = sorted((channel, name) for channel, name in used if channel not in channels)
        known = ", ".join(sorted(channels)) or "none"
        return tuple(
            Problem(
                "routes/channel", Place(file),
                f"'{name}' is told over the channel '{channel}', which is not configured.",
                f"“{name}”的渠道“{channel}”未配置。",
                f"Configure it or choose one of: {known}.", f"请配置该渠道，或改用：{known}。",
            )
            for channel, name in unknown
        )  # fmt: skip


def _channels(recipient: Recipient) -> Iterator[str]:
    yield recipient.channel
    if recipient.fallback is not None:
        yield recipient.fallback.channel
