"""``mingdeng explain`` as text, JSON and HTML, of now and of then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.base import Batch
from daemon.bootstrap import law_of
from daemon.cli.entry import run
from daemon.settingsfile import load_settings
from ledger import Ledger
from rules.facts import CaseEvent

Captured = pytest.CaptureFixture[str]
ACCEPTED, RECEIVED = 1_539_568_800, 1_539_568_860
CASE = "licences/application/L1"


@pytest.fixture
def known(deployment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a deployment whose ledger holds one acceptance, taken in a minute after it."""
    monkeypatch.chdir(deployment)
    books = Path(law_of.__code__.co_filename).parents[1] / "rules" / "books" / "time-limits.yaml"
    settings = (deployment / "mingdeng.toml").read_text(encoding="utf-8")
    text = settings.replace("[rules]\n", f'[rules]\nbooks = ["{books}"]\n')
    (deployment / "mingdeng.toml").write_text(text, encoding="utf-8")
    assert run(["db", "upgrade"]) == 0
    ledger = Ledger(load_settings(deployment / "mingdeng.toml").ledger.url)
    event = CaseEvent(
        source="licences", event_id="L1:accepted", version=1, namespace="licences", kind="application", case_no="L1",
        name="accepted", occurred_at=ACCEPTED, data={"item": "food", "unit": "<b>market</b>"},
    )  # fmt: skip
    ledger.append(Batch(source="licences", events=(event,), rows=1), RECEIVED)
    yield deployment
    ledger.close()


def test_json_is_the_whole_structure(known: Path, capsys: Captured) -> None:
    """For programs: light, clocks with their days, findings, rows."""
    capsys.readouterr()
    assert run(["explain", CASE, "--at", "2018-10-30T10:00", "--format", "json"]) == 0

    told = json.loads(capsys.readouterr().out)

    assert (told["case_no"], told["light"], told["rows"][0]["name"]) == ("L1", "red", "accepted")
    assert {finding["rule"] for finding in told["findings"]} >= {"T04"}
    assert all(day["why"]["zh"] for clock in told["clocks"] for day in clock["days"])


def test_html_is_a_fragment_in_which_nothing_of_a_source_is_markup(known: Path, capsys: Captured) -> None:
    """The same as on the case's page."""
    capsys.readouterr()
    assert run(["explain", CASE, "--at", "2018-10-30T10:00", "--format", "html"]) == 0

    said = capsys.readouterr().out

    assert said.startswith('<div class="explanation">')
    assert "&lt;b&gt;market" in said
    assert "<b>market" not in said


def test_as_known_at_says_what_had_been_received_and_judged(known: Path, capsys: Captured) -> None:
    """Nobody had judged the case by then, so its light was grey; before its first row nobody knew of it."""
    capsys.readouterr()
    assert run(["explain", CASE, "--as-known-at", "2018-10-15T10:05", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["light"], told["because"]["en"], len(told["rows"])) == ("grey", "nothing had been judged by then", 1)

    assert run(["explain", CASE, "--as-known-at", "2018-10-15T10:00:30"]) == 1
    assert "knew no such case at that instant" in capsys.readouterr().err
