"""Permits: the municipality's deadline is eight weeks, or fourteen with an extension; the rest stopped its clock."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.examples.lights import lights, proved
from tests.rules.moments import data_folder

ZONE = ZoneInfo("Europe/Amsterdam")


def days_between(begin: str, end: str) -> int | None:
    """Return the civil days between two instants of the log, None where one is empty."""
    if not begin or not end:
        return None
    first, last = (dt.datetime.fromisoformat(text).astimezone(ZONE).date() for text in (begin, end))
    return (last - first).days


def test_the_rulebook_of_the_permits_is_proved() -> None:
    assert "tests passed" in proved("permits")


def test_the_law_that_gives_each_deadline_is_found_and_the_shares_are_printed(tmp_path: Path) -> None:
    file = data_folder("wabo_permit_receipt") / "receipt_odd_cases.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        cases = {row["case:concept:name"]: row for row in csv.DictReader(text)}

    found = lights("permits", file, "2012-06-01", tmp_path / "lights.csv")
    ours = {no: set(row["rules"].split(";")) - {"P01"} for no, row in found.items()}

    shares: Counter[str] = Counter()
    for no, case in cases.items():
        days = days_between(case["case:startdate"], case["case:deadline"])
        planned = days_between(case["case:startdate"], case["case:enddate_planned"])
        expected = {56: {"W56"}, 98: {"W98", "W98E"} if planned == 98 else {"W98"}}.get(days or 0, {"W00"})
        if found[no]["light"] == "grey":  # it ended before it began: a contradiction, held against nobody
            assert days_between(case["case:startdate"], case["case:enddate"]) is not None
            assert case["case:enddate"] < case["case:startdate"]
            expected = {""}
        assert ours[no] == expected, no
        shares.update(ours[no])
    for rule, number in shares.most_common():
        print(f"{rule or 'contradiction'}: {number} of {len(cases)} = {100 * number / len(cases):.1f} %")

    assert len(cases) == 736
    assert (shares["W56"], shares["W98"], shares["W98E"], shares[""]) == (555, 26, 23, 1)


def test_a_decision_after_the_stated_deadline_is_red(tmp_path: Path) -> None:
    file = data_folder("wabo_permit_receipt") / "receipt_odd_cases.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        cases = {row["case:concept:name"]: row for row in csv.DictReader(text)}

    found = lights("permits", file, "2012-06-01", tmp_path / "lights.csv")

    at = dt.datetime(2012, 6, 1, tzinfo=ZONE)
    for no, row in found.items():
        deadline, ended = (
            dt.datetime.fromisoformat(text).replace(microsecond=0) if text else None
            for text in (cases[no]["case:deadline"], cases[no]["case:enddate"])
        )
        assert deadline is not None
        if row["light"] != "grey":
            assert dt.datetime.fromisoformat(row["due_at"]) == deadline
            assert row["light"] == ("red" if (ended or at) > deadline else "green"), no
