"""Publishing from the command line: what is refused, what is shown first, and who may approve."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from daemon.cli.entry import run
from ledger import LawState, Ledger
from tests.lawtexts import CORRECTED, OWN

Captured = pytest.CaptureFixture[str]
PAGE = Path(__file__).parents[2] / "docs" / "publishing.md"
CATALOGUE = """\
approval: required
items:
  - {code: food, name: 食品经营许可, version: "2", from: 2027-01-01, limits: {promised: 5 workdays}, entered_by: 录入员}
"""


@pytest.fixture
def office(deployment: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a deployment whose law is one rulebook, with its case L1 overdue and read into the ledger."""
    settings = deployment / "mingdeng.toml"
    text = settings.read_text(encoding="utf-8").replace(
        'items = "items.yaml"', 'items = "items.yaml"\nbooks = ["now.yaml"]'
    )
    settings.write_text(text, encoding="utf-8")
    (deployment / "now.yaml").write_text(OWN, encoding="utf-8")
    (deployment / "own.yaml").write_text(CORRECTED, encoding="utf-8")
    (deployment / "catalogue.yaml").write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.chdir(deployment)
    monkeypatch.setenv("COLUMNS", "240")
    return deployment


def proposed(office: Path, text: str, *more: str) -> int:
    """Propose a text without a trial over the ledger."""
    (office / "own.yaml").write_text(text, encoding="utf-8")
    return run(["--lang", "en", "rules", "publish", "own.yaml", "--by", "first", "--no-backtest", *more])


def ledger_of(office: Path) -> Ledger:
    return Ledger(f"sqlite:///{office / 'var' / 'mingdeng.sqlite3'}")


def fill(office: Path) -> None:
    """Read the source into the ledger, as the daemon does."""
    from connectors.registry import load_source, open_connector, read_all

    ledger = ledger_of(office)
    (office / "var").mkdir(exist_ok=True)
    ledger.upgrade()
    connector = open_connector(load_source(office / "licences.yaml"), {}, office, None)
    for batch in read_all(connector, 1_540_000_000):
        ledger.append(batch, 1_540_000_000)
    connector.close()
    ledger.close()


def test_the_commands_of_the_page_publish_a_correction(office: Path, capsys: Captured) -> None:
    """Each line of ``docs/publishing.md``, in its order."""
    fill(office)
    said = []
    for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            assert run(["--lang", "en", *shlex.split(line)[1:]]) == 0, (line, capsys.readouterr().err)
            said.append(capsys.readouterr().out)

    publish, _, shown, approved, history, items, rejected = said
    assert re.search(r"clock\s.*own/promise.*limit.*7 workdays.*15 workdays", publish)
    assert "2 cases of the ledger" in publish
    assert "Number 1, own@1.2, waits for a second person" in publish
    assert shown == CORRECTED
    assert "own@1.2 is published as revision 1" in approved
    assert re.search(r"rulebook\s+own@1\.2\s+2018-01-01\s+published\s+法规员", history)
    assert "limits.promised" in items or "food" in items
    assert rejected == "Number 3 is rejected.\n"
    ledger = ledger_of(office)
    assert [story.state for story in ledger.law_history()] == [LawState.PUBLISHED, LawState.REJECTED]
    assert ledger.verify() == ()
    ledger.close()


def test_the_trial_says_who_would_be_carded(office: Path, capsys: Captured) -> None:
    """A new version is tried as if it had been in force instead of the one that is."""
    fill(office)
    text = OWN.replace("version: 1", "version: 2").replace("from: 2018-01-01", "from: 2099-01-01")
    strict = text.replace("7 workdays", "10 minutes").replace("2018-10-24 10:00:0", "2099-10-15 10:10:0")
    (office / "own.yaml").write_text(strict.replace("2018-10-15", "2099-10-15"), encoding="utf-8")

    code = run(["--lang", "en", "rules", "publish", "own.yaml", "--by", "first", "--format", "json"])

    told = capsys.readouterr()
    assert code == 0, told.err
    trial = json.loads(told.out)["backtest"]
    assert (trial["cases"], trial["cards_before"], trial["cards_after"]) == (2, 1, 2)
    assert [card["case"] for card in trial["carded"]] == ["licences/application/L2"]


