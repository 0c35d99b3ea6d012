"""The house of the console's benchmark: settings of the sample county, the whole law published, and years of an office's rows."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Final

from alerts.directory import Address, Directory, Leave, Person, Post, Tenure, Unit
from alerts.model import Deed, Done, Evidence
from alerts.moves import BY_DEED
from benchmarks.county import DAY, KINDS, NOW, PEOPLE, SOURCE, UNITS, fill, item_of
from connectors.base import Batch, QuarantinedRow
from console.access.acts import Act
from console.access.roles import Role
from console.yearpicture import year_text
from daemon.bootstrap import House, assemble, open_ledger
from daemon.settingsfile import load_settings
from ledger import LawText, Ledger, chain
from ledger.access_tables import acts
from ledger.cardlife import Paper
from ledger.engine import insertion
from rules.calendarbook import open_calendars
from rules.documents import parse, validate
from rules.loader import BOOKS
from rules.policy import Rank
from rules.schema import RulebookPart
from samples.county import catalogue
from samples.county.departments import ITEMS
from samples.county.run import County, Diary

PAPER: Final = Paper("报告.pdf", "application/pdf", b"%PDF-1.7 paper")
SOURCES: Final = 200
ASIDE: Final = 500
ACTS: Final = 50_000
ACCOUNTS: Final = 300
CORRECTIONS: Final = 10
"""Further corrections of one rulebook, after every rulebook was corrected once."""


def furnish(home: Path, cases: int, cards: int, finished: int) -> None:
    """Write settings, catalogue and ledger of an office into a folder."""
    home.mkdir(parents=True, exist_ok=True)
    County(home, Diary(2010, 1, NOW, housing_port=9)).furnish()
    settings = home / "mingdeng.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + "\n[console]\nport = 0\n", encoding="utf-8")
    (home / "items.yaml").write_text(catalogue_text(), encoding="utf-8")
    ledger = open_ledger(load_settings(settings).ledger.url)
    fill(ledger, cases, cards)
    fill(ledger, finished, 0, first=cases, finished=True)
    publish(ledger)
    directory(ledger)
    records(ledger)
    ledger.close()


def opened(home: Path) -> House:
    """Return the house as the daemon assembles it; only its pages are to be served."""
    settings = home / "mingdeng.toml"
    return assemble(load_settings(settings), str(settings), lambda: NOW + DAY)


def corrected(text: str, revision: int, note: str = "") -> str:
    """Return a rulebook's text as its next correction: same version and dates, another wording."""
    plain = re.sub(r"^revision:.*\n", "", text, flags=re.MULTILINE)
    numbered = re.sub(r"^(version:.*)$", rf"\1\nrevision: {revision}", plain, count=1, flags=re.MULTILINE)
    return re.sub(r"^(title: .*?en: .*?)(['\"]?}?)$", rf"\1 {revision}{note}\2", numbered, count=1, flags=re.MULTILINE)


def publish(ledger: Ledger) -> None:
    """Publish a correction of every rulebook, more of one of them, the catalogue and a year; leave some waiting."""
    books = [path.read_text(encoding="utf-8") for path in sorted(BOOKS.glob("*.yaml"))]
    main = (BOOKS / "time-limits.yaml").read_text(encoding="utf-8")
    texts = [corrected(text, 2) for text in books]
    texts += [corrected(main, 3 + n) for n in range(CORRECTIONS)]
    laws = [
        *map(_rulebook, texts),
        LawText(kind="catalogue", name="items", version=1, text=catalogue_text()),
        LawText(kind="calendar", name="cn/2026", version=1, text=year_text(open_calendars([]).get("cn"), 2026)),
    ]
    for law in laws:
        number = ledger.propose_law(law, "writer", NOW, "年度修订")
        ledger.law_marked(ledger.approve_law(number, "approver", NOW), NOW)
    for n in range(4):
        number = ledger.propose_law(_rulebook(corrected(books[11], 3, f" {n}")), "writer", NOW, "待审核")
        if n % 2:
            ledger.reject_law(number, "approver", NOW, "措辞不妥")


def _rulebook(text: str) -> LawText:
    part = validate(RulebookPart, parse(text, "law.yaml"))
    dates = part.in_force
    return LawText(
        kind="rulebook", name=part.rulebook, version=part.version, revision=part.revision, from_on=dates.from_on,
        until_on=dates.until_on, text=text,
    )  # fmt: skip


