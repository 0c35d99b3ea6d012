"""Houston: OVERDUE of every row as the city published it, and the dated limits that its due dates follow."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from rules.calendarbook import open_calendars
from rules.catalogue import load_catalogue
from rules.limits import Counting, due
from rules.quantities import Quantity
from tests.examples.lights import EXAMPLES, lights, proved
from tests.rules.moments import data_folder

EXAMPLE = EXAMPLES / "houston"
HALF_A_CENTIDAY = Decimal("0.005")
"""The city rounds to two decimals."""


def published() -> Path:
    return data_folder("houston311_2011_2019") / "houston311_pothole_flooding_2011_2015.csv.gz"


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def instant(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def days_over(row: dict[str, str]) -> Decimal:
    """Return how many days after its due instant a request was closed, as the product says."""
    closed, promised = (dt.datetime.fromisoformat(row[name]) for name in ("stopped_at", "due_at"))
    return Decimal(round((closed - promised).total_seconds())) / 86_400


def test_the_rulebooks_of_houston_are_proved() -> None:
    assert "tests passed" in proved("houston")
    assert "tests passed" in proved("houston", "rulebook-limits.yaml")


def test_overdue_is_the_citys_own_in_every_row(tmp_path: Path) -> None:
    found = lights("houston", published(), "2020-01-01", tmp_path / "lights.csv")

    seen, wrong, lit = 0, [], Counter[tuple[str, bool]]()
    for row in rows(published()):
        ours = found[row["CASE NUMBER"]]
        seen += 1
        if abs(days_over(ours) - Decimal(row["OVERDUE"])) > HALF_A_CENTIDAY:
            wrong.append(row["CASE NUMBER"])
        lit[ours["light"], row["DATE CLOSED"] > row["DUE DATE"]] += 1
        assert abs(Decimal(ours["overdue"].split()[0]) - max(days_over(ours), Decimal(0))) < Decimal("0.00001")
    print(f"OVERDUE agrees in {seen - len(wrong):,} of {seen:,} rows; lights {dict(lit)}")

    assert seen == 33_409
    assert wrong == []
    assert set(lit) == {("green", False), ("red", True)}


def test_a_request_keeps_the_limit_of_its_day_when_the_limit_changes(tmp_path: Path) -> None:
    file = tmp_path / "requests.csv"
    file.write_text(
        "CASE NUMBER,DEPARTMENT,SR TYPE,Channel Type,SR CREATE DATE,DUE DATE,DATE CLOSED\n"
        "BEFORE,PWE,Pothole,Voice,2014-10-30 23:59:59,,\nAFTER,PWE,Pothole,Voice,2014-10-31 00:00:00,,\n",
        encoding="utf-8",
    )

    found = lights(
        "houston", file, "2014-11-20", tmp_path / "lights.csv", rulebook="rulebook-limits.yaml",
        more=["--items", str(EXAMPLE / "items.yaml")],
    )  # fmt: skip

    assert {no: (row["light"], row["due_at"]) for no, row in found.items()} == {
        "BEFORE": ("red", "2014-11-09T23:59:59+00:00"),
        "AFTER": ("green", "2014-11-30T00:00:00+00:00"),
    }


def test_dated_limits_give_the_citys_due_dates() -> None:
    calendar = open_calendars([EXAMPLE]).get("houston")
    catalogue = load_catalogue(EXAMPLE / "items.yaml")

    met, seen = Counter[str](), Counter[str]()
    for row in rows(published()):
        made = instant(row["SR CREATE DATE"])
        item = catalogue.version_at(row["SR TYPE"], calendar.on(made))
        assert item is not None
        promised = due(calendar, made, Quantity.parse(item.limits["promised"]), Counting.SAME_TIME).at
        seen[row["SR TYPE"]] += 1
        met[row["SR TYPE"]] += abs(promised - instant(row["DUE DATE"])) <= 70
    for kind, number in seen.items():
        print(f"{kind}: {met[kind]:,} of {number:,} due dates within 70 s = {100 * met[kind] / number:.2f} %")

    assert met.total() / seen.total() >= 0.98
