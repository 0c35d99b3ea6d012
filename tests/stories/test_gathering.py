"""Facts over many cases, gathered by the daemon and by a back-test alike: peers, batches, and a new number for an old case."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from alerts.routes import Recipient, Routes
from connectors.base import Batch
from daemon.backtesting import LawFiles
from daemon.duties.gather import Gather
from daemon.law import Law, read_law
from ledger import Ledger, views
from rules.backtest import Plan, backtest
from rules.facts import CaseEvent, Instant
from rules.gathering import KINDS, terms_of, with_gathered
from rules.loader import BOOKS
from rules.shards import ShardWriter
from tests.stories.clock import at
from tests.stories.reference import judging

OWNER = Recipient(name="纪检监察室", channel="hook", address="owner")
CLOSED = at("2024-10-01 00:00:00")
ODD, OTHERS = "odd", tuple(f"u{number}" for number in range(6))


def event(case: str, name: str, when: Instant, entered: Instant | None = None, **said: str) -> CaseEvent:
    """Return an event of an application; its source is its case's own."""
    return CaseEvent(
        source="halls", event_id=f"{case}/{name}", namespace="county", kind="application", case_no=case, name=name,
        occurred_at=when, inserted_at=entered, data=said,
    )  # fmt: skip


def quarter(unit: str, returned: int) -> Iterator[CaseEvent]:
    """Yield twenty cases of a unit in the third quarter, so many of them returned on the second day."""
    for number in range(20):
        begun = at("2024-07-08 10:00:00") + number * 86_400
        case = f"{unit}-{number}"
        yield event(case, "accepted", begun, unit=unit, item="food")
        yield event(case, "returned" if number < returned else "completed", begun + 90_000, reason="材料不全")


def bulk(unit: str, cases: int, seconds: int) -> Iterator[CaseEvent]:
    """Yield finished cases of a unit that were entered one after the other, so many seconds apart."""
    for number in range(cases):
        entered, case = at("2024-09-24 15:00:00") + number * seconds, f"{unit}-b{number}"
        yield event(case, "accepted", at("2024-09-20 10:00:00") + number, entered, unit=unit, item="food")
        yield event(case, "completed", at("2024-09-23 10:00:00") + number, entered, unit=unit)


PEERS = [
    *quarter(ODD, 9),
    *(made for number, unit in enumerate(OTHERS) for made in quarter(unit, number % 3)),
]
BATCHES = [*bulk("backfill", 40, 3), *bulk("steady", 40, 60)]
RENUMBERED = [
    event("N1", "accepted", at("2024-09-02 10:00:00"), applicant="a", item="food", unit="u0"),
    event("N1", "returned", at("2024-09-04 10:00:00"), reason="材料不全"),
    event("N2", "accepted", at("2024-09-06 10:00:00"), applicant="a", item="food", unit="u0"),
    event("N2", "completed", at("2024-09-07 10:00:00")),
]


@lru_cache(maxsize=1)
def shipped_law() -> Law:
    """Return the whole law, read once for all stories."""
    return read_law()


class Living:
    """A ledger whose duties are run at given instants."""

    def __init__(self, folder: Path) -> None:
        law = shipped_law()
        self.ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite3'}")
        self.ledger.upgrade()
        self.review = judging(self.ledger, law, Routes(owner=(OWNER,)))
        self.gather = Gather(self.ledger, lambda: terms_of(law.calendars, law.default_calendar, law.catalogue))

    def take(self, *events: CaseEvent, now: Instant) -> None:
        """Take events in and do what is due."""
        self.ledger.append(Batch(source="halls", events=events, rows=len(events)), now)
        self.work(now)

    def work(self, now: Instant) -> None:
        """Judge, gather, and judge what was gathered."""
        self.gather.run_once(now)
        self.review.run_once(now)

    def cards(self, *rules: str) -> set[tuple[str, str, str]]:
        """Return case, unit and rule of the cards of these rules that are not revoked."""
        found = (line.card for line in views.latest_cards(self.ledger, limit=5_000))
        return {
            (str(card.case_id), card.unit, card.rule)
            for card in found
            if card.rule in rules and card.state.value != "revoked"
        }


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Living]:
    """Return a ledger with its duties; it is closed at the end."""
    made = Living(tmp_path)
    yield made
    made.ledger.close()


