"""How a truth goes over time: the instants at which it changes, and what it is from each of them on."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Course(Struct, frozen=True, gc=False):
    """The changes of a truth as (instant, truth from there on), each unlike the one before; False before the first.

    None stands for unknown.
    """

    changes: Sequence[tuple[int, bool | None]] = ()

    def at(self, at: int) -> bool | None:
        """Return the truth at an instant."""
        return next((truth for since, truth in reversed(self.changes) if since <= at), False)


NEVER = Course()
"""What is false for ever."""


def certain(one: Course, other: Course) -> Course:
    """Return what is known if either may be so: their truth where they agree, else None."""
    found: list[tuple[int, bool | None]] = []
    before: bool | None = False
    for at in sorted({at for at, _ in (*one.changes, *other.changes)}):
        truth = one.at(at)
        truth = truth if truth is other.at(at) else None
        if truth is not before:
            found.append((at, truth))
            before = truth
    return Course(found)
