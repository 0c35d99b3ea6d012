"""The product, reading the county's three systems as any other source, finds exactly what the county planted."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.registry import load_source, open_connector
from daemon.settingsfile import load_settings
from rules.calendarbook import open_calendars
from rules.catalogue import load_catalogue
from rules.context import Context
from rules.engine.direct import DirectEngine
from rules.facts import CaseEvent, CaseId, fold
from rules.judgement import Judgement, Truth
from rules.loader import load_books
from rules.review import review
from samples.county import score, truth
from samples.county.departments import UNIT
from samples.county.run import County, prepare
from samples.county.workdays import instant

WEDNESDAY_MORNING = instant(dt.date(2026, 6, 10), 10 * 3600)
HOLIDAY_NIGHT = instant(dt.date(2026, 10, 4), 23 * 3600)


@pytest.fixture(params=[WEDNESDAY_MORNING, HOLIDAY_NIGHT], ids=["a Wednesday morning", "a holiday at night"])
def county(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[County]:
    now: int = request.param
    county = prepare(tmp_path / "county", size=300, now=now)
    county.serve(clock=lambda: now, every=3_600)
    yield county
    county.stop()


def events_of(county: County, source: str) -> list[CaseEvent]:
    spec = load_source(county.home / "sources" / f"{source}.yaml")
    secret = (county.home / "secrets" / "housing_token").read_text(encoding="utf-8")
    connector = open_connector(spec, {"housing_token": secret}, county.home)
    batches = list(connector.fetch({}, county.diary.fed_until))
    connector.close()
    assert [row for batch in batches for row in batch.quarantined] == []
    return [event for batch in batches for event in batch.events]


def judged(county: County) -> tuple[Judgement, ...]:
    cases: defaultdict[CaseId, list[CaseEvent]] = defaultdict(list)
    for source in ("housing", "licensing", "contacts"):
        for event in events_of(county, source):
            cases[event.case_id].append(event)
    catalogue = load_catalogue(county.home / "items.yaml")
    context = Context(load_books(), open_calendars(), DirectEngine(), catalogue)
    found = review([fold(*case) for case in cases.items()], context, 0, county.diary.fed_until)
    assert found.lost == ()
    return found.judgements


def findings(county: County) -> list[dict[str, object]]:
    now = county.diary.fed_until
    return [
        {
            "case_no": judgement.case_id.case_no,
            "rules": [
                span.rule
                for span in judgement.spans
                if span.truth is Truth.TRUE and span.from_at <= now and (span.until_at is None or now < span.until_at)
            ],
        }
        for judgement in judged(county)
    ]


def test_the_shipped_rules_find_every_planted_breach_and_nothing_else(county: County) -> None:
    scores = score.score(truth.read(county.home), findings(county), county.diary.fed_until)
    assert {s.rule: s.wrong for s in scores if s.wrong} == {}
    assert sum(s.right for s in scores) > 40


def test_breaches_that_fall_due_while_one_watches_are_found_too(county: County) -> None:
    begun = county.diary.began_at
    for minute in range(1, 41):
        county.feed(begun + minute * 60)
    scores = score.score(truth.read(county.home), findings(county), county.diary.fed_until)
    assert {s.rule: s.wrong for s in scores if s.wrong} == {}


def test_every_case_has_one_of_the_countys_units(county: County) -> None:
    assert {judgement.unit for judgement in judged(county)} == set(UNIT)


def test_the_countys_settings_are_accepted_as_they_are(county: County) -> None:
    settings = load_settings(county.config)
    assert len(settings.sources) == 3
    assert {channel.kind for channel in settings.channels.values()} == {"maildir"}
    assert {route.unit for route in settings.routes} == set(UNIT)
