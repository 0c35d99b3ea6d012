"""``mingdeng backtest``: the same bytes whatever the order and the number of workers; what it counts; where laws differ."""

from __future__ import annotations

import csv
import json
import random
import shutil
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from connectors.base import Batch
from connectors.registry import load_source, open_connector, read_all
from daemon.backtesting import LawFiles
from daemon.cli.entry import run
from ledger import Ledger, views
from rules.backtest import Outcome, Plan, backtest
from rules.facts import CaseEvent
from rules.shards import ShardWriter
from rules.tabulated import rows_of
from tests.daemon.backtested import law, rows, source

Captured = pytest.CaptureFixture[str]

WINDOW = ["--from", "2024-01-01", "--to", "2024-06-30"]
FROM, TO = 1_704_038_400, 1_719_676_800


class Told(TypedDict):
    """What ``--format json`` writes."""

    cases: int
    events: int
    rows: list[dict[str, str | int]]
    differing: list[dict[str, str]]


def judged(folder: Path, *arguments: str | Path, lines: list[str] | None = None) -> tuple[Path, Path]:
    """Run a back-test of the folder's licences; return the files of counts and of cards."""
    mapping = source(folder, lines or rows())
    out, cards = folder / "out.json", folder / "cards.csv"
    options = ["--source", mapping, "--format", "json", "--out", out, "--cards", cards, *arguments]
    assert run(["backtest", str(law(folder)), *WINDOW, *map(str, options)]) == 0
    return out, cards


def told(out: Path) -> Told:
    """Return what was written."""
    said: Told = json.loads(out.read_text(encoding="utf-8"))
    return said


def events_of(folder: Path, lines: list[str]) -> list[CaseEvent]:
    """Return the events that a source holds."""
    connector = open_connector(load_source(source(folder, lines)), {}, folder)
    return [event for batch in read_all(connector, TO) for event in batch.events]


def outcome_of(folder: Path, events: list[CaseEvent], workers: int = 1, name: str = "run") -> Outcome:
    """Return the back-test of events under the small law."""
    with ShardWriter(folder / name) as writer:
        for event in events:
            writer.take(event)
        shards = writer.close()
    plan = Plan((LawFiles.of([law(folder)]),), FROM, TO)
    return backtest(plan, shards, folder / f"{name}-parts", workers)


@pytest.mark.parametrize("workers", ["2", "3"])
def test_any_number_of_workers_writes_the_same_bytes(tmp_path: Path, workers: str) -> None:
    """Also where the rows come in another order."""
    alone = tmp_path / "alone"
    others = tmp_path / "others"
    alone.mkdir()
    others.mkdir()
    shuffled = rows()
    random.Random(3).shuffle(shuffled)

    first = judged(alone, "--workers", "1")
    second = judged(others, "--workers", workers, lines=shuffled)

    assert [path.read_bytes() for path in second] == [path.read_bytes() for path in first]
    assert len(first[1].read_text().splitlines()) > 20


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_duplicates_and_order_change_nothing(tmp_path_factory: pytest.TempPathFactory, dice: random.Random) -> None:
    """Each event delivered once or twice, in any order."""
    folder = tmp_path_factory.mktemp("order")
    events = events_of(folder, rows(6))
    again = [*events, *dice.sample(events, 5)]
    dice.shuffle(again)

    assert outcome_of(folder, again, name="again") == outcome_of(folder, events)


def test_what_is_finished_is_not_judged_again(tmp_path: Path) -> None:
    """After an interrupt only the missing parts are judged, and the answer is that of an uninterrupted run."""
    work = tmp_path / "work"
    whole = [path.read_bytes() for path in judged(tmp_path, "--work", work, "--workers", "1")]
    parts = sorted((work / "parts").glob("*.part.json"))
    written = {part: part.stat().st_mtime_ns for part in parts}
    parts[0].unlink()

    assert [path.read_bytes() for path in judged(tmp_path, "--work", work, "--workers", "1")] == whole
    again = {part for part in parts if part.stat().st_mtime_ns != written[part]}

    assert again == {parts[0]}


