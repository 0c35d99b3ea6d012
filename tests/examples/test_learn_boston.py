"""Boston's published targets follow from the limits that its example learns: one per type and month."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from rules.calendarbook import open_calendars
from rules.calendars import Calendar
from rules.catalogue import load_catalogue
from rules.limits import Counting, due
from rules.quantities import Quantity
from tests.rules.moments import at, data_folder, wall

EXAMPLE = Path(__file__).parents[2] / "examples" / "boston311"
HEADER = "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,TYPE"


@pytest.fixture(scope="module")
def learning() -> ModuleType:
    spec = importlib.util.spec_from_file_location("boston311_learn", EXAMPLE / "learn.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def boston() -> Calendar:
    return open_calendars([EXAMPLE]).get("boston")


def published(folder: Path, *rows: str) -> Path:
    path = folder / "requests.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_the_limit_that_gives_most_targets_of_a_month_is_learned_and_dated(
    learning: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = published(
        tmp_path,
        "1,01/05/2015 09:00:00 AM,01/08/2015 09:00:30 AM,Pothole",
        "2,01/06/2015 07:00:00 PM,01/12/2015 08:30:00 AM,Pothole",
        "3,01/07/2015 10:00:00 AM,01/20/2015 11:00:00 AM,Pothole",
        "4,02/03/2015 10:00:00 AM,02/04/2015 10:00:00 AM,Pothole",
        "5,02/05/2015 10:00:00 AM,02/06/2015 10:00:00 AM,Pothole",
        "6,02/05/2015 10:00:00 AM,,Pothole",
        "7,03/04/2015 05:00:13 PM,04/03/2015 05:00:13 PM,Graffiti",
    )
    out = tmp_path / "catalogue.yaml"

    learning.main([str(file), "--out", str(out)])
    catalogue = load_catalogue(out)
    found = [
        (item.limits["promised"], item.from_on, item.until_on)
        for code in ("Pothole", "Graffiti")
        for item in catalogue.versions[code]
    ]

    assert found == [
        ("3 workdays", dt.date(2015, 1, 1), dt.date(2015, 2, 1)),
        ("1 workday", dt.date(2015, 2, 1), None),
        ("30 natural_days", dt.date(2015, 3, 1), None),
    ]
    assert "5 of 6 due instants within 70 s = 83.33 %" in capsys.readouterr().out


def test_a_request_opened_in_the_evening_before_a_holiday_counts_from_the_next_business_morning() -> None:
    opened = at("2015-04-17 18:00:00", boston())

    answer = due(boston(), opened, Quantity.parse("1 workday"), Counting.SAME_TIME)

    assert wall(answer.at, boston()) == "2015-04-22 08:30:00"


def test_dated_limits_give_the_published_targets_in_sample_and_held_out(learning: ModuleType) -> None:
    file = data_folder("boston311_2015") / "boston311_2015_H1.csv.gz"
    calendar = boston()
    requests = learning.read_requests(file, calendar)

    shares = {}
    for learned_from, judged_on in (("all", "all"), ("odd", "even")):
        found = learning.versions(learning.learn(learning.chosen(requests, learned_from), calendar))
        shares[learned_from] = learning.judge(learning.chosen(requests, judged_on), found, calendar).share
    print(f"in sample {shares['all']:.4f}, held out {shares['odd']:.4f}")

    assert len(requests) == 43_592
    assert shares["all"] >= 0.95
    assert shares["odd"] >= 0.90