def test_a_unit_beyond_its_peers_is_asked_once_the_quarter_is_over_and_the_others_are_not(living: Living) -> None:
    """At the last second of the quarter nobody is compared; one second later the one that returns too often is."""
    living.take(*PEERS, now=CLOSED - 1)
    assert living.cards("WD05", "WD06", "S07") == set()
    assert living.gather.next_at(CLOSED - 1) == CLOSED

    living.work(CLOSED)
    assert living.cards("WD05", "WD06", "S07") == {(f"mingdeng/unit/{ODD}", ODD, "WD05")}


def test_no_more_windows_are_held_at_once_than_memory_is_meant_for(
    living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window that is larger than that comes alone; all of them are told in the end."""
    monkeypatch.setattr("ledger.gathering.MOST_GISTS", 1)
    living.ledger.append(Batch(source="halls", events=tuple(PEERS), rows=len(PEERS)), CLOSED - 1)
    living.gather.run_once(CLOSED - 1)
    assert len(living.ledger.due_windows(CLOSED)) == 1
    living.work(CLOSED)
    assert living.ledger.due_windows(CLOSED) == ()
    assert living.cards("WD05") == {(f"mingdeng/unit/{ODD}", ODD, "WD05")}


def test_cases_entered_together_are_a_batch_of_their_unit_and_cases_a_minute_apart_are_not(living: Living) -> None:
    """Forty in two minutes; the rulebook says that twenty within five minutes are too many."""
    living.take(*BATCHES, now=CLOSED - 1)
    assert living.cards("P05") == {
        ("mingdeng/batch/entered_together/2024-09-24/backfill/1", "backfill", "P05"),
    }


def test_a_new_number_for_a_case_that_was_returned_is_seen_on_the_new_case(living: Living) -> None:
    """Whichever of the two arrives first."""
    living.take(*RENUMBERED[-2:], now=CLOSED - 2)
    assert living.cards("WD03") == set()
    living.take(*RENUMBERED[:-2], now=CLOSED - 1)
    assert living.cards("WD03") == {("county/application/N2", "u0", "WD03")}


def test_what_no_longer_follows_is_retracted_and_its_card_is_revoked(living: Living) -> None:
    """The returned case turns out to be another applicant's; nothing is gathered twice."""
    living.take(*RENUMBERED, now=CLOSED - 2)
    assert living.cards("WD03") == {("county/application/N2", "u0", "WD03")}
    assert living.gather.run_once(CLOSED - 2).events == 0
    other = event("N1", "accepted", at("2024-09-02 10:00:00"), applicant="b", item="food", unit="u0")
    living.take(other, now=CLOSED - 1)
    assert living.cards("WD03") == set()


def test_a_back_test_gathers_the_same(living: Living, tmp_path: Path) -> None:
    """From the same events, in any order and told twice, the same cards on units, batches and cases."""
    events = [*PEERS, *BATCHES, *RENUMBERED]
    living.take(*events, now=CLOSED - 1)
    living.work(CLOSED)

    law = LawFiles.of([BOOKS / "withdrawal.yaml", BOOKS / "process.yaml", BOOKS / "clock-manipulation.yaml"])
    with ShardWriter(tmp_path / "cases") as writer:
        for told in (*reversed(events), *events):
            writer.take(told)
        shards = writer.close()
    read = law.read()
    terms = terms_of(read.calendars, read.default_calendar)
    full = with_gathered(shards, tmp_path / "cases", KINDS, terms, CLOSED)
    cards = backtest(Plan((law,), 0, CLOSED), full, tmp_path / "parts").halves[0].cards
    rules = ("WD03", "WD05", "WD06", "S07", "P05")
    found = {(str(card.case_id), card.unit, card.rule) for card in cards if card.rule in rules}
    assert found == living.cards(*rules)
    assert {rule for _, _, rule in found} == {"WD03", "WD05", "P05"}