def test_another_law_never_takes_the_finished_parts_of_this_one(tmp_path: Path) -> None:
    """A part lies under the digest of its cases and of the law."""
    work = tmp_path / "work"
    first = judged(tmp_path, "--work", work)[0].read_bytes()
    mapping, out = tmp_path / "licences.yaml", tmp_path / "out.json"
    longer = law(tmp_path, limit="30 workdays")
    options = ["--source", str(mapping), "--format", "json", "--out", str(out), "--work", str(work)]

    assert run(["backtest", str(longer), *WINDOW, *options]) == 0
    assert out.read_bytes() != first


def test_it_counts_lights_and_cards_by_unit_rule_and_month(tmp_path: Path) -> None:
    """Of forty licences every third took more than twelve days where five working days are promised."""
    said = told(judged(tmp_path)[0])
    overdue = [row for row in said["rows"] if row["rule"] == "L02" and row["what"] == "card"]

    assert (said["cases"], said["events"]) == (40, 240)
    assert sum(int(row["count"]) for row in overdue) == 14
    assert {row["colour"] for row in overdue} == {"yellow"}
    assert {str(row["month"]) for row in overdue} == {"2024-01", "2024-02", "2024-03", "2024-04"}
    lit = [row for row in said["rows"] if row["rule"] == "L02" and row["what"] == "light"]
    assert [(r["unit"], r["month"], r["count"]) for r in lit] == [(r["unit"], r["month"], r["count"]) for r in overdue]
    assert sum(int(row["count"]) for row in said["rows"] if row["what"] == "case") == 40


def test_units_and_persons_are_judged_by_the_cards_that_count(tmp_path: Path) -> None:
    """Three yellow cards of a unit in a quarter propose a red one; of the persons only the holders of the time count."""
    cards = list(csv.DictReader(judged(tmp_path)[1].open(encoding="utf-8")))
    proposals = {(card["case"], card["rule"]) for card in cards if card["what"] == "proposal"}
    held = {card["held_by"] for card in cards if card["rule"] == "L02"}

    assert ("mingdeng/unit/unit-0", "L03") in proposals
    assert {case for case, rule in proposals if rule == "L04"} >= {"mingdeng/person/o0"}
    assert held <= {f"o{n} 100%" for n in range(4)}


def test_only_what_began_in_the_window_is_counted(tmp_path: Path) -> None:
    """Cases are judged from their beginning all the same."""
    everything = told(judged(tmp_path)[0])
    mapping, out = tmp_path / "licences.yaml", tmp_path / "late.json"
    window = ["--from", "2024-03-01", "--to", "2024-06-30"]

    assert (
        run(["backtest", str(law(tmp_path)), *window, "--source", str(mapping), "--format", "json", "--out", str(out)])
        == 0
    )

    late = [row for row in told(out)["rows"] if row["month"]]
    assert late == [row for row in everything["rows"] if str(row["month"]) >= "2024-03"]
    assert told(out)["cases"] == 40


def test_a_case_is_judged_as_known_at_the_end(tmp_path: Path) -> None:
    """What happened after --to is not known yet."""
    mapping, out = source(tmp_path, rows()), tmp_path / "early.json"
    window = ["--from", "2024-01-01", "--to", "2024-01-10T12:00"]

    assert (
        run(["backtest", str(law(tmp_path)), *window, "--source", str(mapping), "--format", "json", "--out", str(out)])
        == 0
    )
    assert told(out)["cases"] == 2


def test_two_rulebooks_differ_where_their_limits_do(tmp_path: Path, capsys: Captured) -> None:
    """Cards of one side only, and the cases whose light at the end is another."""
    shorter = tmp_path / "other"
    shorter.mkdir()
    out, _ = judged(tmp_path, "--against", law(shorter, limit="30 workdays"))
    said = told(out)
    cards = [row for row in said["rows"] if row["what"] == "card" and row["rule"] == "L02"]

    assert all((row["count"], row["against"]) == (row["only_here"], row["only_there"]) for row in cards)
    assert sum(int(row["difference"]) for row in cards) == -14
    assert {(each["light"], each["against"]) for each in said["differing"]} == {("red", "green")}
    assert len(said["differing"]) == 14
    assert "14 cases have another light" in capsys.readouterr().err


