"""The samples of the page on routing are settings that load, and say what the page says."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from alerts.directoryimport import CALLED, TABLES
from daemon.alerting import timing_of
from daemon.law import read_law
from daemon.settingsfile import load_settings

PAGE = (Path(__file__).parents[2] / "docs" / "routing.md").read_text(encoding="utf-8")


def test_each_sample_of_settings_loads(tmp_path: Path) -> None:
    law = read_law()
    found = []
    for number, sample in enumerate(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)):
        file = tmp_path / f"{number}.toml"
        file.write_text(sample, encoding="utf-8")
        found.append(timing_of(load_settings(file), law))
    timing, at_once = found
    assert at_once is None
    assert timing is not None
    assert (timing.slots, timing.budget) == ((dt.time(9), dt.time(15)), 30)
    assert timing.programs == {("mail", "archive@county.example")}
    holiday = timing.calendar.at(dt.date(2024, 10, 3), dt.time(10))
    assert [each.name for each in timing.on_duty(holiday)] == ["国庆值班"]
    assert [each.name for each in timing.on_duty(holiday + 7 * 86_400)] == ["值班员"]


def test_the_page_names_every_table_and_column_of_a_directory() -> None:
    for table, columns in TABLES.items():
        assert f"| `{table}` {CALLED[table]} |" in PAGE
        if table != "deputies":
            (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{table}`"))
            assert all(f"`{en}` {zh}" in row for en, zh in columns.items()), table
