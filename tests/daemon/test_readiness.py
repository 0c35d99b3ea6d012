"""Ready means: the ledger at head, every duty done lately, nothing red that stops the work."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.duties.watch import Concern
from daemon.readiness import troubles
from ledger import Ledger
from rules.judgement import Light

DUTIES = {"review": 15, "notify": 600, "ingest:water": 5}
NOW = 1_700_000_000


def test_a_duty_that_was_never_done_or_long_ago_is_named(ledger: Ledger) -> None:
    """Three intervals are the patience, a minute at least; sources do not count."""
    assert troubles(ledger, DUTIES, (), NOW) == (
        "the duty 'review' has not been done yet", "the duty 'notify' has not been done yet",
    )  # fmt: skip

    ledger.heartbeat("review", NOW, ok=True)
    ledger.heartbeat("notify", NOW, ok=True)

    assert troubles(ledger, DUTIES, (), NOW + 60) == ()
    assert troubles(ledger, DUTIES, (), NOW + 61) == ("the duty 'review' was last done 61 s ago",)

    ledger.heartbeat("review", NOW + 61, ok=False)

    assert len(troubles(ledger, DUTIES, (), NOW + 61)) == 1


@pytest.mark.parametrize(("code", "stops"), [("disk", True), ("clock", True), ("calendar", False), ("backlog", False)])
def test_only_what_stops_the_work_makes_it_unready(ledger: Ledger, code: str, stops: bool) -> None:
    """A calendar that ends in sixty days is red on the page, and no reason to take the daemon out of service."""
    concern = Concern(code, Light.RED, "It is red.", "红。")

    assert troubles(ledger, {}, (concern,), NOW) == (("It is red.",) if stops else ())
    assert troubles(ledger, {}, (Concern(code, Light.GREEN, "", ""),), NOW) == ()


def test_a_ledger_that_is_not_at_head_is_named(tmp_path: Path) -> None:
    """Nothing is asked of tables that are not there."""
    bare = Ledger(f"sqlite:///{tmp_path / 'bare.sqlite3'}")

    assert len(troubles(bare, DUTIES, (), NOW)) == 1

    bare.close()
