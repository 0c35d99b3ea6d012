"""When a light changed in truth, which is not when it was noticed: after an outage a breach still bears its instant."""

from __future__ import annotations

from typing import Any

from ledger.rows import is_feed
from rules.facts import Instant
from rules.judgement import Judgement, Light, Span


def is_one(row: Any, judgement: Judgement) -> bool:
    """Say whether the judgement differs from the stored row in light, state, or the clock that decided the light.

    A feed's clock starts anew with every run, so that alone changes nothing.
    """
    was = (row.light, row.state, row.clock)
    same = was == (judgement.light.value, judgement.state.value, judgement.clock)
    return not same or (row.ordinal != judgement.ordinal and not is_feed(judgement.case_id))


def row_of(row: Any, judgement: Judgement, now: Instant) -> dict[str, object]:
    """Return the row of ``judgements`` for this change, without its place in the chain."""
    return {
        "case_id": row.case_id,
        "unit": judgement.unit,
        "revision": judgement.revision,
        "from_state": row.state,
        "from_light": row.light,
        "state": judgement.state.value,
        "light": judgement.light.value,
        "clock": judgement.clock,
        "ordinal": judgement.ordinal,
        "because": judgement.because,
        "at": changed_at(judgement, row.light, now),
        "recorded_at": now,
    }


def changed_at(judgement: Judgement, was: str | None, now: Instant) -> Instant:
    """Return the true instant of the change from the light ``was`` (None: judged for the first time).

    To a new colour: when the earliest span of that colour, among those that hold now, began. To a milder colour or
    green: when the last span of a graver one ended. With the colour unchanged: when the deciding clock stopped. What
    has no instant of its own (a fact was corrected) changed when it was recorded.
    """
    if was == judgement.light.value:
        return _stopped_at(judgement, now)
    gravity = judgement.light.gravity
    worse = was is None or gravity > Light(was).gravity
    began = [s.from_at for s in judgement.spans if s.light is judgement.light and _holds(s, now)]
    if worse and began:
        return min(began)
    ended = [
        s.until_at
        for s in judgement.spans
        if s.light is not None and s.light.gravity > gravity and s.until_at is not None and s.until_at <= now
    ]
    if ended:
        return max(ended)
    if was is None and judgement.clocks:
        return min(now, *(reading.started_at for reading in judgement.clocks))
    return now


def _holds(span: Span, now: Instant) -> bool:
    return span.from_at <= now and (span.until_at is None or span.until_at > now)


def _stopped_at(judgement: Judgement, now: Instant) -> Instant:
    for reading in judgement.clocks:
        if (reading.clock, reading.ordinal) == (judgement.clock, judgement.ordinal):
            return reading.stopped_at if reading.stopped_at is not None else now
    return now
