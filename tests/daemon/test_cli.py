"""The command line: what it prints, and an exit code by whose fault it is."""

from __future__ import annotations

import csv
import importlib
import json
import re
from pathlib import Path
from types import ModuleType

import pytest
import typer

import daemon.cli.entry as command_line
from daemon.cli.entry import run
from daemon.house import one_roof
from rules.problems import UserError

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


# ── exit codes ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.smoke
def test_help_is_help(capsys: Captured) -> None:
    """Every command is listed, and asking for help is no fault."""
    assert run(["--help"]) == 0

    said = capsys.readouterr().out

    for command in ("run", "check", "test", "review", "explain", "due", "db", "sample"):
        assert re.search(rf"^\s+{command}\s", said, re.MULTILINE)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["due"],
        ["due", "2024-09-24T10:00", "1 day", "--counting", "weird"],
        ["review"],
        ["--lang", "fr", "check"],
    ],
)
def test_a_command_used_wrongly_is_2(arguments: list[str], capsys: Captured) -> None:
    """With its usage, on standard error."""
    assert run(arguments) == 2
    assert "Usage" in capsys.readouterr().err


def test_a_users_fault_is_1_in_the_language_asked_for(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence, never a traceback; --lang rules over the environment."""
    wrong = ["due", "2024-09-24T10:00", "20 wokdays"]

    assert run(wrong) == 1
    assert "is not a unit" in capsys.readouterr().err

    assert run(["--lang", "zh", *wrong]) == 1
    assert "不是时限" in capsys.readouterr().err

    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert run(wrong) == 1
    assert "不是时限" in capsys.readouterr().err


def test_our_fault_is_3_with_a_report_that_hides_secrets(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """Version, command and traceback stand in a file; the terminal says where."""

    def broken() -> typer.Typer:
        raise ZeroDivisionError("postgresql://u:hunter2@h")

    monkeypatch.setattr(command_line, "application", broken)

    assert run(["due", "token=abc"]) == 3

    said = capsys.readouterr().err
    report = Path(re.search(r"\S+mingdeng-report-\S+\.txt", said)[0])  # type: ignore[index]  # else the test fails
    text = report.read_text(encoding="utf-8")
    report.unlink()

    assert "Traceback" not in said
    assert "ZeroDivisionError" in text
    assert "hunter2" not in text + said
    assert "token=abc" not in text + said


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a shell expects it."""

    def interrupted() -> typer.Typer:
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line, "application", interrupted)

    assert run(["check"]) == 130


@pytest.mark.smoke
def test_the_six_packages_lie_under_one_roof() -> None:
    """Otherwise another distribution's `rules` or `daemon` would be imported in our place."""
    one_roof()


def test_a_stranger_among_the_packages_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do about it."""
    monkeypatch.setattr("daemon.house.PACKAGES", ("daemon", "rules", "json"))

    with pytest.raises(UserError, match="not Mingdeng's own: json"):
        one_roof()


# ── due ────────────────────────────────────────────────────────────────────────────────────────


def last_line(capsys: Captured) -> str:
    """Return the last line that was printed."""
    return capsys.readouterr().out.rstrip("\n").rpartition("\n")[2]


@pytest.mark.parametrize(
    ("arguments", "due"),
    [
        (["2024-09-24T10:00", "20 workdays"], "2024-10-25T23:59:59+08:00"),
        (["2024-09-24T02:00Z", "20个工作日"], "2024-10-25T23:59:59+08:00"),
        (["2018-10-15T10:00", "7 workdays", "--counting", "rolling"], "2018-10-24T10:00:00+08:00"),
        (["2018-10-15T10:00", "7 workdays", "--counting", "same_time"], "2018-10-24T10:00:00+08:00"),
        (["2024-09-24T10:00", "1 workday", "--hours", "08:30-12:00,13:30-17:30"], "2024-09-25T17:30:00+08:00"),
        (["2018-10-15T10:00", "7 workdays", "--counting", "rolling", "--pause", "2018-10-16T10:00/2018-10-18T10:00"],
         "2018-10-26T10:00:00+08:00"),
    ],
)  # fmt: skip
def test_due_prints_the_due_instant_last(arguments: list[str], due: str, capsys: Captured) -> None:
    """Without a zone of its own an instant is in the calendar's."""
    assert run(["due", *arguments]) == 0
    assert last_line(capsys) == due


