"""The command line of rule authors: check, test, rules diff."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from daemon.cli.entry import run

BROKEN = Path(__file__).parents[1] / "rules" / "broken"
Captured = pytest.CaptureFixture[str]


def test_a_broken_rulebook_is_shown_with_line_caret_sentence_and_edit(capsys: Captured) -> None:
    assert run(["--lang", "en", "check", str(BROKEN / "name-unknown-word.yaml")]) == 1

    said = capsys.readouterr()
    assert "29:11: 'clock.promise.ovre' is not a known word. [rule/unknown-word]" in said.err
    assert "^^^^^^^^^^^^^^^^^^" in said.err
    assert "= Did you mean 'clock.promise.over'?" in said.err
    assert "1 error, 0 warnings (1 file checked)." in said.out


def test_the_same_is_said_in_chinese(capsys: Captured) -> None:
    assert run(["--lang", "zh", "check", str(BROKEN / "shape-no-as-text.yaml")]) == 1

    assert "YAML 会把它读作真假，而此处应为文本。" in capsys.readouterr().err


def test_a_warning_is_shown_but_stops_nothing(capsys: Captured) -> None:
    assert run(["--lang", "en", "check", str(BROKEN / "lint-no-boundary.yaml")]) == 0

    said = capsys.readouterr()
    assert "warning: Rule T04 lacks a test in which it turns from one second to the next. [lint/proof]" in said.err
    assert "0 errors, 1 warning (1 file checked)." in said.out


def test_problems_can_be_had_as_json(capsys: Captured) -> None:
    assert run(["check", "--format", "json", str(BROKEN / "shape-unknown-colour.yaml")]) == 1

    (problem,) = json.loads(capsys.readouterr().out)
    assert (problem["code"], problem["severity"], problem["line"], problem["column"]) == (
        "document/value",
        "error",
        31,
        11,
    )
    assert problem["zh"].startswith("rules.T04.card")


def test_all_files_of_a_folder_are_told_at_once(capsys: Captured) -> None:
    assert run(["--lang", "en", "check", str(BROKEN)]) == 1

    said = capsys.readouterr().err
    assert [path.name for path in BROKEN.glob("*.yaml") if f"{path.name}:" not in said] == []
    assert "Traceback" not in said


def test_what_a_profile_changes_is_a_table(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    assert run(["--lang", "en", "check", "--profile", "light"]) == 0

    rows = [line for line in capsys.readouterr().out.splitlines() if "T04" in line]
    assert any("card" in row and "yellow" in row and "red" in row for row in rows)


def test_an_unknown_profile_is_the_users_mistake(capsys: Captured) -> None:
    assert run(["--lang", "en", "check", "--profile", "ligth"]) == 1
    assert "Did you mean 'light'?" in capsys.readouterr().err


def test_the_schema_is_printed_for_editors(capsys: Captured) -> None:
    assert run(["check", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Mingdeng rulebook"


def test_two_versions_of_a_rulebook_are_compared(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    shutil.copy(BROKEN / "lint-no-boundary.yaml", old)
    new.write_text(old.read_text(encoding="utf-8").replace("card: yellow", "card: red"), encoding="utf-8")

    assert run(["--lang", "zh", "rules", "diff", str(old), str(new)]) == 0
    assert "│ 规则 │ T04  │ 牌   │ yellow │ red" in capsys.readouterr().out

    assert run(["--lang", "en", "rules", "diff", str(old), str(old)]) == 0
    assert "There is no difference." in capsys.readouterr().out


def test_mutants_that_no_test_notices_are_listed_and_fail_the_command(tmp_path: Path, capsys: Captured) -> None:
    book = tmp_path / "book.yaml"
    text = (BROKEN / "lint-no-boundary.yaml").read_text(encoding="utf-8")
    book.write_text(text.replace("      - at 2018-10-26 09:59:59: not T03\n", ""), encoding="utf-8")

    assert run(["--lang", "en", "test", "--mutants", str(book)]) == 1

    said = capsys.readouterr().out
    assert "param.near: no test notices if '90%' becomes '89%'. [rule/mutant]" in said
    assert re.search(r"\d+ of \d+ mutants noticed, \d+ survive\.", said)


def test_tests_print_how_far_rules_and_branches_are_covered(capsys: Captured) -> None:
    assert run(["--lang", "en", "test", str(BROKEN / "lint-no-boundary.yaml")]) == 0

    said = capsys.readouterr().out
    assert "2 of 2 rules seen to hold; 4 of 4 branches seen (100.0%)." in said
