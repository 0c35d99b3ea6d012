"""Why a case is judged anew: late facts, or a version of rulebook, calendar or item that took the place of another."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from rules.judgement import Pin


class Cause(StrEnum):
    """Why a finding no longer stands as it stood; each is a key of the glossary's ``reasons``."""

    FACTS = "facts_changed"
    CALENDAR = "calendar_corrected"
    RULEBOOK = "rulebook_corrected"
    ITEM = "item_corrected"


def cause_of(pin: Pin, versions: Iterable[str]) -> Cause:
    """Return why a finding with this pin was judged anew by these versions (each as ``name@version``).

    A version that is still among them changed nothing, nor did one of which no other version is there: then it was the
    facts. Of several the calendar is named before the rulebook, the rulebook before the item.
    """
    present = frozenset(versions)
    names = {version.partition("@")[0] for version in present}
    for pinned, cause in ((pin.calendar, Cause.CALENDAR), (pin.rulebook, Cause.RULEBOOK), (pin.item, Cause.ITEM)):
        if pinned and pinned not in present and pinned.partition("@")[0] in names:
            return cause
    return Cause.FACTS