def test_the_same_law_on_both_sides_differs_nowhere(tmp_path: Path) -> None:
    """Every difference is nought, and no case has another light."""
    twin = tmp_path / "twin"
    twin.mkdir()
    said = told(judged(tmp_path, "--against", law(twin))[0])

    assert not said["differing"]
    assert {(row["difference"], row["only_here"], row["only_there"]) for row in said["rows"]} == {(0, 0, 0)}


def test_two_profiles_of_one_rulebook_differ_in_their_cards(tmp_path: Path) -> None:
    """The lights are the same: a profile changes consequences, never a condition."""
    profile = tmp_path / "strict.yaml"
    profile.write_text("profile: strict\ntitle: {zh: 严, en: strict}\nrules: {L02: {card: red}}\n", encoding="utf-8")
    said = told(judged(tmp_path, "--against-profile", profile)[0])
    cards = [row for row in said["rows"] if row["what"] == "card" and row["rule"] == "L02"]

    assert {row["colour"]: sum(int(r["difference"]) for r in cards if r["colour"] == row["colour"]) for row in cards} == {
        "red": 14, "yellow": -14,
    }  # fmt: skip
    assert not said["differing"]


def test_the_ledger_gives_what_the_file_gives(tmp_path: Path) -> None:
    """Events that the ledger took in, corrected ones in their last version, without its own cards and feeds."""
    events = events_of(tmp_path, rows())
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    ledger.upgrade()
    wrong = [event for event in events if event.name == "completed"][0:1]
    ledger.append(Batch(source="licences", events=tuple(_early(event) for event in wrong), rows=1), TO)
    ledger.append(Batch(source="licences", events=tuple(events), rows=len(events)), TO)

    streamed = [event for _, part in views.standing_events(ledger, chunk=7) for event in part]
    from_ledger = outcome_of(tmp_path, streamed, name="ledger")
    ledger.close()

    assert views.case_count(ledger) == 40
    assert rows_of(from_ledger, str) == rows_of(outcome_of(tmp_path, events, name="file"), str)


def _early(event: CaseEvent) -> CaseEvent:
    return replace(event, occurred_at=(event.occurred_at or 0) - 86_400)


def test_without_a_source_the_settings_ledger_is_judged(
    deployment: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the law of the settings, and by another rulebook where one is named."""
    monkeypatch.chdir(deployment)
    assert run(["db", "upgrade"]) == 0
    ledger = Ledger(f"sqlite:///{deployment / 'var' / 'mingdeng.sqlite3'}")
    events = events_of(deployment, rows(4))
    ledger.append(Batch(source="licences", events=tuple(events), rows=len(events)), TO)
    ledger.close()
    out = deployment / "ledger.json"

    assert run(["backtest", str(law(deployment)), *WINDOW, "--format", "json", "--out", str(out)]) == 0
    assert told(out)["cases"] == 4


def test_a_rulebook_with_a_fault_is_refused_before_anything_is_read(tmp_path: Path, capsys: Captured) -> None:
    """On either side."""
    broken = law(tmp_path, "broken.yaml", card="purple")

    assert (
        run(
            ["backtest", str(law(tmp_path)), *WINDOW, "--against", str(broken), "--source", str(tmp_path / "none.yaml")]
        )
        == 1
    )
    assert "broken.yaml" in capsys.readouterr().err


def test_an_interrupted_work_folder_without_its_cases_is_read_again(tmp_path: Path) -> None:
    """The sorted input is only a means: it is made anew from the source each time."""
    work = tmp_path / "work"
    whole = judged(tmp_path, "--work", work)[0].read_bytes()
    shutil.rmtree(work / "cases")

    assert judged(tmp_path, "--work", work)[0].read_bytes() == whole
