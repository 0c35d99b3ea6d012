"""The case of a source never ends; the ledger keeps its reviews short and its past unchanged."""

from __future__ import annotations

from msgspec.structs import replace
from sqlalchemy import text

from ledger import Ledger, views
from ledger.claims import FEED_EVENTS
from rules.facts import CaseId
from rules.judgement import Light
from tests.contracts.ledger_parts.builders import NOW, append, judged, span

FEED = CaseId("mingdeng", "feed", "approvals")


def test_a_feed_is_judged_by_its_latest_runs(sqlite_ledger: Ledger) -> None:
    runs = FEED_EVENTS + 20
    for run in range(runs):
        append(sqlite_ledger, now=NOW + run * 600)
    (held,) = sqlite_ledger.claim(NOW + runs * 600)
    assert len(held.case.events) == FEED_EVENTS
    assert held.case.events[-1].occurred_at == NOW + (runs - 1) * 600


def test_a_silence_that_is_no_longer_reviewed_stays_recorded(sqlite_ledger: Ledger) -> None:
    past, open_ = span(Light.RED, NOW - 900, NOW - 300, rule="D01"), span(Light.RED, NOW - 60, rule="D01")
    for minute, spans in enumerate(([past, open_], [])):
        append(sqlite_ledger, now=NOW + minute * 600)
        (held,) = sqlite_ledger.claim(NOW + minute * 600)
        sqlite_ledger.record([judged(held, Light.GREEN, spans=spans)], NOW + minute * 600)
    story = views.case(sqlite_ledger, FEED)
    assert story is not None
    assert story.judgement is not None
    assert story.judgement.spans == (past,)


def test_a_clock_that_starts_anew_with_every_run_is_no_change_of_the_light(sqlite_ledger: Ledger) -> None:
    for ordinal in range(1, 4):
        now = NOW + ordinal * 600
        append(sqlite_ledger, now=now)
        (held,) = sqlite_ledger.claim(now)
        result = judged(held, Light.GREEN)
        again = replace(result, judgement=replace(result.judgement, ordinal=ordinal))
        sqlite_ledger.record([again], now)
    with sqlite_ledger.store.reading() as connection:
        assert connection.execute(text("select count(*) from judgements")).scalar_one() == 1
