"""A card's file for tests of documents: a red card that was followed up to its rectification."""

from __future__ import annotations

import datetime as dt
from typing import Final

from alerts.documents.cardfile import CardFile, Joint, Numbered
from alerts.documents.composing import compose
from alerts.documents.model import Document, DocumentKind, Office, Said
from alerts.model import Card, CardChange, CardState, ChangeKind, Deed, Done, Evidence, Stage
from rules.explanation import ClockStory, DayStory, Explanation, RowStory
from rules.facts import CaseId
from rules.judgement import Amount, CaseState, Light, Pin
from rules.policy import Colour, IssueMode, Policy

NOW: Final = 1_790_000_000
DAY: Final = 86_400
HOSTILE: Final = (
    '<script>alert(1)</script> {{7*7}} {number} #eval("1") $x$ \\ =1+1 ../../etc/passwd \u202ereversed\x07 ]]> &amp;'
)

POLICY: Final = Policy(
    rule="T05", family="promise", of="application", light=Light.RED, card=Colour.RED,
    title={"zh": "超过法定时限未办结", "en": "not finished within the statutory limit"},
    basis={"zh": "《行政许可法》第四十二条", "en": "Administrative Licensing Law, article 42"},
    say={"zh": "办件 {case.no} 已超过法定时限。", "en": "Case {case.no} is over its statutory limit."},
)  # fmt: skip


def explanation(case_id: str = "county/application/17", said: str = "审批") -> Explanation:
    """Return why the case is red: twenty workdays, counted by the civil code."""
    on = dt.date(2026, 8, 20)
    days = tuple(
        DayStory(
            on + dt.timedelta(n), n % 7 < 5, n + 1 if n % 7 < 5 else None, "workday" if n % 7 < 5 else "weekend",
            {"zh": "工作日" if n % 7 < 5 else "周末", "en": "working day" if n % 7 < 5 else "weekend"},
        )
        for n in range(28)
    )  # fmt: skip
    clock = ClockStory(
        "promise", {"zh": "承诺办结时限", "en": "promised limit"}, "", 1, NOW - 33 * DAY, "受理", "Asia/Shanghai",
        Amount("20", "workday"), "legal", "cn@2026", NOW - 3 * DAY, used=Amount("22.5", "workday"),
        over_by=Amount("2.5", "workday"), days=days,
    )  # fmt: skip
    row = RowStory(NOW - 33 * DAY, "accepted", said, "row-1", 1, NOW - 32 * DAY, {"said": said})
    return Explanation(
        case_id, case_id.rpartition("/")[2], "housing", "330117", "商品房预售许可", NOW, "Asia/Shanghai", Light.RED,
        CaseState.RUNNING, {}, (clock,), (), (row,),
    )  # fmt: skip


def card(said: str = "商品房预售许可", serial: int = 6) -> Card:
    """Return the card as it stands."""
    return Card(
        card_id="ab12cd34ef56ab78cd90", case_id=CaseId("county", "application", "2026-17"), family="promise",
        clock="promise", ordinal=1, rule="T05", colour=Colour.RED, state=CardState.ISSUED, issue=IssueMode.AUTOMATIC,
        unit="housing", item="330117", raised_at=NOW - 3 * DAY, issued_at=NOW - 2 * DAY, serial=serial, person="H-0231",
        pin=Pin("time-limits@3", "cn@2026", "330117@2"), values={"item.name": said, "case.no": "2026-17"},
        stage=Stage.RECTIFIED,
    )  # fmt: skip


def changes(said: str = "系统升级，未能按期流转。\n现已恢复。") -> tuple[CardChange, ...]:
    """Return how the card came to be rectified; people wrote ``said``."""
    paper = Evidence(said[:40], "ab" * 32, "application/pdf", 10, dt.date(2026, 9, 1))
    told = [
        (ChangeKind.ISSUED, None, ""), (ChangeKind.SIGNED, Deed.SIGN, ""), (ChangeKind.EXPLAINED, Deed.EXPLAIN, said),
        (ChangeKind.APPEALED, Deed.APPEAL, said), (ChangeKind.DECIDED, Deed.UPHOLD, said),
        (ChangeKind.RECTIFIED, Deed.RECTIFY, said),
    ]  # fmt: skip
    return tuple(
        CardChange(
            kind, NOW - DAY + serial * 3600, card(serial=serial), None,
            Done(deed=deed, by="person-231", role="inspector", text=text, evidence=(paper,) if text else ())
            if deed is not None else None,
        )
        for serial, (kind, deed, text) in enumerate(told, start=1)
    )  # fmt: skip


def file(said: str = "系统升级，未能按期流转。\n现已恢复。", **parts: object) -> CardFile:
    """Return the file; what departments and people wrote is ``said``."""
    whole: dict[str, object] = {
        "card": card(said), "changes": changes(said), "office": Office("县效能办", "监督", "8600"),
        "zone": "Asia/Shanghai", "unit": Said("住房和城乡建设局", "Housing Bureau"), "explanation": explanation(said=said),
        "policy": POLICY, "revision": 7, "joints": tuple(Joint(n, 100 + n, f"{n:064x}") for n in range(1, 7)),
        "deadlines": {name: NOW + n * DAY for n, name in enumerate(("sign", "explain", "appeal", "rectify", "verify"))},
    }  # fmt: skip
    return CardFile(**{**whole, **parts})  # type: ignore[arg-type]  # parts are named by the test


def written(kind: DocumentKind, said: str = "系统升级，未能按期流转。\n现已恢复。", number: int = 12) -> Document:
    """Return a document of that file."""
    return compose(kind, file(said), Numbered(number, 2026, NOW))
