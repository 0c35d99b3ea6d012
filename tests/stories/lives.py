"""What people are going to do to cards: for each kind of case the deeds of one card's life, in their order.

Every deed of ``alerts.moves`` is among them. ``people.py`` does them, ``deeds.py`` holds what was done against them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

from msgspec.structs import replace

from alerts.model import Deed, Done, Evidence, Stage
from ledger.cardlife import Paper
from rules.facts import CaseId
from rules.policy import Colour
from tests.stories.clock import at
from tests.stories.register import LATER, Plot, Row

ITEMS = """\
  - {code: doubtful, name: 临时占道许可, limits: {promised: 60 workdays, statutory: 90 workdays}}
  - {code: ample, name: 社会团体登记, limits: {promised: 60 workdays, statutory: 90 workdays}}
"""
"""An item of which every case is doubted, and one whose cases have time enough."""

PROFILE = """\
profile: careful
title: {zh: 审慎档, en: A red card needs a person}
rules:
  T05: {issue: confirm}
  T16: {issue: confirm}
"""

BOOK = """\
rulebook: doubts
title: {zh: 存疑, en: Doubts}
version: 1
in_force: {from: 2018-01-01}
basis: {doubt: {text: 本中心存疑办件核查规定}}
rules:
  - id: X01
    title: {zh: 存疑办件, en: doubtful case}
    of: application
    when: case.item == doubtful
    card: yellow
    issue: confirm
    tell: R2
    basis: doubt
"""
"""A rule whose card waits for a person from the beginning."""

LATER_AT = at(LATER)

CLERK, COLLEAGUE = "clerk", "colleague"
JUDGE, SECOND, THIRD, CHIEF = "judge", "second", "third", "chief"
_ROLES = {CLERK: "unit_user", COLLEAGUE: "unit_user", CHIEF: "chief_inspector"}


class Task(NamedTuple):
    """A deed that somebody is going to do, or a document (``done`` is None) that he is going to make.

    ``later`` waits for the next week, ``colour`` for the card to have it; one that ``lapses`` is left out by whoever comes
    too late to take a signature back.
    """

    done: Done | None
    later: bool = False
    colour: Colour = Colour.YELLOW
    lapses: bool = False
    paper: str = ""


class Life(NamedTuple):
    """A card's life: what happened to the case, what people do to its card, and where it stands at the end."""

    name: str
    plot: Plot
    tasks: tuple[Task, ...]
    ends: Stage
    taken_back: bool = False
    """Whether the facts revoke the card wherever it stands by then."""


class Planned(NamedTuple):
    """The life of one case's card."""

    case: str
    life: Life

    @property
    def case_id(self) -> CaseId:
        """The case."""
        return CaseId("county", "application", self.case)

    def deed(self, task: Task) -> Done | None:
        """Return what is done to this card: its words and papers name the case."""
        if task.done is None:
            return None
        said = f"{task.done.text}（{self.case}）" if task.done.text else ""
        papers = tuple(
            Evidence(each.name, each.sha256, each.media_type, len(each.content), dt.date(2018, 10, 20))
            for each in self.papers(task)
        )
        return replace(task.done, text=said, evidence=papers)

    def papers(self, task: Task) -> list[Paper]:
        """Return the papers that are attached."""
        return [Paper(f"{task.paper}.txt", "text/plain", f"{task.paper} {self.case}".encode())] if task.paper else []

    def courses(self) -> tuple[tuple[Task, ...], ...]:
        """Return the orders in which it may go: with everything, or without what has lapsed."""
        tasks = self.life.tasks
        return tasks, tuple(task for task in tasks if not task.lapses)


def _task(deed: Deed, by: str, text: str = "", *, later: bool = False, red: bool = False, lapses: bool = False,
          paper: str = "", **said: object) -> Task:  # fmt: skip
    done = replace(Done(deed=deed, by=by, role=_ROLES.get(by, "inspector"), text=text), **said)
    return Task(done, later, Colour.RED if red else Colour.YELLOW, lapses, paper)


def _end(*, later: bool = False, red: bool = False) -> tuple[Task, ...]:
    """Return how a card comes to its end: mended, verified by a third person, closed."""
    return (
        _task(Deed.RECTIFY, CLERK, "已整改", later=later, red=red, paper="report"),
        _task(Deed.VERIFY, THIRD, "已核实", later=later, red=red, paper="photo"),
        _task(Deed.CLOSE, THIRD, later=later, red=red),
    )


def _measure(*, later: bool = False, red: bool = False) -> Task:
    said = {"measure": "admonition", "document": "监督〔2018〕12 号", "decided_on": dt.date(2018, 10, 24)}
    done = replace(Done(deed=Deed.RECORD_CONSEQUENCE, by=SECOND, role="inspector"), **said)
    return Task(done, later, Colour.RED if red else Colour.YELLOW)