@pytest.mark.parametrize(
    ("text", "code", "mend"),
    [
        (OWN, "law/version", ""),
        (CORRECTED.replace("revision: 2\n", ""), "law/version", "write 'revision: 2' below 'version: 1'"),
        (CORRECTED.replace("revision: 2", "revision: 3"), "law/revision", "write 'revision: 2' below 'version: 1'"),
        (CORRECTED.replace("2018-01-01", "2018-02-01"), "law/version", "For a new version write 'version: 2'"),
        (CORRECTED.replace("version: 1\nrevision: 2", "version: 2"), "law/in_force", "or later; to correct version 1, keep"),
        (CORRECTED.replace("at 2018-11-05 10:00:01: L02", "at 2018-11-05 10:00:01: not L02"), "lint/proof", ""),
        (CORRECTED.replace("    basis: promise\n", ""), "lint/", "basis"),
        (CORRECTED.replace("promise.over", "promise.ovre"), "rule/unknown-word", "clock.promise.over"),
        (CORRECTED.replace("accepted\n    expect", "completed\n    expect"), "lint/|test/expectation", ""),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_the_mending_edit(
    office: Path, capsys: Captured, text: str, code: str, mend: str
) -> None:
    """Nothing is proposed."""
    assert proposed(office, text) == 1

    said = capsys.readouterr().err
    assert re.search(rf"\[({code})", said), said
    assert mend in said
    assert "Traceback" not in said
    ledger = ledger_of(office)
    ledger.upgrade()
    assert ledger.law_history() == ()
    ledger.close()


def test_who_proposed_it_cannot_approve_it(office: Path, capsys: Captured) -> None:
    """In both languages."""
    assert proposed(office, CORRECTED) == 0
    assert run(["--lang", "zh", "rules", "approve", "1", "--by", "First"]) == 1

    assert "提出人不得自行批准" in capsys.readouterr().err


def test_two_proposals_for_one_version_are_held_against_each_other(office: Path, capsys: Captured) -> None:
    """The second was right when it was proposed, and is not any more once the first was approved."""
    assert proposed(office, CORRECTED) == 0
    assert proposed(office, CORRECTED.replace("tell: R2", "tell: R3")) == 0
    assert run(["rules", "approve", "1", "--by", "second"]) == 0
    assert run(["--lang", "en", "rules", "approve", "2", "--by", "second"]) == 1

    assert "write 'revision: 3'" in capsys.readouterr().err


def test_a_corrected_item_needs_a_version_of_its_own(office: Path, capsys: Captured) -> None:
    """Else the pin of a finding would say the same of two texts."""
    text = (office / "items.yaml").read_text(encoding="utf-8").replace("7 workdays", "9 workdays")
    (office / "catalogue.yaml").write_text(text, encoding="utf-8")

    assert run(["--lang", "en", "items", "publish", "catalogue.yaml", "--by", "first"]) == 1
    assert "Write another 'version:' for it" in capsys.readouterr().err


def test_a_calendar_is_published_with_the_days_that_it_changes(office: Path, capsys: Captured) -> None:
    """A year of the national calendar, corrected."""
    year = "calendar: cn-office\nextends: cn\nhours: ['09:00-12:00', '13:00-17:00']\nholidays: [2018-10-22]\n"
    (office / "year.yaml").write_text(year, encoding="utf-8")

    code = run(["--lang", "en", "rules", "publish", "year.yaml", "--by", "first", "--format", "json"])

    told = capsys.readouterr()
    assert code == 0, told.err
    changes = json.loads(told.out)["changes"]
    assert {"kind": "day", "name": "2018-10-22", "feature": "cn-office", "was": "7.5 h", "becomes": ""} in changes
    assert run(["rules", "approve", "1", "--by", "second"]) == 0


def test_explain_and_backtest_go_by_the_law_in_force(office: Path, capsys: Captured) -> None:
    """The file promised seven working days, the published correction fifteen."""
    fill(office)
    assert proposed(office, CORRECTED) == 0
    explain = ["--lang", "en", "explain", "licences/application/L1", "--at", "2018-10-30T10:00:00"]
    trial = ["backtest", "--from", "2018-10-01", "--to", "2018-10-30", "--format", "json", "--workers", "1"]
    capsys.readouterr()

    assert (run(explain), run(trial)) == (0, 0)
    before = capsys.readouterr().out
    assert run(["rules", "approve", "1", "--by", "second"]) == 0
    capsys.readouterr()
    assert (run(explain), run(trial)) == (0, 0)
    after = capsys.readouterr().out

    assert ("own@1.2" in before, "L02" in before) == (False, True)
    assert ("2018-11-05" in after, '"rule": "L02"' in after) == (True, False)
