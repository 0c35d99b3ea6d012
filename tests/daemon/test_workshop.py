"""The workshop that the console is lent: a back-test over a sample, with progress, and stopped when it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.base import Batch
from daemon.bootstrap import law_of
from daemon.lawinforce import LawInForce
from daemon.sampling import sampled
from daemon.settingsfile import load_settings
from daemon.workshop import Bench
from ledger import Ledger, views
from rules.facts import CaseEvent
from rules.problems import UserError
from tests.daemon.test_publishing import fill, ledger_of, office
from tests.lawtexts import CORRECTED, OWN

__all__ = ["office"]

NOW = 1_800_000_000


@contextmanager
def bench_of(folder: Path) -> Iterator[Bench]:
    """Give the workshop of a deployment, over its ledger."""
    fill(folder)
    settings = load_settings(folder / "mingdeng.toml")
    ledger = ledger_of(folder)
    law = LawInForce(settings.rules, ledger, law_of(settings))
    try:
        yield Bench(settings, ledger, law, lambda: NOW)
    finally:
        law.close()
        ledger.close()


def test_a_back_test_of_all_cases_says_who_would_be_carded_and_how_far_it_is(office: Path) -> None:
    """A new version is tried as if it had been in force instead of the one that is, as the command line does."""
    text = OWN.replace("version: 1", "version: 2").replace("from: 2018-01-01", "from: 2099-01-01")
    strict = text.replace("7 workdays", "10 minutes").replace("2018-10-24 10:00:0", "2099-10-15 10:10:0")
    told: list[tuple[int, int]] = []

    def going(done: int, asked: int) -> bool:
        told.append((done, asked))
        return True

    with bench_of(office) as bench:
        found = bench.backtest(strict.replace("2018-10-15", "2099-10-15"), "first", going)
    assert found is not None
    assert (found.cases, found.every, found.cards) == (2, 2, (1, 2))
    assert [str(card.case_id) for card in found.carded] == ["licences/application/L2"]
    assert (found.spared, found.lights) == ((), 1)
    assert told == [(0, 2), (2, 2)]


def test_a_back_test_that_is_told_to_stop_brings_nothing(office: Path) -> None:
    with bench_of(office) as bench:
        assert bench.backtest(CORRECTED, "first", lambda _done, _asked: False) is None


def test_a_sample_is_spread_evenly_over_the_cases_and_no_larger_than_asked(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'l.sqlite3'}")
    ledger.upgrade()
    events = tuple(
        CaseEvent(
            source="s", event_id=f"{n:03}", version=1, namespace="s", kind="application", case_no=f"{n:03}",
            name="accepted", occurred_at=NOW - 1, data={},
        )
        for n in range(100)
    )  # fmt: skip
    ledger.append(Batch(source="s", events=events, cursor={}), NOW)
    found = [event.case_no for chunk in views.sampled_events(ledger, 10, 4) for event in chunk]
    assert found == [f"{n:03}" for n in range(0, 100, 10)]
    assert [len(chunk) for chunk in views.sampled_events(ledger, 34, 20)] == [20, 14]
    assert len(next(iter(views.sampled_events(ledger, 1_000, 1_000)))) == 100
    ledger.close()


def test_a_sample_leaves_out_what_needs_all_cases(office: Path) -> None:
    with bench_of(office) as bench, bench._desk("first") as desk:  # the law's files of this deployment
        files = desk.files()
        found = sampled(bench.ledger, files, files, NOW, lambda _done, _asked: True, limit=1)
    assert found is not None
    assert (found.cases, found.every, found.carded, found.spared, found.lights) == (1, 2, (), (), 0)


def test_texts_in_force_and_those_beneath_them_are_told_apart(office: Path) -> None:
    with bench_of(office) as bench:
        assert [(file.name, file.version, file.published) for file in bench.files() if file.kind == "rulebook"] == [
            ("own", 1, False)
        ]
        held = bench.hold(CORRECTED, "first")
        number = bench.ledger.propose_law(held.law, "first", NOW)
        bench.ledger.approve_law(number, "second", NOW)
        (now,) = [file for file in bench.files() if file.kind == "rulebook"]
        (ground,) = [file for file in bench.ground() if file.kind == "rulebook"]
        assert (now.published, now.text) == (True, CORRECTED)
        assert (ground.published, ground.text) == (False, OWN)
        assert [each.item.code for each in bench.items().entries] != []


@pytest.mark.parametrize(("name", "content"), [("t.csv", b"a,b\n1,2\n"), ("t.xlsx", b"not a workbook")])
def test_a_table_that_cannot_be_read_is_refused(office: Path, name: str, content: bytes) -> None:
    with bench_of(office) as bench, pytest.raises(UserError):
        bench.import_items("catalogue: x\ncode: 编码\n", name, content, "first")
