"""Where one goes from every page: the doors in the order of the day's work, each shown to those who may enter."""

from __future__ import annotations

from typing import Final, NamedTuple

from console.access.acts import Act
from console.access.roles import Who


class Place(NamedTuple):
    """A page of the bar: its address, the key of its word in ``console.words``, and the act that opens it."""

    path: str
    word: str
    act: Act


PLACES: Final = (
    Place("/", "board", Act.VIEW_BOARD),
    Place("/mine", "mine", Act.SIGN_CARD),
    Place("/will-breach", "will_breach", Act.VIEW_WILL_BREACH),
    Place("/queue", "queue", Act.VIEW_CARDS),
    Place("/screen", "screen", Act.VIEW_SCREEN),
    Place("/month", "month", Act.VIEW_REPORTS),
    Place("/search", "search", Act.SEARCH),
    Place("/views", "saved_views", Act.SAVE_VIEW),
    Place("/rules", "rules", Act.VIEW_RULES),
    Place("/law", "law", Act.VIEW_RULES),
    Place("/calendar", "calendar", Act.VIEW_CALENDAR),
    Place("/items", "items", Act.VIEW_ITEMS),
    Place("/sources", "sources", Act.VIEW_SOURCES),
    Place("/directory", "directory", Act.VIEW_DIRECTORY),
    Place("/routes", "routes", Act.VIEW_ROUTES),
    Place("/accounts", "accounts", Act.MANAGE_ACCOUNTS),
    Place("/audit", "audit", Act.VIEW_AUDIT),
)


def places(who: Who | None) -> tuple[Place, ...]:
    """Return the places that this person may enter."""
    return tuple(place for place in PLACES if who is not None and place.act in who.acts)
