"""What a page of the console costs at many open cases: median and 95th percentile of each page, over loopback, on SQLite.

    python -m benchmarks.console [--cases 100000] [--cards 5000] [--times 30] [--keep LEDGER]

Cases and cards are written through the ledger's own verbs. Every page without parameters is asked for, and one of each
kind with some; streams are left out. Ends with 1 if the median of a page (not of a file) is above 300 ms.
"""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

import uvicorn
from fastapi import FastAPI
from fastapi.routing import APIRoute

from alerts.model import Card, CardChange, CardState, ChangeKind, card_id
from benchmarks.ledger import fresh
from connectors.base import Batch
from console.access.access import Access
from console.access.callers import PLAIN_COOKIE
from console.access.roles import Role
from console.app import create_app
from ledger import Claimed, Ledger, Recorded, views
from ledger.sessions import WHOLE
from rules.explanation import ClockStory, DayStory, Explanation
from rules.facts import Case, CaseEvent
from rules.judgement import Amount, CaseState, ClockReading, Judgement, Light, Pin
from rules.policy import Colour, IssueMode

NOW: Final = 1_760_000_000
DAY: Final = 86_400
UNITS: Final = 40
PEOPLE: Final = 800
BATCH: Final = 2_000
WORST: Final = 0.3
"""Seconds that the median of a page may take."""