_OVER = Plot("slow", "2018-10-12 10:")
_GRAVE = Plot("quick", "2018-10-18 10:")
_DOUBTFUL = Plot("doubtful", "2018-10-22 10:")
_IN_TIME = Plot("ample", "2018-10-22 10:")
_HEARD_LATE = Plot("slow", "2018-10-12 10:", "2018-10-22 10:")

LIVES: tuple[Life, ...] = (
    Life("explained, upheld, sent back, closed, opened again", _OVER, (
        _task(Deed.SIGN, CLERK),
        _task(Deed.EXPLAIN, CLERK, "系统故障", paper="log"),
        _task(Deed.ASSIGN, JUDGE, to=SECOND),
        _task(Deed.UPHOLD, JUDGE, "理由不成立"),
        Task(None),
        _task(Deed.RECTIFY, CLERK, "已整改", paper="report"),
        _task(Deed.SEND_BACK, JUDGE, "材料不全"),
        *_end(),
        _task(Deed.REOPEN, JUDGE, "问题再现"),
        *_end(later=True),
    ), Stage.CLOSED),
    Life("signed for in haste", _OVER, (
        _task(Deed.SIGN, CLERK),
        _task(Deed.UNSIGN, CLERK, lapses=True),
        _task(Deed.SIGN, COLLEAGUE, lapses=True),
        *_end(),
    ), Stage.CLOSED),
    Life("appealed, returned, escalated, revoked", _OVER, (
        _task(Deed.SIGN, CLERK),
        _task(Deed.APPEAL, CLERK, "时限计算有误", paper="receipt"),
        _task(Deed.RETURN, JUDGE, "请补充材料"),
        _task(Deed.APPEAL, CLERK, "已补充", paper="supplement"),
        _task(Deed.ESCALATE, SECOND, "需上级决定"),
        _task(Deed.REVOKE, CHIEF, "情况属实", ground="duplicate"),
    ), Stage.REVOKED),
    Life("issued by hand", _IN_TIME, (
        _task(Deed.ISSUE, JUDGE, "窗口无人值守"),
        Task(None),
        _task(Deed.SIGN, CLERK),
        _task(Deed.EXPLAIN, CLERK, "临时离岗"),
        _task(Deed.UPHOLD, SECOND, "情况属实"),
        *_end(later=True),
    ), Stage.CLOSED),
    Life("doubted and confirmed", _DOUBTFUL, (
        _task(Deed.CONFIRM, JUDGE),
        _task(Deed.SIGN, CLERK),
        _task(Deed.APPEAL, CLERK, "手续齐全", paper="receipt"),
        _task(Deed.UPHOLD, SECOND, "手续不全"),
        _measure(),
        *_end(),
    ), Stage.CLOSED),
    Life("doubted and dismissed", _DOUBTFUL, (_task(Deed.DISMISS, JUDGE, "查无实据"),), Stage.REVOKED),
    Life("raised to red by a person", _GRAVE, (
        _task(Deed.CONFIRM_RISE, JUDGE),
        _task(Deed.SIGN, CLERK, red=True),
        _task(Deed.EXPLAIN, CLERK, "人手不足", later=True, red=True),
        _task(Deed.UPHOLD, SECOND, "理由不成立", later=True, red=True),
        _measure(later=True, red=True),
        *_end(later=True, red=True),
    ), Stage.CLOSED),
    Life("not raised", _GRAVE, (
        _task(Deed.DISMISS_RISE, JUDGE, "不可抗力"),
        _task(Deed.SIGN, CLERK),
        _task(Deed.ASSIGN, JUDGE, to=SECOND),
        _task(Deed.UNASSIGN, JUDGE),
    ), Stage.SIGNED),
    Life("ignored", _OVER, (), Stage.ISSUED),
    Life("taken back by the facts", _HEARD_LATE, (
        _task(Deed.SIGN, CLERK),
        _task(Deed.EXPLAIN, CLERK, "早已办结", paper="log"),
    ), Stage.REVOKED, taken_back=True),
)  # fmt: skip


def planned(rounds: int) -> list[Planned]:
    """Return every life so many times, each on a case of its own."""
    return [Planned(f"L{number:02}-{turn}", life) for turn in range(rounds) for number, life in enumerate(LIVES)]


def rows(plans: Sequence[Planned]) -> Iterator[Row]:
    """Yield what the office writes about these cases: what was completed is heard of at the end."""
    numbers, late = count(1), list[Row]()
    for number, each in enumerate(plans):
        plot, minute = each.life.plot, f"{number % 50:02}:00"
        yield Row(f"R{next(numbers):04}", each.case, "accepted", plot.accepted + minute, "market", plot.item)
        if plot.completed:
            late.append(
                Row(
                    f"R{next(numbers):04}",
                    each.case,
                    "completed",
                    plot.completed + minute,
                    "market",
                    plot.item,
                    "granted",
                )
            )
    yield from late
