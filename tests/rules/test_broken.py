"""Broken rulebooks, one fault each: every fault is named at its line, in a sentence of each language, and none crashes.

Each file of ``broken/`` begins with what has to be said of it: code, line:column, severity, then the sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from rules.checkup import check_books
from rules.problems import Problem, render

FOLDER = Path(__file__).parent / "broken"
FILES = sorted(FOLDER.glob("*.yaml"))
HEAD = re.compile(r"# (\S+) (\d+):(\d+) (error|warning)\n# en: (.*)\n# zh: (.*)\n")


class Said(NamedTuple):
    """What is said of one fault."""

    code: str
    line: int
    column: int
    severity: str
    en: str
    zh: str


def expected(path: Path) -> Iterator[Said]:
    for code, line, column, severity, en, zh in HEAD.findall(path.read_text(encoding="utf-8")):
        yield Said(code, int(line), int(column), severity, en, zh)


def said(problem: Problem, path: Path) -> Said:
    en, zh = (problem.sentence(language).replace(str(path), "{file}") for language in ("en", "zh"))
    return Said(problem.code, problem.place.line or 0, problem.place.column or 0, problem.severity, en, zh)


def test_there_are_enough_broken_rulebooks_to_mean_something() -> None:
    assert len(FILES) >= 60


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_fault_is_named_at_its_line_in_both_languages_and_nothing_else_is(path: Path) -> None:
    found = sorted(said(problem, path) for problem in check_books([path]))

    assert found == sorted(expected(path))
    assert found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_message_tells_the_edit_that_mends_it_and_chinese_ones_are_chinese(path: Path) -> None:
    for problem in check_books([path]):
        assert problem.mend_en
        assert re.search(r"[\u4e00-\u9fff]", problem.zh)
        assert re.search(r"[\u4e00-\u9fff]", problem.mend_zh)


def test_one_file_with_faults_of_several_kinds_tells_them_all_in_one_run() -> None:
    """Of reading, of shape, of names, of messages and of meaning."""
    found = check_books([FOLDER / "several-at-once.yaml"])

    kinds = {problem.code.partition("/")[0] for problem in found}
    assert len(found) >= 9
    assert {"document", "clock", "rule", "rulebook", "message", "lint"} <= kinds


def test_a_folder_of_broken_rulebooks_tells_the_faults_of_all_files_in_one_run() -> None:
    text = render(check_books([FOLDER]))

    assert [path.stem for path in FILES if f"{path.name}:" not in text] == []
