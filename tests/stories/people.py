"""The people of a story: a process that does what is planned to cards, beside the daemon, and is killed as that is.

Two of them walk over the same cards at once. Each looks at a card as it stands, does what of the plan is not yet done, and
is told if the other was first. What a process before this one did they know only from looking.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple
from unittest.mock import patch

from alerts.cards import CountsFrom
from alerts.documents.cardfile import CardFile
from alerts.documents.composing import compose
from alerts.documents.model import DocumentKind, Office, Said
from alerts.model import Card, CardChange, Deed, Delivery, Done
from alerts.moves import BY_DEED
from alerts.plan import plan
from alerts.routes import Routes
from daemon.appeals import counts_from
from ledger import Ledger, failpoints, views
from rules.calendars import Calendar
from rules.policy import Colour, Policy
from rules.problems import UserError
from tests.stories.clock import StoryClock
from tests.stories.lives import JUDGE, LATER_AT, Planned, Task

LOG: Final = "people.log"
READY: Final = "people are at work"
ZONE: Final = "Asia/Shanghai"
BASIS: Final = "本中心首问负责制规定"

DOCUMENT: Final = "document"
_WAIT: Final = frozenset({"card/overtaken", "card/no-case", "card/rise", "card/stage", "card/undo"})
"""Refusals after which one looks at the card again: somebody else, a fact, or the time was first."""

_NOT_YET: Final = frozenset({"not yet"})


class Means(NamedTuple):
    """What people go by: the ledger, who is told of what, and the calendar."""

    ledger_url: str
    policies: Mapping[str, Policy]
    routes: Routes
    calendar: Calendar


class Doom(NamedTuple):
    """Where people die: before or after a deed (or a ``document``) is committed, whichever of several comes first."""

    moment: str
    deed: str

    def __str__(self) -> str:
        return f"{self.moment} {self.deed}"


def work(
    settings: Path, clock: StoryClock, means: Means, plans: Sequence[Planned], dooms: Collection[Doom], seed: int
) -> None:
    """Do what is planned, two at a time, until killed."""
    print(READY, settings.name, flush=True)
    ledger = Ledger(means.ledger_url)
    doomed = _Doomed(frozenset(dooms))
    with patch.object(failpoints, "hit", doomed.hit):
        hands = [
            threading.Thread(target=_Hand(ledger, clock, means, doomed, random.Random(f"{seed}{n}"), n == 0).walk, args=(plans,))
            for n in range(2)
        ]  # fmt: skip
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()


@dataclass
class _Doomed:
    """Kills this process, without any clean-up, at the first of the points that were asked for."""

    dooms: frozenset[Doom]
    doing: threading.local = field(default_factory=threading.local)

    def begins(self, deed: str) -> None:
        """Note what this thread is about to do."""
        self.doing.deed = deed

    def hit(self, name: str) -> None:
        """Stand in for ``failpoints.hit``: the point is named by the deed that is about to be committed."""
        if name in {"before-act", "before-document"}:
            self.reached("before")

    def reached(self, moment: str) -> None:
        """Die if this is where it was asked for, and say so first."""
        here = Doom(moment, self.doing.deed)
        if here in self.dooms:
            os.write(1, f"killed {here}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class _Hand:
    """One of the people; only the ``first`` makes what has no serial to be told apart by: documents, cards by hand."""

    ledger: Ledger
    clock: StoryClock
    means: Means
    doomed: _Doomed
    chance: random.Random
    first: bool

    def walk(self, plans: Sequence[Planned]) -> None:
        """Look at one card after the other, without end."""
        try:
            while True:
                for each in plans:
                    while self._look(each):
                        pass
                    time.sleep(self.chance.uniform(0, 0.01))
        except BaseException:
            os.write(2, b"people gave up\n")
            raise

    def _look(self, each: Planned) -> bool:
        """Do what comes next to a card; say whether to look again at once: a signature is soon too old to take back."""
        seen = views.case(self.ledger, each.case_id)
        if seen is None:
            return False
        card = next(iter(seen.cards), None)
        dones = [change.done.deed for change in seen.changes if change.done is not None]
        made = len(views.documents_of(self.ledger, card.card_id)) if card is not None else 0
        for course in each.courses():
            task = what_is_next(course, dones, made)
            if task is None:
                continue
            refused = self._refused(each, card, task)
            if "card/undo" in refused:
                continue
            following = course[course.index(task) + 1 :]
            return not refused and bool(following) and following[0].lapses
        return False

    def _refused(self, each: Planned, card: Card | None, task: Task) -> frozenset[str]:
        """Do the task if it is time; return by which codes it was refused, none if it was done."""
        if task.later and self.clock() < LATER_AT:
            return _NOT_YET
        try:
            return frozenset() if self._do(each, card, task) else _NOT_YET
        except UserError as refused:
            codes = frozenset(problem.code for problem in refused.problems)
            if "card/overtaken" in codes:
                os.write(1, b"overtaken\n")
            if not codes & _WAIT:
                raise
            return codes

    def _do(self, each: Planned, card: Card | None, task: Task) -> bool:
        done, now = each.deed(task), int(self.clock())
        self.doomed.begins(done.deed.value if done is not None else DOCUMENT)
        by_hand = done is not None and done.deed is Deed.ISSUE
        if by_hand is not (card is None) or (card is not None and card.colour is not task.colour):
            return False
        if (by_hand or done is None) and not self.first:
            return False
        if card is None:
            assert done is not None
            self.ledger.issue_by_hand(each.case_id, Colour.YELLOW, BASIS, done, now, self._counts_from, self._tell)
        elif done is None:
            self._write(card, now)
        else:
            self._act(card, done, each, task, now)
        self.doomed.reached("after")
        return True

    def _act(self, card: Card, done: Done, each: Planned, task: Task, now: int) -> None:
        side, papers = BY_DEED[done.deed].side, each.papers(task)
        self.ledger.act(card.card_id, card.serial, done, side, now, ZONE, self._counts_from, self._tell, papers)

    def _write(self, card: Card, now: int) -> None:
        office = Office("纪检监察室", "监督", "")
        file = CardFile(card=card, changes=(), office=office, zone=ZONE, unit=Said("市场监管局", "Market"))
        self.ledger.make_document(
            card.card_id, card.serial, office.code, JUDGE, now, ZONE,
            lambda made: compose(DocumentKind.SUPERVISION_ORDER, file, made),
        )  # fmt: skip

    @property
    def _counts_from(self) -> CountsFrom:
        return counts_from(self.means.calendar)

    def _tell(self, change: CardChange) -> tuple[Delivery, ...]:
        return plan([change], self.means.routes, self.means.policies, change.at, ZONE)


def what_is_next(course: Sequence[Task], dones: Sequence[Deed], made: int) -> Task | None:
    """Return the first task of a course that is not done; None if all is, or if another course was taken."""
    left = list(dones)
    for task in course:
        if task.done is None:
            if made == 0:
                return task if not left else None
            made -= 1
        elif not left:
            return task
        elif left.pop(0) is not task.done.deed:
            return None
    return None


def deaths(said: bytes) -> list[Doom]:
    """Return where people died, by their log."""
    return [Doom(*line.split()[1:]) for line in said.decode().splitlines() if line.startswith("killed ")]
