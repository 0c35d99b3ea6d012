"""A house in virtual time: the real duties on a real ledger, driven from one due instant to the next by one thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from alerts.model import Attempt, Outcome, Receipt
from alerts.routes import EVERY_UNIT, Recipient, Routes
from connectors.base import Batch, Cursor, SourceFailed
from daemon.duties.ingest import Ingest
from daemon.duties.notify import Notify
from daemon.law import read_law
from ledger import Ledger
from rules.facts import CaseEvent, Instant, Value
from rules.policy import Rank
from tests.stories.clock import at
from tests.stories.reference import OWNER, judging
from tests.stories.register import ITEMS


class Letter(NamedTuple):
    """What a recipient was told, and when it reached them."""

    arrived_at: Instant
    address: str
    case: str
    kind: str
    colour: str
    rule: str = ""
    facts: Mapping[str, str] = MappingProxyType({})
    rank: str = ""


@dataclass
class Post:
    """A channel that delivers everything at once and keeps what it carried."""

    house: House
    kind: str = "post"
    letters: list[Letter] = field(default_factory=list)

    def send(self, attempt: Attempt) -> Receipt:
        """Carry a message."""
        facts = attempt.delivery.facts
        said = (facts.get("case_no", ""), facts["change"], facts.get("colour", ""), facts.get("rule", ""))
        self.letters.append(Letter(self.house.now, attempt.delivery.address, *said, facts, attempt.delivery.rank))
        return Receipt(Outcome.DELIVERED, "250")

    def close(self) -> None:
        """Nothing is held."""


@dataclass
class Department:
    """A source whose events become known at instants of their own; it is read ``every`` so many seconds.

    From ``broken[0]`` until ``broken[1]`` it is out of order.
    """

    source: str
    known: Sequence[tuple[Instant, CaseEvent]] = ()
    every: int = 14_400
    broken: tuple[Instant, Instant] = (0, 0)
    asked: list[Instant] = field(default_factory=list)
    kind: ClassVar[str] = "department"

    def fetch(self, cursor: Cursor, now: Instant) -> Iterator[Batch]:
        """Yield what has become known since the cursor."""
        self.asked.append(now)
        if self.broken[0] <= now < self.broken[1]:
            raise SourceFailed("The line is dead.", "线路中断。")
        done = int(cursor.get("done") or 0)
        events = [event for known_at, event in sorted(self.known, key=itemgetter(0)) if known_at <= now]
        yield Batch(
            source=self.source,
            events=tuple(events[done:]),
            cursor={"done": len(events)},
            rows=len(events) - done,
        )

    def close(self) -> None:
        """Nothing is held."""


class House:
    """What the daemon puts together, without its threads."""

    def __init__(self, folder: Path, *departments: Department) -> None:
        (folder / "items.yaml").write_text(ITEMS, encoding="utf-8")
        self.ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite3'}")
        self.ledger.upgrade()
        self.now: Instant = 0
        self.post = Post(self)
        self.law, self._departments = read_law(items=folder / "items.yaml"), departments
        self.start()

    def start(self) -> None:
        """Put the duties together anew, as after a restart: what they know is what the ledger says."""
        ranks = {rank: (Recipient(name=rank, channel="hook", address=rank),) for rank in Rank}
        routes = Routes(owner=(OWNER,), units={EVERY_UNIT: ranks})
        self.review = judging(self.ledger, self.law, routes)
        self.notify = Notify(self.ledger, {"hook": self.post}, lambda: self.now)
        self.ingests = [Ingest(self.ledger, department, 900) for department in self._departments]
        self._read_at = dict.fromkeys(range(len(self.ingests)), 0)

    def work(self, begin: str, end: str) -> None:
        """Do whatever is due from ``begin`` up to and including ``end``, each thing at its instant."""
        self.now, end_at = at(begin), at(end)
        while self.now <= end_at:
            self.round()
            self.now = max(self.now + 1, min(due for due in self.dues() if due is not None))

    def dues(self) -> tuple[Instant | None, ...]:
        """Return when each duty has something to do next."""
        return *self._read_at.values(), self.review.next_at(self.now), self.notify.next_at(self.now)

    def round(self) -> None:
        """Let every duty do what is due now."""
        for number, (ingest, department) in enumerate(zip(self.ingests, self._departments, strict=True)):
            if self._read_at[number] <= self.now:
                ingest.run_once(self.now)
                self._read_at[number] = ingest.next_at(self.now) or self.now + department.every
        self.review.run_once(self.now)
        self.notify.run_once(self.now)


def happened(
    case: str, name: str, when: str, *, known: str = "", source: str = "licences", item: str = "tight"
) -> tuple[Instant, CaseEvent]:
    """Return an event of a case, and when its department lets it be known (at once if it is not said)."""
    data: Mapping[str, Value] = {
        "item": item,
        "unit": "market",
        "result": "granted" if name == "completed" else None,
    }
    event = CaseEvent(
        source=source, event_id=f"{case}/{name}", namespace="county", kind="application", case_no=case, name=name,
        occurred_at=at(when), data=data,
    )  # fmt: skip
    return at(known or when), event
