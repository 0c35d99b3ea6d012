"""What becomes of cards: a corrected calendar that takes them back, people who do not sign, red without consequence."""

from __future__ import annotations

import datetime as dt

from samples.county.scenarios.application import accepted
from samples.county.scenarios.desk import Desk
from samples.county.scenarios.dossier import Dossier
from samples.county.scenarios.scenario import LOOK_ALIKES
from samples.county.scenarios.script import Script
from samples.county.scenarios.worktime import DAY, close_after
from samples.county.workdays import date_of, instant, later, shift

CORRECTED, UNSIGNED, NO_CONSEQUENCE = (
    "calendar correction revoking 3 cards", "cards unacknowledged over a holiday", "red card with no consequence",
)  # fmt: skip
CARDS = 3


def calendar_corrected(desk: Desk) -> list[Script]:
    """A day is declared off afterwards: three cases were in time after all, their cards are taken back.

    Look-alikes ended within their limit either way, or were over it before the day: their cards stand.
    """
    script = Script(CORRECTED, "calendar")
    off = desk.quiet_day()
    corrected = instant(shift(off, 2), 36_000)
    for number in range(CARDS + LOOK_ALIKES):
        kind = "over" if number < CARDS else desk.rng.choice(("before", "late before", "in time"))
        dossier = _around(desk, off, kind)
        if kind == "over":
            dossier.owe("T04 revoked: calendar_corrected", corrected)
        if kind == "late before":
            dossier.owe("A01", close_after(instant(off, 0), 1) + 1)
        script.add(dossier, "violation" if kind == "over" else "look-alike", kind)
    script.act(corrected, "off", day=str(off))
    script.act(corrected + 3_600, "wait")
    return [script]


def _around(desk: Desk, off: dt.date, kind: str) -> Dossier:
    """Return a case whose promise ends about the day: ``over`` by less than a working day if the day is worked."""
    product = desk.product(lambda each: 5 <= each.promised <= 10)
    due_on = {"over": shift(off, 1), "late before": shift(off, -1), "before": shift(off, -2)}.get(kind, shift(off, 2))
    seconds = {"over": desk.rng.choice((1, 3_600, 7_200)), "before": -600, "late before": 3_600}.get(kind, 0)
    due = instant(due_on, desk.rng.randint(33_000, 40_000))
    case = accepted(desk, product, instant(shift(due_on, -product.promised), due - instant(due_on, 0)))
    end = due + seconds if seconds else later(due, -2) - 600
    case.complete(end, deliver=False)
    case.note(end + 900, "delivered", case.clerk)
    case.pauses = [(instant(off, 0), instant(off, DAY))]
    return case.finish(end)


def unsigned_over_a_holiday(desk: Desk) -> list[Script]:
    """Cards that are issued on the eve of a holiday have to be signed for on the first working day after it."""
    script = Script(UNSIGNED, "unsigned")
    eve = desk.holiday_eve()
    for number in range(1 + LOOK_ALIKES):
        product = desk.product(lambda each: 5 <= each.promised <= 10)
        over = instant(eve, desk.rng.randint(33_000, 57_000))
        case = accepted(desk, product, instant(shift(eve, -product.promised), over - 1 - instant(eve, 0)))
        sign_by = close_after(over, 1)
        dossier = case.finish(sign_by + 7_200)
        dossier.owed = [owed for owed in dossier.owed if owed.at <= sign_by + 1]
        if number == 0:
            dossier.owe("A01", sign_by + 1)
        else:
            at = sign_by if number == 1 else desk.rng.choice((over + 600, later(over, 1), sign_by - 1))
            script.act(at, "deed", "sign", dossier.case_no)
        script.add(dossier, "look-alike" if number else "violation", "signed in time" if number else "never signed")
    script.act(close_after(instant(eve, 40_000), 1) + 60, "wait")
    return [script]


def without_consequence(desk: Desk) -> list[Script]:
    """Red cards that are signed, explained, upheld, rectified and verified; one of them has no consequence."""
    script = Script(NO_CONSEQUENCE, "consequence")
    strict = [product for product in desk.products if product.promised == product.statutory == 20]
    start = desk.rng.choice([day for day in (desk.day() for _ in range(30)) if day < dt.date(2026, 3, 1)])
    for number in range(1 + LOOK_ALIKES):
        case = accepted(desk, strict[0], desk.moment(shift(start, desk.rng.randint(1, 3))))
        red = close_after(case.accepted_at, 20) + 1
        end = later(instant(date_of(case.accepted_at), 36_000), 22)
        case.complete(end, deliver=False)
        case.note(end + 900, "delivered", case.clerk)
        dossier = case.finish(end)
        _through_all_hands(script, dossier.case_no, red)
        limit = close_after(red, 30)
        if number == 0:
            dossier.owe("A06", limit + 1)
        else:
            at = desk.rng.choice((limit, limit - 1, later(red + 36_000, 20)))
            script.act(at, "deed", "record_consequence", dossier.case_no)
        script.add(dossier, "look-alike" if number else "violation", "recorded" if number else "nothing recorded")
    last = max(owed.at for dossier in script.dossiers for owed in dossier.owed)
    script.acts = [act for act in script.acts if int(act["at"]) <= last + 60]
    script.act(last + 60, "wait")
    return [script]


def _through_all_hands(script: Script, case_no: str, red: int) -> None:
    """Sign for a red card on the next working day and see it verified, everybody within their time."""
    morning = later(instant(date_of(red - 1), 36_000), 1)
    deeds = ("sign", "explain", "uphold", "rectify", "verify")
    for number, deed in enumerate(deeds):
        at = morning + number * 600 if number < 3 else later(morning, number) + 600
        script.act(at, "deed", deed, case_no)