def main() -> None:
    """Fill a ledger, serve the console over it, print what each page takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--cards", type=int, default=5_000)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--keep", type=Path, help="a ledger to be made here, or used again if it is there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.keep or Path(folder) / "ledger.db"
        if path.exists():
            ledger = Ledger(f"sqlite:///{path}")
        else:
            ledger = fresh(path)
            fill(ledger, asked.cases, asked.cards)
        app = create_app(
            ledger, access=Access(), metrics=lambda: b"", troubles=list, explain=explanation, now=lambda: NOW + DAY
        )
        slow = measure(ledger, app, asked.times)
        ledger.close()
    if slow:
        sys.exit(f"over {WORST * 1000:.0f} ms: {', '.join(slow)}")


def fill(ledger: Ledger, cases: int, cards: int) -> None:
    """Write open cases, one in 20 of them late, and cards of which a third are signed for."""
    began = time.perf_counter()
    for first in range(0, cases, BATCH):
        numbers = range(first, min(first + BATCH, cases))
        ledger.append(Batch(source="hall", events=tuple(map(_accepted, numbers)), cursor={}), NOW)
    while claimed := ledger.claim(NOW + 1, limit=BATCH):
        results = [_judged(each, cards) for each in claimed]
        ledger.record(results, NOW + 1)
    print(f"{cases:,} open cases and {cards:,} cards written in {time.perf_counter() - began:.0f} s", flush=True)


def _accepted(number: int) -> CaseEvent:
    return CaseEvent(
        source="hall", event_id=str(number), version=1, namespace="county", kind="application",
        case_no=f"SP2025{number:08}", name="accepted", occurred_at=NOW - 10 * DAY - number,
        data={"unit": f"unit {number % UNITS}", "item": f"item {number % 120}"},
    )  # fmt: skip


def _judged(claimed: Claimed, cards: int) -> Recorded:
    case_id = claimed.case.case_id
    if case_id.kind == "card":
        return _followed(claimed)
    if case_id.kind == "feed":
        return Recorded(judgement=_plain_one(claimed), token=claimed.token)
    number = int(case_id.case_no[-8:])
    late = number % 20 == 0
    due_at = NOW - number % (20 * DAY) - 1 if late else NOW + DAY + number * 7 % (30 * DAY)
    clocks = tuple(
        ClockReading(
            clock=name, ordinal=1, state=CaseState.RUNNING, started_at=NOW - 10 * DAY, due_at=due_at + extra,
            used=Amount("6.5", "workday"), left=Amount("0.5", "workday"), limit="7 workdays", over=late,
        )
        for name, extra in (("promise", 0), ("statutory", 20 * DAY))
    )  # fmt: skip
    judgement = Judgement(
        case_id=case_id, revision=claimed.case.revision, unit=f"unit {number % UNITS}", item=f"item {number % 120}",
        item_name=f"item number {number % 120}", person=f"officer {number % PEOPLE}", state=CaseState.RUNNING,
        light=Light.RED if late else Light.GREEN, clock="promise", ordinal=1, clocks=clocks,
    )  # fmt: skip
    changes = (CardChange(ChangeKind.ISSUED, NOW, _card(judgement, number)),) if number < cards else ()
    return Recorded(judgement=judgement, changes=changes, token=claimed.token)


def _plain_one(claimed: Claimed) -> Judgement:
    return Judgement(
        case_id=claimed.case.case_id, revision=claimed.case.revision, unit="", item="", state=CaseState.RUNNING,
        light=Light.GREEN,
    )  # fmt: skip


def _card(about: Judgement, number: int) -> Card:
    return Card(
        card_id=card_id(about.case_id, "promise", "promise", 1), case_id=about.case_id, family="promise",
        clock="promise", ordinal=1, rule=f"T{number % 20:02}", colour=Colour.RED if number % 5 == 0 else Colour.YELLOW,
        state=CardState.ISSUED, issue=IssueMode.AUTOMATIC, unit=about.unit, person=about.person, item=about.item,
        raised_at=NOW, issued_at=NOW, stage_at=NOW, pin=Pin("book@1", "cn@1"), values={"item.name": about.item_name},
    )  # fmt: skip


def _followed(claimed: Claimed) -> Recorded:
    due_at = NOW + int(claimed.case.case_no[:6], 16) % (3 * DAY)
    clock = ClockReading(clock="sign", ordinal=1, state=CaseState.RUNNING, started_at=NOW, due_at=due_at, over=False)
    judgement = Judgement(
        case_id=claimed.case.case_id, revision=claimed.case.revision, unit="", item="", state=CaseState.RUNNING,
        light=Light.GREEN, clock="sign", ordinal=1, clocks=(clock,),
    )  # fmt: skip
    return Recorded(judgement=judgement, token=claimed.token)


def explanation(case: Case) -> Explanation:
    """Return an explanation of the usual length: four clocks of thirty days; what it costs to find is not measured."""
    both, first = {"zh": "工作日", "en": "working day"}, dt.date(2025, 9, 29)
    days = tuple(DayStory(first + dt.timedelta(n), n % 7 < 5, n, "workday", both) for n in range(30))
    clocks = tuple(
        ClockStory(name, both, "", 1, NOW - 10 * DAY, "1", "Asia/Shanghai", due_at=NOW, days=days) for name in "abcd"
    )
    return Explanation(
        str(case.case_id), case.case_no, "unit", "item", "item", NOW, "Asia/Shanghai", Light.RED, CaseState.RUNNING,
        "", clocks, (), (),
    )  # fmt: skip


def measure(ledger: Ledger, app: FastAPI, times: int) -> list[str]:
    """Print what each page takes; return those whose median is too long."""
    slow = []
    with socket.create_server(("127.0.0.1", 0)) as bound:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        cookies = {role: _signed_in(ledger, role) for role in (Role.CHIEF_INSPECTOR, Role.ADMINISTRATOR, Role.LEADER)}
        print(f"{'page':44} {'status':>6} {'p50 ms':>8} {'p95 ms':>8} {'kB':>6}")
        for path in dict.fromkeys((*_with_parameters(ledger), *_plain(app))):
            told = _timed(bound.getsockname()[1], path, cookies, times)
            if told is None:
                continue
            status, seconds, size = told
            half = statistics.median(seconds)
            most = sorted(seconds)[int(len(seconds) * 0.95)]
            print(f"{path[:44]:44} {status:>6} {half * 1000:8.1f} {most * 1000:8.1f} {size / 1000:6.0f}", flush=True)
            if half > WORST and not path.startswith("/export/"):
                slow.append(path)
        server.should_exit = True
        thread.join(10)
    return slow


def _with_parameters(ledger: Ledger) -> Iterator[str]:
    line = views.queue(ledger, views.Wanted(), NOW).lines[0]
    yield "/queue?tab=late"
    yield "/queue?text=item+7&colour=red"
    yield f"/queue?unit={quote('unit 3')}"
    yield f"/cards/{line.card.card_id}"
    yield f"/case/{line.card.case_id}"
    yield f"/units/{quote('unit 3')}"
    yield f"/officers/{quote('officer 7')}"
    yield "/mine?lateness=late"
    yield f"/will-breach?list=late&unit={quote('unit 3')}"
    yield "/month/2025-09"
    yield "/month/2025-10?lang=en"
    yield "/search?q=4217"
    yield "/search?q=officer"
    yield "/export/cards.csv?tab=late"
    yield f"/export/cases.xlsx?list=late&unit={quote('unit 0')}"


def _plain(app: FastAPI) -> Iterator[str]:
    """Return every page that needs no parameters."""
    for route in app.routes:
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and "{" not in route.path:
            yield route.path


def _signed_in(ledger: Ledger, role: Role) -> str:
    name = f"bench-{role.value}-{time.time_ns()}"
    ledger.accounts.add(name, name, [role], NOW + DAY, units=["*"])
    secret = ledger.accounts.sessions.begin(name, NOW + DAY, stage=WHOLE, address="127.0.0.1", agent="bench")
    return f"{PLAIN_COOKIE}={secret}"


def _timed(port: int, path: str, cookies: Mapping[Role, str], times: int) -> tuple[int, list[float], int] | None:
    """Ask as the first role that may; None for streams and for what nobody of them may see."""
    for cookie in cookies.values():
        status, _, size, kind = _ask(port, path, cookie)  # the first time templates are read
        if kind.startswith("text/event-stream"):
            return None
        if status not in {401, 403}:
            return status, [_ask(port, path, cookie)[1] for _ in range(times)], size
    return None


def _ask(port: int, path: str, cookie: str) -> tuple[int, float, int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.perf_counter()
    connection.request("GET", path, headers={"cookie": cookie})
    answer = connection.getresponse()
    kind = answer.headers.get("content-type", "")
    size = 0 if kind.startswith("text/event-stream") else len(answer.read())
    taken = time.perf_counter() - began
    connection.close()
    return answer.status, taken, size, kind


if __name__ == "__main__":
    main()
