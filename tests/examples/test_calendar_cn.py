"""The example that holds the Chinese calendar against a table of days: red exactly where the two part."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

from rules.calendarbook import open_calendars

EXAMPLE = Path(__file__).parents[2] / "examples" / "calendar-cn"


def review(table: Path, out: Path) -> dict[str, tuple[str, str]]:
    """Run the command of the README; return light and rules by date."""
    rulebook = str(EXAMPLE / "rulebook.yaml")
    asked = ["--source", str(EXAMPLE / "source.yaml"), "--path", str(table), "--rulebook", rulebook]
    written = ["--at", "2024-12-31T23:59:59", "--format", "csv", "--out", str(out)]
    command = ["review", *asked, *written]
    subprocess.run([sys.executable, "-c", "from daemon.cli import main; main()", *command], check=True, timeout=60)
    with out.open(encoding="utf-8-sig", newline="") as text:
        return {row["case_no"]: (row["light"], row["rules"]) for row in csv.DictReader(text)}


def test_a_day_is_red_exactly_where_the_table_and_the_product_part(tmp_path: Path) -> None:
    table = tmp_path / "workdays.csv"
    table.write_text(
        "date,iso_weekday,workday,holiday\n"
        "2024-09-27,5,1,\n2024-09-28,6,0,\n2024-09-29,7,1,国庆节\n2024-09-30,1,0,\n2024-10-01,2,1,国庆节\n2024-10-02,3,0,国庆节\n",
        encoding="utf-8",
    )

    assert review(table, tmp_path / "lights.csv") == {
        "2024-09-27": ("green", ""),
        "2024-09-28": ("green", ""),
        "2024-09-29": ("green", ""),
        "2024-09-30": ("red", "C02"),
        "2024-10-01": ("red", "C01"),
        "2024-10-02": ("green", ""),
    }


def test_the_calendar_files_of_the_readme_can_be_read(tmp_path: Path) -> None:
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)):
        (tmp_path / f"{number}.yaml").write_text(block, encoding="utf-8")

    calendars = open_calendars([tmp_path])

    assert calendars.get("cn").horizon_on.year == 2027
    assert calendars.get("cn-window-3").is_workday(open_calendars().get("cn").on(1_728_086_400))
