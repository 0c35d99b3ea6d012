"""The organisation directory (组织目录): units, posts, people, who holds which post, deputies (AB 角) and leave.

It answers one question: who has to be told for a unit and a rank on a date, and why. Nobody is an answer too.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Protocol

from msgspec import Struct

from rules.policy import Rank
from rules.problems import Language


class Unit(Struct, frozen=True):
    """A unit (部门): its code, its names, the unit above it ("" for none), its region."""

    code: str
    zh: str
    en: str = ""
    parent: str = ""
    region: str = ""


class Post(Struct, frozen=True):
    """A post (岗位) of a unit, with the rank in which its holder is told."""

    unit: str
    post: str
    rank: Rank
    zh: str = ""
    en: str = ""


class Address(Struct, frozen=True):
    """Where somebody is reached: a configured channel and an address of it."""

    channel: str
    address: str


class Person(Struct, frozen=True):
    """A person by account, with addresses in the order of preference."""

    account: str
    name: str
    addresses: tuple[Address, ...] = ()
    language: Language = "zh"


class Tenure(Struct, frozen=True):
    """Who holds a post, or stands in for its holder, from one date to another, both included; None is open."""

    unit: str
    post: str
    account: str
    from_on: dt.date | None = None
    until_on: dt.date | None = None

    def covers(self, on: dt.date) -> bool:
        """Say whether a date is within it."""
        return within(on, self.from_on, self.until_on)


class Leave(Struct, frozen=True):
    """When somebody is away, both dates included; without ``until_on`` until further notice."""

    account: str
    from_on: dt.date
    until_on: dt.date | None = None


class Told(Struct, frozen=True):
    """One person who is told, of which post; ``acting_for`` names the absent holder, or the vacant post."""

    person: Person
    post: Post
    acting_for: Mapping[str, str] | None = None


class Reason(Struct, frozen=True):
    """Why somebody is told or nobody is, in both languages."""

    zh: str
    en: str


class Held(Struct, frozen=True):
    """The answer: who is told, and the reasons in their order. Nobody is a vacancy, which is a finding."""

    people: tuple[Told, ...] = ()
    why: tuple[Reason, ...] = ()

    @property
    def acting(self) -> bool:
        """Whether somebody stands in for somebody else."""
        return any(told.acting_for is not None for told in self.people)


class Holders(Protocol):
    """The seam: whatever knows who holds a rank, such as this directory or a service of the organisation (LDAP)."""

    @property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """The names of units by code and language."""
        ...

    def holders(self, unit: str, rank: Rank, on: dt.date) -> Held:
        """Return who has to be told for a unit and a rank on a date, and why."""
        ...


class Directory(Struct, frozen=True, dict=True):
    """All of it as it was imported; a later import replaces it whole."""

    units: tuple[Unit, ...] = ()
    posts: tuple[Post, ...] = ()
    people: tuple[Person, ...] = ()
    holders_of: tuple[Tenure, ...] = ()
    deputies: tuple[Tenure, ...] = ()
    leave: tuple[Leave, ...] = ()

    @cached_property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """The names of the units by language."""
        return {unit.code: {"zh": unit.zh, "en": unit.en} for unit in self.units}

    @cached_property
    def unit(self) -> Mapping[str, Unit]:
        """The units by code."""
        return {unit.code: unit for unit in self.units}

    @cached_property
    def person(self) -> Mapping[str, Person]:
        """The people by account."""
        return {person.account: person for person in self.people}

    def holders(self, unit: str, rank: Rank, on: dt.date) -> Held:
        """Return who has to be told: the holders of the unit's posts of this rank, their deputies while they are away.

        A unit without such a post asks the unit above it, and says so.
        """
        why: list[Reason] = []
        for asked in self.upwards(unit):
            posts = self._posts.get((asked, rank), [])
            if asked != unit and posts:
                why.append(Reason(f"{self._name(unit)}未设该级岗位，由上级{self._name(asked)}负责",
                                  f"{self._name(unit, 'en')} has no such post; {self._name(asked, 'en')} above it has"))  # fmt: skip
            if posts:
                told = tuple(each for post in posts for each in self._of_post(post, on, why))
                return Held(_each_once(told), tuple(why))
        return Held((), (Reason(f"{self._name(unit)}及其上级均未设该级岗位",
                                f"neither {self._name(unit, 'en')} nor a unit above it has such a post"),))  # fmt: skip

    def away(self, account: str, on: dt.date) -> bool:
        """Say whether somebody is on leave on a date."""
        return any(within(on, each.from_on, each.until_on) for each in self._leave.get(account, ()))

    def _of_post(self, post: Post, on: dt.date, why: list[Reason]) -> Iterator[Told]:
        title = _called(post, "zh"), _called(post, "en")
        holding = [self.person[each.account] for each in self._tenures.get((post.unit, post.post), ())
                   if each.covers(on) and each.account in self.person]  # fmt: skip
        present = [person for person in holding if not self.away(person.account, on)]
        for person in present:
            why.append(Reason(f"{person.name}任{title[0]}", f"{person.name} is {title[1]}"))
            yield Told(person, post)
        if present:
            return
        absent = "、".join(person.name for person in holding), ", ".join(person.name for person in holding)
        gone = (f"{title[0]}{absent[0]}休假", f"{absent[1]}, {title[1]}, is on leave") if holding else (
            f"{title[0]}空缺", f"the post {title[1]} is vacant")  # fmt: skip
        why.append(Reason(*gone))
        acting_for = {"zh": f"{title[0]}（{absent[0] or '空缺'}）", "en": f"{title[1]} ({absent[1] or 'vacant'})"}
        found = [self.person[each.account] for each in self._deputies.get((post.unit, post.post), ())
                 if each.covers(on) and each.account in self.person and not self.away(each.account, on)]  # fmt: skip
        for person in found:
            why.append(Reason(f"{person.name}为其 B 角，代为接收", f"{person.name} deputises"))
            yield Told(person, post, acting_for)
        if not found:
            why.append(Reason("无在岗 B 角", "there is no deputy who is present"))

    def upwards(self, unit: str) -> Iterator[str]:
        """Yield a unit and the units above it, the nearest first."""
        seen: set[str] = set()
        while unit and unit not in seen:
            seen.add(unit)
            yield unit
            above = self.unit.get(unit)
            unit = above.parent if above is not None else ""

    def _name(self, unit: str, language: Language = "zh") -> str:
        names = self.names.get(unit, {})
        return names.get(language) or names.get("zh") or unit

    @cached_property
    def _posts(self) -> Mapping[tuple[str, Rank], list[Post]]:
        found: dict[tuple[str, Rank], list[Post]] = defaultdict(list)
        for post in self.posts:
            found[post.unit, post.rank].append(post)
        return dict(found)

    @cached_property
    def _tenures(self) -> Mapping[tuple[str, str], list[Tenure]]:
        return _by_post(self.holders_of)

    @cached_property
    def _deputies(self) -> Mapping[tuple[str, str], list[Tenure]]:
        return _by_post(self.deputies)

    @cached_property
    def _leave(self) -> Mapping[str, list[Leave]]:
        found: dict[str, list[Leave]] = defaultdict(list)
        for each in self.leave:
            found[each.account].append(each)
        return dict(found)


NOBODY = Directory()


def within(on: dt.date, from_on: dt.date | None, until_on: dt.date | None) -> bool:
    """Say whether a date lies between two others, both included; None is open."""
    return (from_on is None or from_on <= on) and (until_on is None or on <= until_on)


def _by_post(tenures: tuple[Tenure, ...]) -> Mapping[tuple[str, str], list[Tenure]]:
    found: dict[tuple[str, str], list[Tenure]] = defaultdict(list)
    for each in tenures:
        found[each.unit, each.post].append(each)
    return dict(found)


def _called(post: Post, language: Language) -> str:
    return (post.en if language == "en" else post.zh) or post.zh or post.post


def _each_once(told: tuple[Told, ...]) -> tuple[Told, ...]:
    """Return everybody once, in his own post rather than on behalf of another."""
    first: dict[str, Told] = {}
    for each in sorted(told, key=lambda each: each.acting_for is not None):
        first.setdefault(each.person.account, each)
    return tuple(first.values())
