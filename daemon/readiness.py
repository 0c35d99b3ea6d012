"""Whether the daemon is ready: the ledger at head, every duty done lately, nothing red in the watch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from daemon.duties.sweep import ESCALATION
from daemon.duties.watch import CHANNELS, Concern
from ledger import Ledger, views
from rules.facts import Instant
from rules.judgement import Light
from rules.problems import UserError

PATIENCE: Final = 3
"""How many intervals a duty may be late before it counts as standing still."""

LEAST_PATIENCE_SECONDS: Final = 60


def troubles(ledger: Ledger, duties: Mapping[str, int], concerns: Sequence[Concern], now: Instant) -> tuple[str, ...]:
    """Return a sentence for each thing that keeps the daemon from being ready.

    A source that fails is no such thing: it is shown grey, and the others go on. Nor is a calendar that ends soon.
    """
    try:
        ledger.check()
        last = views.figures(ledger).duty_last_success
    except UserError as error:
        return tuple(problem.sentence("en") for problem in error.problems)
    except (SQLAlchemyError, OSError) as error:
        return (f"the ledger cannot be read: {type(error).__name__}",)
    return (*_late(last, duties, now), *_red(concerns))


def _late(last: Mapping[str, Instant], duties: Mapping[str, int], now: Instant) -> Iterator[str]:
    for duty, interval in duties.items():
        if duty.startswith("ingest:"):
            continue
        patience = max(PATIENCE * interval, LEAST_PATIENCE_SECONDS)
        if duty not in last:
            yield f"the duty '{duty}' has not been done yet"
        elif now - last[duty] > patience:
            yield f"the duty '{duty}' was last done {now - last[duty]} s ago"


def _red(concerns: Sequence[Concern]) -> Iterator[str]:
    for concern in concerns:
        out_of_order = concern.code == CHANNELS and concern.light is Light.RED
        if out_of_order or (concern.code in {"disk", "clock", "law", ESCALATION} and concern.light.gravity):
            yield concern.en
