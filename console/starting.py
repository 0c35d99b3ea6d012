"""Where each person's day begins: the first page of their role that they may enter."""

from __future__ import annotations

from typing import Final

from console.access.acts import Act
from console.access.roles import Role, Who

DAILY: Final = (
    (Role.CHIEF_INSPECTOR, "/queue", Act.VIEW_CARDS),
    (Role.INSPECTOR, "/queue", Act.VIEW_CARDS),
    (Role.UNIT_USER, "/mine", Act.VIEW_CARDS),
    (Role.LEADER, "/screen", Act.VIEW_SCREEN),
    (Role.ADMINISTRATOR, "/sources", Act.VIEW_SOURCES),
)
"""In this order for those who hold several roles; everybody else begins at the board."""


def start_of(who: Who) -> str:
    """Return the address of the page with which this person's day begins."""
    for role, path, act in DAILY:
        if role in who.roles and act in who.acts:
            return path
    return "/"