def test_due_says_why_days_do_not_count(capsys: Captured) -> None:
    """The account of the days stands before the due instant."""
    run(["due", "2024-09-24T10:00", "20 workdays"])
    said = capsys.readouterr().out

    assert re.search(r"–\s+2024-10-01\s+National Day", said)
    assert re.search(r"4\s+2024-09-29\s+make-up day", said)


def test_due_for_programs_is_json(capsys: Captured) -> None:
    """The same answer, day by day."""
    assert run(["due", "2024-09-24T10:00", "20 workdays", "--format", "json"]) == 0

    answer = json.loads(capsys.readouterr().out)

    assert answer["due_at"] == "2024-10-25T23:59:59+08:00"
    assert answer["provisional"] is False
    assert [day["on"] for day in answer["days"] if day["number"] == 20] == ["2024-10-25"]


def test_due_says_that_it_is_provisional_beyond_the_published_calendar(capsys: Captured) -> None:
    """Nobody may take such an instant for certain."""
    run(["due", "2026-12-25T10:00", "20 workdays"])

    assert "Provisional" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tomorrow", "1 day"], "'tomorrow' is not an instant."),
        (["2024-09-24T10:00", "1 workday", "--calendar", "cm"], "There is no calendar 'cm'"),
        (["2024-09-24T10:00", "1 workday", "--hours", "8-25"], "--hours"),
        (["2024-09-24T10:00", "1 workday", "--pause", "2024-09-25"], "'2024-09-25' is not a suspension."),
        (["2024-09-24T10:00", "4 working hours"], "hours"),
    ],
)
def test_due_refuses_what_it_cannot_read(arguments: list[str], said: str, capsys: Captured) -> None:
    """With a sentence and exit 1."""
    assert run(["due", *arguments]) == 1
    assert said in capsys.readouterr().err


# ── review ─────────────────────────────────────────────────────────────────────────────────────


def reviewed(deployment: Path, *more: str) -> list[str]:
    """Return the arguments that judge the deployment's source."""
    return ["review", "--source", str(deployment / "licences.yaml"), "--path", str(deployment / "licences.csv"),
            "--items", str(deployment / "items.yaml"), "--at", "2018-10-24T10:00:01", *more]  # fmt: skip


def test_review_writes_one_row_for_each_case(deployment: Path, capsys: Captured) -> None:
    """With the clock that decided the light, and the rules that hold at that instant."""
    out = deployment / "lights.csv"

    assert run(reviewed(deployment, "--format", "csv", "--out", str(out))) == 0

    rows = {row["case_no"]: row for row in csv.DictReader(out.open(encoding="utf-8"))}

    assert list(rows) == ["L1", "L2"]
    assert list(rows["L1"])[:12] == [
        "case_no", "item", "unit", "state", "light", "clock", "started_at", "due_at", "stopped_at", "used", "left", "rules",
    ]  # fmt: skip
    assert (rows["L1"]["light"], rows["L1"]["due_at"]) == ("red", "2018-10-24T10:00:00+08:00")
    assert "T04" in rows["L1"]["rules"].split(";")
    assert (rows["L2"]["light"], rows["L2"]["state"]) == ("green", "finished")
    assert "2 cases" in capsys.readouterr().err


def test_review_knows_nothing_of_what_happened_later(deployment: Path, capsys: Captured) -> None:
    """As of the day before, L2 was not finished yet."""
    assert run([*reviewed(deployment, "--format", "json"), "--at", "2018-10-15T12:00"]) == 0

    rows = {row["case_no"]: row for row in json.loads(capsys.readouterr().out)}

    assert (rows["L2"]["state"], rows["L2"]["light"]) == ("running", "green")


def test_review_shows_a_table_by_default(deployment: Path, capsys: Captured) -> None:
    """For a person, in the language of the run."""
    assert run(["--lang", "zh", *reviewed(deployment)]) == 0
    assert re.search(r"L1\s+food\s+market\s+running\s+红灯", capsys.readouterr().out)


def test_review_names_the_rows_that_do_not_fit_and_judges_the_rest(deployment: Path, capsys: Captured) -> None:
    """A quarantined row is said on standard error with its place and column."""
    with (deployment / "licences.csv").open("a", encoding="utf-8") as file:
        file.write("L9,food,market,not a time,\n")

    assert run(reviewed(deployment, "--format", "json")) == 0

    said = capsys.readouterr()

    assert {row["case_no"] for row in json.loads(said.out)} >= {"L1", "L2"}
    assert "accepted" in said.err
    assert "1 rows put aside" in said.err


