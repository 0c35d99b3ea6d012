"""Facts over many cases (汇总): what no single case can know, gathered from dated windows and given as events.

One file per kind of gathering; each is a pure function from the gists of a window to events of source ``mingdeng``.
"""

from typing import Final

from rules.gathering.base import Gathering, Terms, Window, terms_of
from rules.gathering.batches import ENTERED, RATED, RUSHED
from rules.gathering.complaints import COMPLAINED_OF
from rules.gathering.counters import COUNTERS, TWO_WINDOWS
from rules.gathering.discretion import DISCRETION
from rules.gathering.gathered import gathered
from rules.gathering.gists import GATHERED_KINDS, Gist, gist_of, is_gathered
from rules.gathering.instants import INSTANT
from rules.gathering.items import published_items
from rules.gathering.notices import LAST_DAY
from rules.gathering.renumbered import RENUMBERED
from rules.gathering.service import SERVICE
from rules.gathering.shards import with_gathered
from rules.gathering.shares import PEERS

KINDS: Final[tuple[Gathering, ...]] = (
    ENTERED, RATED, RUSHED, PEERS, LAST_DAY, RENUMBERED, SERVICE, COMPLAINED_OF, INSTANT, COUNTERS, TWO_WINDOWS,
    DISCRETION,
)  # fmt: skip
"""What is gathered, in the order in which it is done."""

__all__ = [
    "GATHERED_KINDS", "KINDS", "Gathering", "Gist", "Terms", "Window", "gathered", "gist_of", "is_gathered", "published_items",
    "terms_of", "with_gathered",
]  # fmt: skip
