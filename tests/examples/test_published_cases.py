"""One command judges published files as they are, and agrees with what their authorities wrote beside them."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.moments import data_folder

ROOT = Path(__file__).parents[2]
COLUMNS = [
    "case_no",
    "item",
    "unit",
    "state",
    "light",
    "clock",
    "started_at",
    "due_at",
    "stopped_at",
    "used",
    "left",
    "rules",
]


def review(example: str, file: Path, at: str, out: Path, *more: str) -> str:
    """Run the command of the example's README and return what it says on the terminal."""
    folder = ROOT / "examples" / example
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "daemon.cli",
        "review",
        "--source",
        folder / "source.yaml",
        "--path",
        file,
    ]
    command += ["--at", at, "--out", out, *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def lights(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        return {row["case_no"]: row for row in csv.DictReader(text)}


@pytest.mark.timeout(400)
def test_boston_is_red_exactly_where_the_city_says_overdue(tmp_path: Path) -> None:
    file = data_folder("boston311_2015") / "boston311_2015_H1.csv.gz"
    out = tmp_path / "lights.csv"

    said = review(
        "boston311", file, "2016-01-13T00:00", out, "--format", "csv",
        "--rulebook", str(ROOT / "examples/boston311/rulebook.yaml"),
    )  # fmt: skip
    judged = lights(out)

    compared = Counter[tuple[bool, bool]]()
    for row in rows(file):
        if row["TARGET_DT"] and row["OnTime_Status"]:
            red = judged[row["CASE_ENQUIRY_ID"]]["light"] == "red"
            compared[red, row["OnTime_Status"] == "OVERDUE"] += 1
    print(f"Boston: {compared[True, True]} red as the city says, {compared[False, False]} not red as it says; {said}")
    assert compared[True, False] == compared[False, True] == 0
    assert compared.total() > 43_000
    assert list(next(iter(judged.values()))) == COLUMNS


@pytest.mark.timeout(400)
def test_boston_by_learned_limits_is_due_where_the_city_says(tmp_path: Path) -> None:
    file = data_folder("boston311_2015") / "boston311_2015_H1.csv.gz"
    items, out = tmp_path / "items.yaml", tmp_path / "lights.json"
    learn: list[str | Path] = [sys.executable, ROOT / "examples/boston311/learn.py", file, "--out", items]
    subprocess.run(learn, cwd=ROOT, check=True, capture_output=True, timeout=300)

    review(
        "boston311", file, "2016-01-13T00:00", out, "--format", "json", "--items", str(items),
        "--rulebook", str(ROOT / "examples/boston311/rulebook-limits.yaml"),
    )  # fmt: skip
    judged = {row["case_no"]: row for row in json.loads(out.read_text(encoding="utf-8"))}

    targets = {row["CASE_ENQUIRY_ID"]: row["TARGET_DT"] for row in rows(file) if row["TARGET_DT"]}
    met = sum(_within(judged[case]["due_at"], target) for case, target in targets.items())
    print(f"Boston: {met} of {len(targets)} due instants within 70 s ({met / len(targets):.2%})")
    assert met / len(targets) >= 0.95


def _within(due_at: str | None, target: str) -> bool:
    if not due_at:
        return False
    wall = dt.datetime.strptime(target, "%m/%d/%Y %I:%M:%S %p")  # noqa: DTZ007  # both are Boston's wall time
    return abs((dt.datetime.fromisoformat(due_at).replace(tzinfo=None) - wall).total_seconds()) <= 70


@pytest.mark.timeout(300)
def test_servicenow_hand_overs_and_reopenings_are_those_that_the_system_counted(tmp_path: Path) -> None:
    file = data_folder("servicenow_incidents_uci") / "incident_event_log_odd.csv.gz"
    out = tmp_path / "lights.csv"

    review(
        "servicenow", file, "2017-03-01T00:00", out, "--format", "csv",
        "--rulebook", str(ROOT / "examples/servicenow/rulebook.yaml"),
    )  # fmt: skip
    judged = lights(out)
    last = {row["number"]: row for row in rows(file)}

    hops = sum(int(judged[n]["hops"]) == int(row["reassignment_count"]) for n, row in last.items())
    reopens = sum(int(judged[n]["reopens"]) == int(row["reopen_count"]) for n, row in last.items())
    print(f"ServiceNow: hops {hops / len(last):.2%}, reopens {reopens / len(last):.2%} of {len(last)}")
    assert hops / len(last) >= 0.995
    assert reopens / len(last) >= 0.999
