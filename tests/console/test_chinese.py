"""A Chinese page is in Chinese: what is left in Latin letters are codes that people gave, and names of formats."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Final

from alerts.model import card_id
from connectors.base import Batch
from console.access.roles import GRANTS, Role
from ledger import Recorded
from rules.facts import CaseEvent, CaseId
from rules.judgement import CaseState, ClockReading, Judgement, Light, Pin, Span, Truth
from tests.console.carded import carded, case_of
from tests.console.gate import UNIT, doors
from tests.console.people import signed_in
from tests.console.serving import NOW, Site
from tests.console.workshops import office

GIVEN: Final = frozenset(
    [
        "licences",
        "mingdeng",
        "housing",
        "market",
        "food",
        "promise",
        "inbox",
        "mail",
        "sms",
        "owner",
        "example",
        "com",
        "test",
        "time",
        "limits",
        "cn",
        "day",
        "office",
        "Asia",
        "Shanghai",
        "https",
        "http",
        "www",
        "gov",
        "zhengce",
        "zhengceku",
        "content",
        "htm",
        "sha",
        "English",
        "row",
        "csv",
        "CSV",
        "XLSX",
        "PDF",
        "DOCX",
        "ZIP",
        "JSON",
        "YAML",
        "API",
        "SHA",
        "HTML",
        "Enter",
        "Ctrl",
        "publicity",
        "sign",
        "version",
        "revision",
        "in_force",
        "from",
        "inspector",
        "administrator",
        "leader",
        "rows",
    ]
)
"""Names that this county gave, keys of the files that a page explains, and what is called so in Chinese too."""


_FILE: Final = re.compile(r"kind}|stream|second-factor|\.|/metrics|/health")
"""Doors to what is no page, never ends, or shows a secret key."""


def doubted(site: Site) -> CaseId:
    """Write a case of which nothing can be said for certain, in every way in which that can be."""
    case_id = CaseId("licences", "application", "L9")
    event = CaseEvent(
        source="licences", event_id="L9", version=1, **case_id._asdict(), name="accepted", occurred_at=NOW - 9,
        data={"unit": "housing", "channel": "web"},
    )  # fmt: skip
    site.ledger.append(Batch(source="licences", events=(event,), cursor={}), NOW - 1)
    claimed = next(each for each in site.ledger.claim(NOW, lease=0) if each.case.case_id == case_id)
    codes = ("no_limit", "no_stated_due", "stopped_before_start", "extension_unmeasured", "acts_uncertain")
    clocks = tuple(
        ClockReading(clock="promise", ordinal=n, state=CaseState.RUNNING, started_at=NOW - 9, over=None, because=code)
        for n, code in enumerate(codes, start=1)
    )
    span = Span(
        rule="T04", family="promise", clock="promise", ordinal=1, truth=Truth.UNDETERMINED, from_at=NOW - 9,
        light=Light.GREY, pin=Pin("b@1"), because="calendar",
    )  # fmt: skip
    judgement = Judgement(
        case_id=case_id, revision=claimed.case.revision, unit="housing", item="food", state=CaseState.RUNNING,
        light=Light.GREY, because="no_limit; missing:case.unit + clock.promise.over", clocks=clocks, spans=(span,),
    )  # fmt: skip
    site.ledger.record([Recorded(judgement=judgement, token=claimed.token)], NOW)
    return case_id


def latin(page: str) -> list[str]:
    """Return the words in Latin letters that a reader of a page meets, codes set as code and addresses left out."""
    page = re.sub(
        r"(?s)<(script|style|code|pre|textarea|option)\b.*?</\1>|<a [^>]*lang=\"en\".*?</a>|<[^>]+>", " ", page
    )
    words = re.findall(r"[A-Za-z0-9_]+", html.unescape(page))
    return [word for word in words if re.fullmatch(r"[A-Za-z_]{3,}", word) and word not in GIVEN]


def test_every_page_is_in_the_language_that_was_asked_for(tmp_path: Path) -> None:
    with office(tmp_path) as made:
        carded(made.site.ledger, NOW, unit=UNIT)
        carded(made.site.ledger, NOW, "0017", unit="housing", due_in=None)
        grey = doubted(made.site)
        found: dict[str, list[str]] = {}
        seen: set[str] = set()
        for role in (Role.INSPECTOR, Role.ADMINISTRATOR, Role.LEADER):
            reader = signed_in(made.site, role.value, now=NOW)
            for door in doors():
                if (
                    door.method != "GET"
                    or door.is_api
                    or door.needs.act not in GRANTS[role]
                    or door.path in seen
                    or _FILE.search(door.path)
                ):
                    continue
                seen.add(door.path)
                for number in {"L1", grey.case_no} if "{case_no}" in door.path else {"L1"}:
                    named = card_id(case_of(number), "promise", "promise", 1)
                    try:
                        status, page, headers = reader.get(
                            door.address(case_no=number, card_id=named, source="licences", code="food", name="licences")
                        )
                    except UnicodeDecodeError:  # a file
                        continue
                    if status == 200 and headers["content-type"].startswith("text/html"):
                        for word in latin(page):
                            found.setdefault(word, []).append(door.path)
        _, page, _ = signed_in(made.site, "inspector", now=NOW).get("/cases/licences/application/L9")

    assert {word: sorted(set(paths))[:2] for word, paths in found.items()} == {}
    assert len(seen) > 40
    assert "没有时限；缺少数据：单位、“promise”已超期" in page