def test_review_never_writes_half_a_file(deployment: Path, capsys: Captured) -> None:
    """A folder that is not there is the user's to mend, and nothing is left behind."""
    assert run(reviewed(deployment, "--format", "csv", "--out", str(deployment / "nowhere" / "lights.csv"))) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_cell_that_begins_like_a_formula_stays_text(deployment: Path) -> None:
    """A spreadsheet must not run what a department wrote."""
    out = deployment / "lights.csv"
    (deployment / "licences.csv").write_text("number,item,unit,accepted,completed\nL1,food,=1+1,2018-10-15 10:00:00,\n")
    run(reviewed(deployment, "--format", "csv", "--out", str(out)))

    assert [row["unit"] for row in csv.DictReader(out.open(encoding="utf-8"))] == ["'=1+1"]


# ── check, test, db, explain, sample ───────────────────────────────────────────────────────────


def test_check_finds_nothing_wrong_with_a_good_deployment(deployment: Path, capsys: Captured) -> None:
    """Settings, mapping and catalogue."""
    assert run(["check", str(deployment)]) == 0
    assert "Nothing is wrong (3 files checked)." in capsys.readouterr().out


def test_check_reports_the_faults_of_all_files_at_once(deployment: Path, capsys: Captured) -> None:
    """Each with file, line and column."""
    for name, right, wrong in (
        ("mingdeng.toml", "port = 0", "prot = 0"), ("licences.yaml", "kind: files", "kind: flies"),
        ("items.yaml", "code: food", "cod: food"),
    ):  # fmt: skip
        text = (deployment / name).read_text(encoding="utf-8")
        (deployment / name).write_text(text.replace(right, wrong), encoding="utf-8")

    assert run(["check", str(deployment)]) == 1

    said = capsys.readouterr().err

    assert re.search(r"mingdeng\.toml:6:1: 'prot' is not a setting here\.", said)
    assert re.search(r"licences\.yaml:2:\d+: ", said)
    assert re.search(r"items\.yaml:2:\d+: ", said)
    assert "Traceback" not in said


def test_check_without_a_path_checks_what_is_shipped(
    capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there are no settings."""
    monkeypatch.chdir(tmp_path)

    assert run(["check"]) == 0


@pytest.mark.parametrize("kind", ["mapping", "items", "settings"])
def test_run_refuses_a_deployment_with_a_fault_before_it_starts(deployment: Path, kind: str, capsys: Captured) -> None:
    """Exit 1, the fault at its place, and no ledger was made."""
    name, right, wrong = {
        "mapping": ("licences.yaml", "case_no: number", "caseno: number"),
        "items": ("items.yaml", "7 workdays", "7 wokdays"),
        "settings": ("mingdeng.toml", 'kind = "log"', 'kind = "lgo"'),
    }[kind]
    text = (deployment / name).read_text(encoding="utf-8")
    (deployment / name).write_text(text.replace(right, wrong), encoding="utf-8")

    assert run(["run", "--config", str(deployment / "mingdeng.toml")]) == 1
    assert name in capsys.readouterr().err
    assert not (deployment / "var").exists()


def test_the_tests_in_the_shipped_rulebooks_pass(capsys: Captured) -> None:
    """In the child process, as in operation."""
    assert run(["test"]) == 0
    assert re.search(r"(\d+) of \1 tests passed", capsys.readouterr().out)


def test_db_upgrade_makes_the_ledger_and_may_be_repeated(deployment: Path, capsys: Captured) -> None:
    """Twice is the same as once."""
    for _ in range(2):
        assert run(["db", "upgrade", "--config", str(deployment / "mingdeng.toml")]) == 0
    assert (deployment / "var" / "mingdeng.sqlite3").exists()


def test_explaining_a_case_that_nobody_knows_is_the_users_fault(deployment: Path, capsys: Captured) -> None:
    """With the way a case is named."""
    config = ["--config", str(deployment / "mingdeng.toml")]
    run(["db", "upgrade", *config])

    assert run(["explain", "licences/application/L1", *config]) == 1
    assert run(["explain", "L1", *config]) == 1
    assert "namespace/kind/number" in capsys.readouterr().err


def test_without_the_sample_county_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """It is not in the wheel."""

    found = importlib.import_module

    def absent(name: str) -> ModuleType:
        if name.startswith("samples"):
            raise ModuleNotFoundError(f"No module named '{name}'", name="samples")
        return found(name)

    monkeypatch.setattr(importlib, "import_module", absent)

    assert run(["sample", "score", "x.csv"]) == 1
    assert "not part of an installed Mingdeng" in capsys.readouterr().err
