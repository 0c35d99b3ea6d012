"""Looks for what cannot be right in an organisation directory, and for what leaves nobody to be told.

Errors keep a directory from being imported; warnings are what a chief would want to know of a directory in force.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Final

from alerts.directory import Directory, Tenure
from rules.policy import Rank
from rules.problems import Place, Problem, Severity

HEADS: Final = (Rank.R3, Rank.R4, Rank.R5)
"""Ranks of which every unit should have somebody, the head of the unit first."""


def check_directory(
    directory: Directory, on: dt.date, channels: Collection[str] = (), file: str = "directory"
) -> tuple[Problem, ...]:
    """Return every problem as of a date; ``channels`` are those configured, none if that is not known."""
    found = _Check(directory, on, file)
    return tuple(
        dict.fromkeys(
            (*found.twice(), *found.strangers(), *found.cycles(), *found.overlaps(), *found.deputies(),
             *found.unreached(channels), *found.vacancies())
        )
    )  # fmt: skip


class _Check:
    def __init__(self, directory: Directory, on: dt.date, file: str) -> None:
        self._directory, self._on, self._file = directory, on, file
        self._posts = {(post.unit, post.post) for post in directory.posts}

    def _problem(self, code: str, en: str, zh: str, severity: Severity = "error") -> Problem:
        return Problem(f"directory/{code}", Place(self._file), en, zh, severity=severity)

    def twice(self) -> Iterator[Problem]:
        """What stands there twice."""
        units = Counter(unit.code for unit in self._directory.units)
        posts = Counter((post.unit, post.post) for post in self._directory.posts)
        people = Counter(person.account for person in self._directory.people)
        for code, count in units.items():
            if count > 1:
                yield self._problem("twice", f"The unit '{code}' stands there twice.", f"单位“{code}”重复。")
        for (unit, post), count in posts.items():
            if count > 1:
                yield self._problem(
                    "twice", f"The post '{post}' of '{unit}' stands there twice.", f"“{unit}”的岗位“{post}”重复。"
                )
        for account, count in people.items():
            if count > 1:
                yield self._problem("twice", f"The account '{account}' stands there twice.", f"账号“{account}”重复。")

    def strangers(self) -> Iterator[Problem]:
        """References to what is not there."""
        directory = self._directory
        for unit in directory.units:
            if unit.parent and unit.parent not in directory.unit:
                yield self._problem(
                    "unit",
                    f"The unit '{unit.parent}' above '{unit.code}' is unknown.",
                    f"“{unit.code}”的上级“{unit.parent}”不存在。",
                )
        for post in directory.posts:
            if post.unit not in directory.unit:
                yield self._problem(
                    "unit",
                    f"The unit '{post.unit}' of the post '{post.post}' is unknown.",
                    f"岗位“{post.post}”的单位“{post.unit}”不存在。",
                )
        for each in (*directory.holders_of, *directory.deputies):
            if (each.unit, each.post) not in self._posts:
                yield self._problem(
                    "post",
                    f"'{each.unit}' has no post '{each.post}' (held by '{each.account}').",
                    f"“{each.unit}”没有岗位“{each.post}”（{each.account}）。",
                )
        tenures = (*directory.holders_of, *directory.deputies)
        named = {each.account for each in tenures} | {each.account for each in directory.leave}
        for account in sorted(named):
            if account not in directory.person:
                yield self._problem(
                    "person", f"The account '{account}' is not among the people.", f"人员表中没有账号“{account}”。"
                )

    def cycles(self) -> Iterator[Problem]:
        """Units that are above themselves."""
        reported: set[str] = set()
        for unit in self._directory.units:
            path: list[str] = []
            code = unit.code
            while code and code not in path and code in self._directory.unit:
                path.append(code)
                code = self._directory.unit[code].parent
            if code in path and code not in reported:
                circle = path[path.index(code) :]
                reported.update(circle)
                shown = " → ".join([*circle, code])
                yield self._problem("cycle", f"Units are above themselves: {shown}.", f"上级单位成环：{shown}。")

    def overlaps(self) -> Iterator[Problem]:
        """Posts above the window that two people hold at once."""
        shared = {(post.unit, post.post) for post in self._directory.posts if post.rank is not Rank.R0}
        for one, other in combinations(self._directory.holders_of, 2):
            same = (one.unit, one.post) == (other.unit, other.post) and (one.unit, one.post) in shared
            if same and one.account != other.account and _overlap(one, other):
                yield self._problem(
                    "overlap", f"'{one.account}' and '{other.account}' hold the post '{one.post}' of '{one.unit}' at the same time.",
                    f"“{one.unit}”的岗位“{one.post}”同时由“{one.account}”和“{other.account}”担任。", "warning",
                )  # fmt: skip

    def deputies(self) -> Iterator[Problem]:
        """Deputies who are the holder himself."""
        for deputy in self._directory.deputies:
            for holder in self._directory.holders_of:
                same = (holder.unit, holder.post, holder.account) == (deputy.unit, deputy.post, deputy.account)
                if same and _overlap(holder, deputy):
                    yield self._problem(
                        "deputy", f"The deputy of the post '{deputy.post}' of '{deputy.unit}' is its holder '{deputy.account}' himself.",
                        f"“{deputy.unit}”岗位“{deputy.post}”的 B 角就是任职人“{deputy.account}”本人。",
                    )  # fmt: skip

    def unreached(self, channels: Collection[str]) -> Iterator[Problem]:
        """People who hold or deputise and cannot be reached."""
        asked = {each.account for each in (*self._directory.holders_of, *self._directory.deputies)}
        for person in self._directory.people:
            if person.account in asked and not person.addresses:
                yield self._problem(
                    "unreached", f"'{person.account}' has no address.", f"“{person.account}”没有联系方式。", "warning"
                )
            for address in person.addresses if channels else ():
                if address.channel not in channels:
                    yield self._problem(
                        "channel", f"'{person.account}' is told over the channel '{address.channel}', which is not configured.",
                        f"“{person.account}”的渠道“{address.channel}”未配置。",
                    )  # fmt: skip

    def vacancies(self) -> Iterator[Problem]:
        """Units without a head, and posts that nobody holds or deputises for."""
        for unit in self._directory.units:
            if not self._has_head(unit.code):
                why = self._directory.holders(unit.code, HEADS[0], self._on).why
                en, zh = "; ".join(each.en for each in why), "；".join(each.zh for each in why)
                yield self._problem(
                    "head",
                    f"No head for unit '{unit.code}': {en}.",
                    f"单位“{unit.code}”没有主要负责人：{zh}。",
                    "warning",
                )

    def _has_head(self, unit: str) -> bool:
        """Say whether somebody is the unit's head, or the head of the unit above answers for it."""
        for rank in HEADS:
            told = self._directory.holders(unit, rank, self._on).people
            if any(rank is HEADS[0] or each.post.unit == unit for each in told):
                return True
        return False


def _overlap(one: Tenure, other: Tenure) -> bool:
    low, high = dt.date.min, dt.date.max
    return (one.from_on or low) <= (other.until_on or high) and (other.from_on or low) <= (one.until_on or high)
