"""What the README says can be done, can be done as it is written there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from rules.booktests import run_tests
from rules.calendarbook import open_calendars

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
FRAME = """
rulebook: readme
title: {zh: 说明, en: README}
version: 1
in_force: {from: 2018-01-01}
basis: {promise: {text: 服务承诺}}
clocks:
  promise:
    title: {zh: 承诺时限, en: promised limit}
    of: application
    starts: accepted
    stops: [completed, deleted]
    limit: item.promised
    counting: rolling
"""


@pytest.fixture(params=READMES)
def readme(request: pytest.FixtureRequest) -> str:
    """The text of the README in each language."""
    return (ROOT / str(request.param)).read_text(encoding="utf-8")


def blocks(readme: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", readme, re.DOTALL)


@pytest.mark.parametrize(
    "page", sorted([*(ROOT / name for name in READMES), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/README.md")])
)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_rule_that_it_shows_loads_and_its_tests_pass(readme: str, tmp_path: Path) -> None:
    book = tmp_path / "readme.yaml"
    book.write_text(FRAME + blocks(readme, "yaml")[0], encoding="utf-8")

    report = run_tests([book], open_calendars([]))

    assert report.tests
    assert report.passed, report


def test_the_officers_calculator_ends_with_the_due_instant(readme: str) -> None:
    command = next(line for block in blocks(readme, "sh") for line in block.splitlines() if "mingdeng due" in line)
    arguments = shlex.split(command)[1:]

    done = subprocess.run(
        [sys.executable, "-m", "daemon.cli", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "2024-10-25T23:59:59+08:00"


def test_every_make_target_that_it_names_exists(readme: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)|^make ([a-z]+)", readme, re.MULTILINE))

    assert {name for pair in named for name in pair if name} <= targets
