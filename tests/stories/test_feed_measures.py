"""What a source's arrivals tell of it: lateness, missing fields, versions that go backwards; never of its first load."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.routes import Recipient, Routes
from connectors.base import Batch, QuarantinedRow
from daemon.duties.ingest import lag_hours
from daemon.law import Law, read_law
from ledger import Ledger, views
from rules.facts import CaseEvent, CaseId
from tests.stories.clock import at
from tests.stories.reference import judging

OWN = {"D01L", "D02", "D05V"}


class Feed:
    """A ledger into which one source reports."""

    def __init__(self, folder: Path) -> None:
        self.law: Law = read_law()
        self.ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite3'}")
        self.ledger.upgrade()
        self.review = judging(
            self.ledger, self.law, Routes(owner=(Recipient(name="监察", channel="hook", address="a"),))
        )

    def brings(self, now: str, *happened: str, more: bool = False, version: int = 1, missing: int = 0) -> None:
        """Take in an event of each of these instants, and twenty rows of which so many lack a required field."""
        events = tuple(_event(when, version) for when in happened)
        lacking = tuple(_lacking(number) for number in range(missing))
        batch = Batch(source="halls", events=events, quarantined=lacking, rows=20, more=more)
        self.ledger.append(batch, at(now), lag_hours(self.law.default_calendar))
        self.review.run_once(at(now))

    def rules(self) -> set[str]:
        """Return what is found of the source's reporting as it stands."""
        view = views.case(self.ledger, CaseId("mingdeng", "feed", "halls"))
        assert view is not None
        assert view.judgement is not None
        return {span.rule for span in view.judgement.spans if span.until_at is None} & OWN


def _event(when: str, version: int) -> CaseEvent:
    return CaseEvent(
        source="halls", event_id=when, version=version, namespace="county", kind="application", case_no=when,
        name="received", occurred_at=at(when), data={"unit": "market"},
    )  # fmt: skip


def _lacking(number: int) -> QuarantinedRow:
    return QuarantinedRow(
        source="halls",
        place=f"drop-{number}.csv",
        row=number,
        column="unit",
        code="value/missing",
        en="-",
        zh="-",
        raw={},
    )


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[Feed]:
    made = Feed(tmp_path)
    yield made
    made.ledger.close()


def test_a_first_load_of_old_data_is_not_late_however_many_batches_it_takes(feed: Feed) -> None:
    feed.brings("2024-09-24 09:00:00", "2023-01-03 10:00:00", more=True)
    feed.brings("2024-09-24 09:00:00", "2023-01-04 10:00:00", more=True)
    feed.brings("2024-09-24 09:10:00", "2023-01-05 10:00:00")
    assert feed.rules() == set()


def test_what_comes_later_than_a_day_after_the_first_load_is_late_and_a_holiday_is_no_delay(feed: Feed) -> None:
    feed.brings("2024-09-24 09:00:00", "2023-01-03 10:00:00")
    feed.brings("2024-10-08 09:00:00", "2024-09-30 16:00:00")
    assert feed.rules() == set()
    feed.brings("2024-10-10 09:00:00", "2024-10-09 09:00:01")
    assert feed.rules() == set()
    feed.brings("2024-10-10 10:00:00", "2024-10-09 09:00:02", "2024-10-09 09:00:03")
    assert feed.rules() == {"D01L"}
    feed.brings("2024-10-10 11:00:00", "2024-10-10 10:00:01")
    assert feed.rules() == set()


def test_missing_fields_and_versions_that_go_backwards_are_told_of_the_source(feed: Feed) -> None:
    feed.brings("2024-09-24 09:00:00", "2024-09-23 10:00:00", version=3)
    feed.brings("2024-09-24 10:00:00", "2024-09-23 10:00:00", version=4, missing=1)
    assert feed.rules() == {"D02"}
    feed.brings("2024-09-24 11:00:00", "2024-09-23 10:00:00", version=2)
    assert feed.rules() == {"D05V"}
    feed.brings("2024-09-24 12:00:00", "2024-09-23 10:00:00", version=2)
    feed.brings("2024-09-24 13:00:00", "2024-09-24 12:30:00")
    assert feed.rules() == set()
