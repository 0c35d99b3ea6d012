"""Gather (汇总): what no single case can know is gathered from many of them and appended as facts of our own.

Review, explanation and re-judgement find these facts as they find those of any source; nothing here is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ledger import Gisted, Ledger
from rules.catalogue import Catalogue
from rules.facts import Instant
from rules.gathering import KINDS, Gathering, Terms, gist_of, published_items

CASES: Final = 500
WINDOWS: Final = 20
MOST_ROUNDS: Final = 200


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one run did: cases whose gist was taken, windows that were told, events that this brought."""

    cases: int = 0
    windows: int = 0
    events: int = 0

    @property
    def happened(self) -> bool:
        """Whether anything was appended."""
        return self.events > 0

    @property
    def ok(self) -> bool:
        """Nothing here can fail by halves."""
        return True


class Gather:
    """The duty of gathering."""

    name = "gather"

    def __init__(
        self, ledger: Ledger, terms: Callable[[], Terms], kinds: Sequence[Gathering] = KINDS,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        self._ledger, self._terms, self._stopping = ledger, terms, stopping
        self._kinds = {kind.name: kind for kind in kinds}
        self._catalogue: Catalogue | None = None

    def run_once(self, now: Instant) -> Gathered:
        """Tell the items of a new catalogue, take the gists of what changed, then tell the windows that are due."""
        terms = self._terms()
        items = self._note_items(terms, now)
        cases = self._take(terms, now)
        windows, events = self._tell(terms, now)
        return Gathered(cases, windows, events + items)

    def next_at(self, now: Instant) -> Instant | None:
        """Return when the next dated window closes; what arrives is gathered at the duty's own interval."""
        found = self._ledger.next_gathering_at()
        return found if found is not None and found > now else None

    def _note_items(self, terms: Terms, now: Instant) -> int:
        """Tell the items of a catalogue that is new to this process."""
        if terms.catalogue is self._catalogue:
            return 0
        noted = self._ledger.note_facts(list(published_items(terms)), now)
        self._catalogue = terms.catalogue
        return noted

    def _take(self, terms: Terms, now: Instant) -> int:
        taken = 0
        for _ in range(MOST_ROUNDS):
            changed = () if self._stopping() else self._ledger.ungathered(CASES)
            if not changed:
                break
            gisted = []
            for each in changed:
                gist = gist_of(each.case)
                windows = [window for kind in self._kinds.values() for window in kind.windows_of(gist, terms)]
                gisted.append(Gisted(gist=gist, windows=tuple(dict.fromkeys(windows)), changes=each.changes))
            self._ledger.keep_gists(gisted, now)
            taken += len(gisted)
        return taken

    def _tell(self, terms: Terms, now: Instant) -> tuple[int, int]:
        windows = events = 0
        for _ in range(MOST_ROUNDS):
            due = () if self._stopping() else self._ledger.due_windows(now, WINDOWS)
            if not due:
                break
            for each in due:
                kind = self._kinds.get(each.window.gathering)
                facts = kind.gather(each.window, each.gists, terms) if kind is not None and each.gists else ()
                events += self._ledger.tell(each, facts, now)
            windows += len(due)
        return windows, events
