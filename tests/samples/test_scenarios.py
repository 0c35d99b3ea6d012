"""The detection scenarios (domain.md annex A4): each violation is found by its code at its instant, and nothing else is."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from daemon.cli.entry import run
from daemon.rehearsal.county import Rehearsed, rehearse
from samples.county.scenarios import deal
from samples.county.scenarios.deal import Expected
from samples.county.scenarios.limits import near_and_over
from samples.county.scenarios.scenario import LOOK_ALIKES
from samples.county.scenarios.score import ORDINARY, Score, score
from samples.county.scenarios.worktime import DAY, advance, close_after, worked
from samples.county.workdays import later, wall
from tests.stories.clock import at

SEEDS = (31, 4_711)
CASES = 600


class Dealt:
    """One county, what is true of it, and what the product made of it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        deal.make(folder, seed, CASES)
        self.truth = deal.read_truth(folder)
        self.made: Rehearsed = rehearse(folder, deal.judged_at(folder), lambda _: None)

    def score(self, findings: list[tuple[str, str, int]] | None = None) -> Score:
        """Return the score of the findings, of the product's own if none are given."""
        found = [(each.case_no, each.rule, each.at) for each in self.made.found] if findings is None else findings
        return score(self.truth, found, self.made.unchanged())


@cache
def dealt(folder: Path, seed: int) -> Dealt:
    """Return the county of a seed, dealt and judged once."""
    return Dealt(folder / f"county-{seed}" / "dealt", seed)


