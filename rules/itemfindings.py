"""What a catalogue says that cannot be right, or that nobody would promise (目录核查): each a sentence with its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import Final

from rules.calendars import Calendar
from rules.catalogue import overlaps
from rules.glossary import label
from rules.itementries import Entry
from rules.itemlengths import DAYS, Longer, cut, longer
from rules.problems import Problem, UserError
from rules.quantities import Quantity

LEAST_CUT: Final = Fraction(30, 100)
"""The share by which a promise has to be shorter than the statutory limit (domain.md 7.2: 30 % required)."""


def findings(entries: Sequence[Entry], calendar: Calendar, least_cut: Fraction = LEAST_CUT) -> list[Problem]:
    """Return every finding on these versions, drafts included: a fault is best found before it is approved."""
    found = list(overlaps(entries))
    for entry in entries:
        for plain in (_no_limit, _instant_with_days, _approved_late):
            found += plain(entry)
        for counted in (_promise_over_statutory, _steps_over_promise):
            found += _asked(counted, entry, calendar)
        found += _asked(partial(_small_cut, least=least_cut), entry, calendar)
    return found


def _asked(
    check: Callable[[Entry, Calendar], Iterator[Problem]], entry: Entry, calendar: Calendar
) -> Iterator[Problem]:
    """Yield what a check finds; limits that this calendar cannot count (working hours without hours) are a finding too."""
    try:
        yield from check(entry, calendar)
    except UserError as error:
        for problem in error.problems:
            yield Problem(problem.code, entry.place, problem.en, problem.zh, problem.mend_en, problem.mend_zh)


def _limit(entry: Entry, name: str) -> Quantity | None:
    text = entry.item.limits.get(name)
    return Quantity.parse(text) if text is not None else None


def _steps(entry: Entry) -> list[Quantity]:
    return [Quantity.parse(text) for name, text in entry.item.limits.items() if name.startswith("step.")]


def _promise_over_statutory(entry: Entry, calendar: Calendar) -> Iterator[Problem]:
    promised, statutory = _limit(entry, "promised"), _limit(entry, "statutory")
    if promised is None or statutory is None:
        return
    over = longer([promised], [statutory], calendar, _year(entry))
    if over is not None:
        yield _problem(
            entry, "promise-over-statutory",
            f"promises {_en(promised)}, more than the statutory {_en(statutory)}", f"承诺 {_zh(promised)}，超过法定 {_zh(statutory)}",
            over, "Correct the one that is wrong: a promise may not exceed the law.", "请更正：承诺时限不得超过法定时限。",
        )  # fmt: skip


def _steps_over_promise(entry: Entry, calendar: Calendar) -> Iterator[Problem]:
    promised, steps = _limit(entry, "promised"), _steps(entry)
    if promised is None or not steps:
        return
    over = longer(steps, [promised], calendar, _year(entry))
    if over is not None:
        written = " + ".join(_en(step) for step in steps)
        yield _problem(
            entry, "steps-over-promise", f"has steps of {written}, together more than the promised {_en(promised)}",
            f"各环节时限 {'＋'.join(_zh(step) for step in steps)} 合计超过承诺 {_zh(promised)}",
            over, "Shorten steps: their sum may not exceed the promise (T07).", "请缩短环节时限：合计不得超过承诺时限（T07）。",
        )  # fmt: skip


def _no_limit(entry: Entry) -> Iterator[Problem]:
    promised = _limit(entry, "promised")
    if entry.item.data.get("instant") is True or (promised is not None and promised.amount > 0):
        return
    said = (
        ("promises nothing", "没有承诺时限")
        if promised is None
        else (f"promises {_en(promised)}", f"承诺时限为 {_zh(promised)}")
    )
    yield _problem(
        entry, "no-limit", f"{said[0]} and is no instant item", f"{said[1]}，又不是即办件",
        None, "Add 'limits: {promised: ...}', or 'data: {instant: true}'.", "请补充 limits 的 promised，或写明 instant: true。",
    )  # fmt: skip


def _instant_with_days(entry: Entry) -> Iterator[Problem]:
    promised = _limit(entry, "promised")
    if entry.item.data.get("instant") is not True or promised is None:
        return
    if promised.amount > 0 and promised.unit in DAYS:
        yield _problem(
            entry, "instant-with-days", f"is an instant item with a promise of {_en(promised)}",
            f"是即办件，却承诺 {_zh(promised)}", None,
            "Remove the limit, or do not call the item instant.", "请删除时限，或不标为即办件。",
        )  # fmt: skip


def _small_cut(entry: Entry, calendar: Calendar, *, least: Fraction) -> Iterator[Problem]:
    promised, statutory = _limit(entry, "promised"), _limit(entry, "statutory")
    if promised is None or statutory is None or not statutory.amount:
        return
    share = cut(promised, statutory, calendar, _year(entry))
    if 0 <= share < least:
        yield _problem(
            entry, "small-cut",
            f"promises {_en(promised)} instead of {_en(statutory)}, a cut of {_percent(share)}; {_percent(least)} is required",
            f"承诺 {_zh(promised)}，比法定 {_zh(statutory)} 压缩 {_percent(share)}，要求不低于 {_percent(least)}",
            None, "Promise less time, or require another cut (--cut on the command line).", "请压缩承诺时限，或者另设压缩要求（命令行 --cut）。",
        )  # fmt: skip


def _approved_late(entry: Entry) -> Iterator[Problem]:
    approved, begins = entry.approved_on, entry.item.from_on
    if approved is not None and approved > begins > dt.date.min:
        yield _problem(
            entry, "approved-late", f"was approved on {approved}, after it came into force on {begins}",
            f"于 {approved} 审核，晚于生效日期 {begins}", None,
            "Let it begin on the day of its approval or later.", "请使生效日期不早于审核日期。",
        )  # fmt: skip


def _problem(
    entry: Entry, code: str, en: str, zh: str, over: Longer | None, mend_en: str, mend_zh: str
) -> Problem:  # fmt: skip
    """Word a finding on one version; ``over`` adds the example of two limits in different units."""
    item = entry.item
    if over is not None and over.started_on is not None:
        en += f" (begun on {over.started_on}, one ends on {over.first_on}, the other on {over.second_on})"
        zh += f"（自 {over.started_on} 起，前者至 {over.first_on}，后者至 {over.second_on}）"
    return Problem(
        f"catalogue/{code}", entry.place, f"Item '{item.code}' {item.name} (version {item.version}) {en}.",
        f"事项“{item.code}”{item.name}（版本 {item.version}）{zh}。", mend_en, mend_zh,
    )  # fmt: skip


def _en(quantity: Quantity) -> str:
    return str(quantity).replace("natural_", "").replace("_", " ")


def _zh(quantity: Quantity) -> str:
    amount = str(quantity.amount) if quantity.amount.denominator == 1 else f"{float(quantity.amount):g}"
    return f"{amount} {label('units', quantity.unit.value, 'zh')}"


def _percent(share: Fraction) -> str:
    """Return a share to two decimals, cut off: what is too small a cut never reads as the one that is required."""
    return f"{float(int(10_000 * share)) / 100:g} %"


def _year(entry: Entry) -> int:
    """Return the year in which the version begins, by whose calendar limits in different units are compared."""
    return entry.item.from_on.year if entry.item.from_on.year >= 2000 else 2024
