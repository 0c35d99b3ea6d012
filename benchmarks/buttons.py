"""What a person waits for after a button, in the console's benchmark: acts on cards, and the desk at which law is written."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from alerts.model import Stage
from benchmarks.asking import Answer, Caller, Form
from benchmarks.county import NOW
from benchmarks.house import attach, catalogue_text, corrected
from benchmarks.pageroutes import CALENDAR
from console.access.roles import Role
from console.yearpicture import year_text
from ledger import LawState, Ledger, views
from rules.calendarbook import open_calendars
from rules.loader import BOOKS
from rules.policy import Colour

People = Mapping[Role, Caller]

BULK: Final = 50
"""As many as a page of the queue shows."""

WAITING: Final = '<meta http-equiv="refresh"'
"""What stands in a page that renews itself until the answer is there."""


class Pressed(NamedTuple):
    """A button: its answers, and after how many seconds what was asked for was there each time."""

    name: str
    answers: list[Answer]
    whole: list[float]


def make_document(ledger: Ledger, people: People) -> str:
    """Attach a paper to a card and make a document of it; return ``card/code``."""
    card = views.queue(ledger, views.Wanted(colours=(Colour.RED,)), NOW).lines[-1].card
    attach(ledger, card.card_id, card.serial)
    form = {"kind": "supervision_order", "serial": str(card.serial + 2)}
    answer = people[Role.CHIEF_INSPECTOR].post(f"/cards/{card.card_id}/documents", form)
    return f"{card.card_id}/{settled(people[Role.CHIEF_INSPECTOR], answer, 303).location.rpartition('/')[2]}"


def make_errand(admin: Caller) -> str:
    """Ask for something that takes long; return the address of its page."""
    text = corrected((BOOKS / "time-limits.yaml").read_text(encoding="utf-8"), 98)
    answer = admin.post("/rules/time-limits/edit", {"text": text, "do": "test"})
    settled(admin, answer, 200)
    return answer.location


def pressed(ledger: Ledger, people: People, times: int) -> Iterator[Pressed]:
    """Yield each button with its answers."""
    yield from _cards(ledger, people, times)
    waiting = max(story.number for story in ledger.law_history() if story.state is LawState.PROPOSED)
    yield from _asked(people[Role.ADMINISTRATOR], times, waiting)
    yield from _law(people, min(times, 10))
    yield from _trial(people[Role.ADMINISTRATOR])


def _cards(ledger: Ledger, people: People, times: int) -> Iterator[Pressed]:
    clerk, chief = people[Role.UNIT_USER], people[Role.CHIEF_INSPECTOR]
    wanted = views.Wanted(stages=(Stage.ISSUED,))
    cards = [line.card for line in views.queue(ledger, wanted, NOW, limit=BULK * 20 + times * 2).lines]
    signed, revoked, many = cards[:times], cards[times : times * 2], cards[times * 2 :]
    text, ground = {"text": "已核实并说明。"}, {"ground": "duplicate"}
    sign = ((f"/cards/{card.card_id}/sign", {"serial": str(card.serial)}) for card in signed)
    yield press("sign for a card", clerk, sign, 303)
    explain = ((f"/cards/{card.card_id}/explain", {"serial": str(card.serial + 1), **text}) for card in signed)
    yield press("explain a card", clerk, explain, 303)
    revoke = ((f"/cards/{card.card_id}/revoke", {"serial": str(card.serial), **ground, **text}) for card in revoked)
    yield press("revoke a card", chief, revoke, 303)
    chosen = [[f"{card.card_id}:{card.serial}" for card in many[n : n + BULK]] for n in range(0, len(many), BULK)]
    yield press(f"sign for {BULK} cards at once", clerk, (("/queue/sign", {"chosen": each}) for each in chosen))


def _asked(admin: Caller, times: int, waiting: int) -> Iterator[Pressed]:
    """The desk's buttons that only ask; each time the text is another one, as when a person types."""
    for book, revision in (("time-limits", 13), ("publicity", 3)):
        text = corrected((BOOKS / f"{book}.yaml").read_text(encoding="utf-8"), revision)
        typed = (("/rules/check", {"text": f"{text}# {n}\n"}) for n in range(times))
        yield press(f"check {book} while typing", admin, typed)
        for do in ("check", "test", "differences", "hold"):
            asked = ((f"/rules/{book}/edit", {"text": f"{text}# {do} {n}\n", "do": do}) for n in range(times))
            yield press(f"{do} {book}", admin, asked)
    yield press("what a waiting rulebook changes", admin, ((f"/law/{waiting}/hold", {}) for _ in range(times)))
    year = year_text(open_calendars([]).get("cn"), 2026)
    years = ((f"{CALENDAR}/edit", {"text": year.replace("2026-01-03", f"2026-01-{n + 10}")}) for n in range(times))
    yield press("what a year changes", admin, years)
    items = (("/items/edit", {"text": catalogue_text(f"n{n}")}) for n in range(times))
    yield press("what a catalogue changes", admin, items)


def _law(people: People, times: int) -> Iterator[Pressed]:
    """Propose and approve corrections of a rulebook, each after the other."""
    admin, chief = people[Role.ADMINISTRATOR], people[Role.CHIEF_INSPECTOR]
    for book, revision in (("time-limits", 13), ("fees", 3)):
        plain = (BOOKS / f"{book}.yaml").read_text(encoding="utf-8")
        proposed, approved = [], []
        for n in range(times):
            form = {"text": corrected(plain, revision + n), "reason": "修订"}
            began = time.perf_counter()
            first = admin.post(f"/rules/{book}/propose", form)
            number = settled(admin, first, 303).location.rpartition("/")[2].partition("?")[0]
            proposed.append((first, time.perf_counter() - began))
            last = chief.post(f"/law/{number}/approve", {})
            approved.append((settled(chief, last, 303), last.seconds))
        for name, found in (("propose", proposed), ("approve", approved)):
            yield Pressed(f"{name} {book}", [answer for answer, _ in found], [whole for _, whole in found])


def _trial(admin: Caller) -> Iterator[Pressed]:
    text = corrected((BOOKS / "fees.yaml").read_text(encoding="utf-8"), 99)
    yield press("begin a back-test", admin, [("/rules/fees/trial", {"text": text})], 303)
    began = time.perf_counter()
    running = [admin.get("/trials/1") for _ in range(20)]
    yield Pressed("a back-test that runs", running, [time.perf_counter() - began])
    yield press("stop a back-test", admin, [("/trials/1/cancel", {})], 303)


def press(name: str, caller: Caller, forms: Iterable[tuple[str, Form]], status: int = 200) -> Pressed:
    """Press a button once for each form; raise if it does not bring what it should."""
    answers, whole = [], []
    for path, form in forms:
        began = time.perf_counter()
        answers.append(caller.post(path, form))
        settled(caller, answers[-1], status)
        whole.append(time.perf_counter() - began)
    return Pressed(name, answers, whole)


def settled(caller: Caller, answer: Answer, status: int) -> Answer:
    """Return what comes in the end, also where one is led to a page that renews itself until it is there."""
    if answer.location.startswith("/errands/"):
        address = answer.location
        answer = caller.get(address)
        while WAITING in answer.text:
            time.sleep(0.05)
            answer = caller.get(address)
    if answer.status != status:
        page = " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]).split())
        raise AssertionError(f"{answer.status}, not {status}: {page[:1_500]}")
    return answer