@pytest.fixture(params=[pytest.param(seed, marks=pytest.mark.xdist_group(f"county {seed}")) for seed in SEEDS])
def county(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Dealt:
    """The county of each seed; one worker looks at one seed."""
    return dealt(tmp_path_factory.getbasetemp(), request.param)


def test_every_scenario_is_found_by_its_code_at_its_instant_and_nothing_else_fires(county: Dealt) -> None:
    """Annex A4: "each: inject, expect the code, expect nothing else"; ordinary cases are held to it, too."""
    assert county.made.faults == []
    result = county.score()
    assert {row.scenario: row.wrong for row in result.rows if row.wrong} == {}
    assert (result.precision, result.recall) == (1.0, 1.0)
    assert result.perfect


def test_there_are_24_scenarios_each_with_a_violation_among_20_look_alikes(county: Dealt) -> None:
    rows = [row for row in county.score().rows if row.scenario != ORDINARY]
    assert len(rows) == 24
    assert {row.scenario: row.found for row in rows if row.found != row.injected or not row.injected} == {}
    assert all(row.look_alikes >= LOOK_ALIKES for row in rows)
    assert county.score().absent == ()


def test_three_cards_are_revoked_by_the_corrected_calendar_and_no_other(county: Dealt) -> None:
    """Domain 3.5, item 23: wrongly issued cards are revoked automatically when a calendar is corrected."""
    revoked = Counter(each.rule for each in county.made.found if "revoked" in each.rule)
    assert revoked == {"T04 revoked: calendar_corrected": 3}


def test_a_feed_that_comes_twice_or_backwards_changes_nothing(county: Dealt) -> None:
    assert county.made.unchanged() == {
        "duplicated delivery of a whole day's feed": True, "rows in reverse order": True,
    }  # fmt: skip


def test_a_finding_that_is_lost_moved_by_a_second_or_made_up_spoils_the_score(county: Dealt) -> None:
    found = [(each.case_no, each.rule, each.at) for each in county.made.found]
    assert not county.score(found[1:]).perfect
    assert not county.score([(found[0][0], found[0][1], found[0][2] + 1), *found[1:]]).perfect
    invented = county.score([*found, ("SP99999", "T04", 0)])
    assert (invented.false, invented.missed, invented.recall) == (1, 0, 1.0)
    assert invented.precision < 1


def test_states_that_differ_count_as_a_violation_that_was_missed() -> None:
    truth = (Expected("A", "rows in reverse order", "look-alike", "", ()),)
    rows = {row.scenario: row for row in score(truth, [], {"rows in reverse order": False}).rows}
    assert (rows["rows in reverse order"].injected, rows["rows in reverse order"].found) == (1, 0)
    assert rows["rows in reverse order"].missed == 1


def test_what_has_no_mechanism_is_named_and_never_counted_as_found() -> None:
    truth = (Expected("A", "red card with no consequence", "violation", "", (("A06", 5),)),)
    result = score(truth, [], {}, frozenset({"A06"}))
    row = next(row for row in result.rows if row.scenario == "red card with no consequence")
    assert (row.found, row.missed, row.absent) == (0, 0, ("A06",))
    assert result.absent == ("red card with no consequence",)
    assert not result.perfect


def test_the_same_seed_deals_the_same_county_and_another_seed_another(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder, seed in zip(folders, (5, 5, 6), strict=True):
        deal.make(folder, seed, 10)
    one, two, three = ({p.relative_to(f): p.read_bytes() for p in f.rglob("*.*")} for f in folders)
    assert one == two
    assert one != three


def test_violations_move_from_seed_to_seed_across_holidays() -> None:
    """An unseen seed is a real test: no instant that is owed comes again with another seed."""
    first, second = ({owed for dossier in deal.deal(seed, 0).dossiers for owed in dossier.owed} for seed in (5, 6))
    assert len(first) > 100
    assert not first & second


def test_the_simulators_own_arithmetic_agrees_with_the_law_of_time() -> None:
    """Domain annex A2, rows 12, 19: a nine-day holiday with make-up days before and after it."""
    friday = at("2026-02-13 10:00:00")
    assert wall(advance(friday, DAY)) == "2026-02-14 10:00:00"
    assert wall(advance(friday, 5 * DAY)) == "2026-02-27 10:00:00"
    assert wall(close_after(friday, 5)) == "2026-02-27 23:59:59"
    assert worked(friday, advance(friday, 5 * DAY)) == 5 * DAY
    pause = (at("2026-02-14 00:00:00"), at("2026-02-24 10:00:00"))
    assert advance(friday, DAY, [pause]) == at("2026-02-24 20:00:00")


def test_reminders_come_as_the_default_profile_says() -> None:
    """Domain 4.1: at 80 % or in the last two working days, never before half; near at 90 %; over a second later."""
    begin = at("2026-03-02 10:00:00")
    owed = {each.code: wall(each.at) for each in near_and_over(begin, later(begin, 12), 10, 20)}
    assert owed == {"T03A": "2026-03-12 10:00:00", "T03": "2026-03-13 10:00:00", "T04": "2026-03-16 10:00:01"}
    assert near_and_over(begin, later(begin, 8), 10, 20) == []
    short = {each.code: wall(each.at) for each in near_and_over(begin, later(begin, 5), 5, 20)}
    assert short["T03A"] == "2026-03-05 10:00:01"


def test_a_county_is_dealt_and_scored_at_the_command_line(county: Dealt, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sample", "make", str(county.folder)]) == 1
    assert "not empty" in capsys.readouterr().err
    assert run(["sample", "score", str(county.folder.parent / "nowhere")]) == 1
    told = capsys.readouterr().err
    assert "sample make" in told
    assert "Traceback" not in told


def test_a_score_that_is_not_perfect_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Here most of the feeds are lost, and every play."""
    deal.make(tmp_path / "county", 5, 0)
    for lost in (*(tmp_path / "county" / "plays").glob("*/play.json"), *sorted(tmp_path.rglob("applications-*"))[2:]):
        lost.unlink()
    assert run(["sample", "score", str(tmp_path / "county")]) == 1
    out = capsys.readouterr().out
    assert "over-charge by 1 fen" in out
    assert "recall" in out
    assert "recall 100.00%" not in out


def test_the_examiner_knows_nothing_of_the_product() -> None:
    code = (
        "import sys, samples.county.scenarios.deal, samples.county.scenarios.score\n"
        "own = {'rules', 'connectors', 'alerts', 'ledger', 'console', 'daemon'}\n"
        "print(sorted(own & {name.split('.')[0] for name in sys.modules}))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"