def catalogue_text(version: str = "") -> str:
    """Return a catalogue of 1,200 items in the sample's words; ``version`` names another version of one of them."""
    lines = [
        catalogue._item(ITEMS[n % len(ITEMS)]._replace(code=item_of(n)))  # noqa: SLF001  # as the sample writes it
        for n in range(KINDS)
    ]
    if version:
        lines[0] = lines[0].replace('"from": "', f'"version": "{version}", "from": "').replace("7 w", "6 w")
    return "\n".join(["items:", *lines]) + "\n"


def directory(ledger: Ledger) -> None:
    """Import a directory: of each unit a head, a deputy and twenty who handle cases, some of them away."""
    today = dt.datetime.fromtimestamp(NOW, dt.UTC).date()
    people = [
        Person(f"p{n}", f"officer {n}", (Address("units", f"p{n}@county.example"),)) for n in range(PEOPLE)
    ]  # fmt: skip
    ranks = {"handler": Rank.R0, "window": Rank.R1, "head": Rank.R2, "leader": Rank.R3}
    posts = tuple(Post(unit, post, rank, post, post) for unit in UNITS for post, rank in ranks.items())
    holders = tuple(
        Tenure(UNITS[n % len(UNITS)], [*ranks][min(n // len(UNITS), 3)], person.account)
        for n, person in enumerate(people)
    )
    deputies = tuple(Tenure(unit, "head", f"p{n}") for n, unit in enumerate(UNITS))
    leave = tuple(Leave(f"p{n}", today, today + dt.timedelta(14)) for n in range(0, PEOPLE, 25))
    units = tuple(Unit(unit, unit, unit) for unit in UNITS)
    ledger.import_directory(Directory(units, posts, tuple(people), holders, deputies, leave), "writer", NOW)


def records(ledger: Ledger) -> None:
    """Write accounts, sources, rows that were put aside, acts of people, and a card with a paper."""
    for n in range(ACCOUNTS):
        role = Role.INSPECTOR if n % 10 == 0 else Role.UNIT_USER
        ledger.accounts.add(f"account-{n}", f"officer {n}", [role], NOW, units=[UNITS[n % len(UNITS)]])
    for n in range(SOURCES):
        ledger.ingest_failed(f"source-{n:03}", "The server does not answer.", "服务器没有应答。", NOW)
    aside = tuple(
        QuarantinedRow(
            source=SOURCE, place="page 1", row=n, column="acceptedTime", code="time/format", en="is not a time",
            zh="不是时间", raw={f"column{each}": f"value {n} {each}" for each in range(12)},
        )
        for n in range(ASIDE)
    )  # fmt: skip
    ledger.append(Batch(source=SOURCE, quarantined=aside, rows=ASIDE, cursor={"page": 1}), NOW)
    rows: list[dict[str, object]] = [
        {
            "at": NOW - ACTS + n, "who": f"account-{n % ACCOUNTS}", "act": str(Act.VIEW_CASE), "detail": "GET /case",
            "target": UNITS[n % len(UNITS)], "address": "10.0.0.1",
        }
        for n in range(ACTS)
    ]  # fmt: skip
    with ledger.store.writing() as connection:  # as the verb writes each of them, in one transaction
        chain.extend(ledger.store, connection, acts.name, rows)
        ledger.store.many(connection, insertion(acts), rows)


def attach(ledger: Ledger, card_id: str, serial: int) -> None:
    """Sign for a card and explain it with a paper."""
    paper = Evidence(PAPER.name, PAPER.sha256, PAPER.media_type, len(PAPER.content), dt.date(2025, 9, 1))
    for n, done in enumerate(
        (Done(deed=Deed.SIGN, by="clerk", role="unit_user"),
         Done(deed=Deed.EXPLAIN, by="clerk", role="unit_user", text="说明", evidence=(paper,)))
    ):  # fmt: skip
        ledger.act(
            card_id, serial + n, done, BY_DEED[done.deed].side, NOW + DAY, "Asia/Shanghai", lambda _c, at: at,
            lambda _: [], [PAPER] if done.evidence else [],
        )  # fmt: skip
