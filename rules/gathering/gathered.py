"""Everything that is gathered from given cases by an instant: what a back-test needs, and what the daemon comes to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules.facts import CaseEvent, Instant
from rules.gathering.base import Gathering, Terms, Window
from rules.gathering.gists import Gist
from rules.gathering.items import published_items


def gathered(gists: Iterable[Gist], kinds: Sequence[Gathering], terms: Terms, until: Instant) -> list[CaseEvent]:
    """Return the facts of all windows that are closed at ``until``, and of the items that were published by then.

    Neither order nor repetition of gists matters.
    """
    latest = {gist.case_id: gist for gist in gists}
    by_kind = {kind.name: kind for kind in kinds}
    bundles: dict[Window, list[Gist]] = {}
    for _, gist in sorted(latest.items()):
        for kind in kinds:
            for window in kind.windows_of(gist, terms):
                bundles.setdefault(window, []).append(gist)
    from_cases = [
        event
        for window, bundle in sorted(bundles.items(), key=lambda entry: entry[0])
        if window.closes_at <= until
        for event in by_kind[window.gathering].gather(window, bundle, terms)
    ]
    return [*from_cases, *(event for event in published_items(terms) if (event.occurred_at or 0) <= until)]
