"""A run without crashes: the same duties over the same drops in this process, from one due instant to the next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alerts.routes import Recipient, Routes
from connectors.registry import load_source, open_connector
from daemon.appeals import counts_from
from daemon.duties.ingest import Ingest
from daemon.duties.review import Review
from daemon.law import Law, read_law
from ledger import Ledger
from rules.engine import DirectEngine
from rules.facts import Instant
from rules.review import review
from rules.tracing import tracing
from tests.stories.checks import CardFace
from tests.stories.evidence import faces
from tests.stories.memory import FileMemory

STEP = 600
"""Seconds of the story in which due instants are taken together."""

OWNER = Recipient(name="纪检监察室", channel="hook", address="owner")


def undisturbed(folder: Path, ledger_file: Path, begin_at: Instant, end_at: Instant) -> dict[str, CardFace]:
    """Return the cards that stand at ``end_at`` if all drops are read at ``begin_at`` and nothing ever fails."""
    law = read_law(items=folder / "items.yaml")
    ledger = Ledger(f"sqlite:///{ledger_file}")
    ledger.upgrade()
    source = open_connector(load_source(folder / "licences.yaml"), {}, folder, None)
    Ingest(ledger, source, 900).run_once(begin_at)
    judge_until(judging(ledger, law, Routes(owner=(OWNER,))), ledger.next_due_at, begin_at, end_at)
    ledger.close()
    with FileMemory(ledger_file).reading() as connection:
        assert connection is not None
        return faces(connection)


def judging(ledger: Ledger, law: Law, routes: Routes) -> Review:
    """Return the duty of judging by a law, with an engine in this process."""
    context = law.context(DirectEngine())
    return Review(
        ledger,
        lambda cases, now: review(cases, context, 0, now),
        law.books.policies,
        routes,
        counts_from(law.default_calendar),
        "Asia/Shanghai",
        trace=lambda case: tracing(case, context),
    )


def judge_until(duty: Review, next_due_at: Callable[[], Instant | None], now: Instant, end_at: Instant) -> None:
    """Judge at ``now`` and then whenever something is due, up to ``end_at``."""
    while now <= end_at:
        duty.run_once(now)
        due_at = next_due_at()
        if now == end_at or due_at is None:
            return
        now = min(max(due_at, now + STEP), end_at)
