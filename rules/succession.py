"""Which version of a rulebook follows which: a later one ends an earlier one that names no end of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from rules.draft import Draft
from rules.rulebook import Rulebook
from rules.schema import InForce


def in_succession(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts in their order; of each name a version without ``until`` ends where the next one begins.

    So a new version can be published without touching the text of the one in force.
    """
    by_name: dict[str, list[Rulebook]] = {}
    for draft in drafts:
        if draft.book is not None:
            by_name.setdefault(draft.book.name, []).append(draft.book)
    ended = {
        id(earlier): _until(earlier, later)
        for books in by_name.values()
        for earlier, later in pairwise(sorted(books, key=_begins))
        if earlier.part.in_force.until_on is None and _begins(earlier) < _begins(later)
    }
    return [replace(draft, book=ended[id(draft.book)]) if id(draft.book) in ended else draft for draft in drafts]


def _begins(book: Rulebook) -> int:
    return book.part.in_force.from_on.toordinal()


def _until(book: Rulebook, later: Rulebook) -> Rulebook:
    dates = InForce.model_validate({"from": book.part.in_force.from_on, "until": later.part.in_force.from_on})
    return replace(book, part=book.part.model_copy(update={"in_force": dates}))
