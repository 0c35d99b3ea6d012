"""Review under the law in force: a published law is taken up between two rounds, and what it concerns is made due.

Live work goes first: each round judges what is due, then marks a few batches of the cases that the change concerns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from daemon import log
from daemon.duties.review import Review, Reviewed
from daemon.law import Law
from daemon.lawinforce import Change, LawInForce
from ledger import Ledger
from rules.affected import Affected
from rules.facts import Instant
from rules.lawchange import changed_rules, concerned

BATCH: Final = 1_000
BATCHES: Final = 5
"""Batches that are marked in one round, behind the live work of that round."""

UNITS: Final = frozenset({"unit", "person"})


class Marking:
    """What is left to be made due of one change of the law."""

    def __init__(self, ledger: Ledger, change: Change, batch: int = BATCH) -> None:
        self._ledger, self._change, self._batch = ledger, change, batch
        before, after = change.before, change.after
        found = concerned(
            (before.books, after.books), (before.calendars, after.calendars), (before.catalogue, after.catalogue)
        )
        self._units = bool(UNITS & found.keys()) or _rules_of_units(before) != _rules_of_units(after)
        self._left: list[tuple[str, Affected]] = [(k, each) for k, each in sorted(found.items()) if k not in UNITS]
        self._changed = changed_rules(before.books, after.books)
        self._after = self._after_card = ""

    def step(self, now: Instant) -> bool:
        """Mark one batch; return whether everything is marked."""
        if self._units:
            self._ledger.mark_subjects_due(now)
            self._units = False
        if self._changed:
            self._note_changed(now)
        if self._left:
            kind, affected = self._left[0]
            reached = self._ledger.mark_due(kind, now, self._after, self._batch, affected)
            self._after = reached or ""
            if reached is None:
                del self._left[0]
        if self._left or self._changed:
            return False
        for revision in self._change.revisions:
            self._ledger.law_marked(revision, now)
        return True

    def _note_changed(self, now: Instant) -> None:
        """Tell some of the open cards that the rule on which they rest was changed."""
        revision = self._change.revisions[-1]
        reached = self._ledger.note_changed_rules(self._changed, revision, now, self._after_card, self._batch)
        self._after_card = reached or ""
        if reached is None:
            self._changed = frozenset()


def _rules_of_units(law: Law) -> set[str]:
    return {book.label for book in law.books.books if UNITS & {rule.part.of for rule in book.rules}}


class LawfulReview:
    """The duty of judging by the law in force; ``judging`` makes the review of one law."""

    name = "review"

    def __init__(self, ledger: Ledger, law: LawInForce, judging: Callable[[Law], Review], batch: int = BATCH) -> None:
        self._ledger, self._law, self._judging, self._batch = ledger, law, judging, batch
        self._review = judging(law.law)
        left = law.unfinished()
        self._markings = [Marking(ledger, left, batch)] if left is not None else []
        self._log = log.get(duty=self.name)

    def run_once(self, now: Instant) -> Reviewed:
        """Take up what was published, judge what is due, then mark some of what a change concerns."""
        change = self._law.look()
        if change is not None:
            self._review = self._judging(change.after)
            self._markings.append(Marking(self._ledger, change, self._batch))
        done = self._review.run_once(now)
        for _ in range(BATCHES):
            if self._markings and self._markings[0].step(now):
                del self._markings[0]
                self._log.info("law_marked", revision=self._law.revision)
        return done

    def next_at(self, now: Instant) -> Instant | None:
        """Return when the next light changes by time alone; at once while something is left to mark."""
        return now if self._markings else self._review.next_at(now)
