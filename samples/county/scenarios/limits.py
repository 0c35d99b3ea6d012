"""What the clocks of a case owe: reminders near a limit and findings over it, as domain.md 4.1 and annex B set them."""

from __future__ import annotations

from collections.abc import Sequence

from samples.county.scenarios.dossier import Owed
from samples.county.scenarios.worktime import DAY, Pause, advance, close_after


def near_and_over(begin: int, end: int, promised: int, statutory: int, pauses: Sequence[Pause] = ()) -> list[Owed]:
    """Return what promise and statutory limit owe a case that ends at ``end``.

    Reminder at max(80 %, the last 2 working days) but never before 50 %, near at 90 %, over after the promise
    (rolling), grave after the close of the last statutory day (legal).
    """
    early = max(promised * DAY // 2, min(promised * DAY * 4 // 5, (promised - 2) * DAY + 1))
    near = promised * DAY * 9 // 10
    over = advance(begin, promised * DAY, pauses) + 1
    owed = [Owed("T03A", advance(begin, early, pauses)), Owed("T03", advance(begin, near, pauses)), Owed("T04", over)]
    paused = sum((until - since) // DAY for since, until in pauses)
    if not paused:
        owed.append(Owed("T05", close_after(begin, statutory) + 1))
    return [each for each in owed if each.at < end or (each.at == end and each.code in {"T04", "T05"})]


def step_near_and_over(begin: int, end: int, limit: int, pauses: Sequence[Pause] = ()) -> list[Owed]:
    """Return what the limit of a step owes."""
    near, over = advance(begin, limit * DAY * 9 // 10, pauses), advance(begin, limit * DAY, pauses) + 1
    return [Owed(code, at) for code, at in (("T06W", near), ("T06", over)) if at < end or (at == end and code == "T06")]


def suspension_near_and_over(begin: int, end: int, approved: int) -> list[Owed]:
    """Return what the approved term of a suspension owes: a reminder in its last two working days, then over."""
    near, over = advance(begin, max(0, approved - 2) * DAY) + 1, advance(begin, approved * DAY) + 1
    return [Owed(code, at) for code, at in (("T10W", near), ("T10", over)) if at < end]
