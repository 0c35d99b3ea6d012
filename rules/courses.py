"""How a truth goes over time: the instants at which it changes, and what it is from each of them on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple


class Course(NamedTuple):
    """Truths from instants on, in order, each unlike the one before; False before the first, None is unknown."""

    instants: Sequence[int] = ()
    truths: Sequence[bool | None] = ()

    def at(self, at: int) -> bool | None:
        """Return the truth at an instant."""
        index = bisect_right(self.instants, at)
        return self.truths[index - 1] if index else False


NEVER = Course()
"""What is false for ever."""


def certain(one: Course, other: Course) -> Course:
    """Return what is known if either may be so: their truth where they agree, else None."""
    instants: list[int] = []
    truths: list[bool | None] = []
    before: bool | None = False
    for at in sorted({*one.instants, *other.instants}):
        truth = one.at(at)
        truth = truth if truth is other.at(at) else None
        if truth is not before:
            instants.append(at)
            truths.append(truth)
            before = truth
    return Course(instants, truths)
