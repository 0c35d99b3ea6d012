"""How a route says what it needs: ``@needs(Act.X)`` on its function; a route that says nothing stops the application.

::

    @router.get("/cards/{card_id}")
    @needs(Act.VIEW_CARD, target=unit_of_card)
    def card(request: Request) -> Response: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, ParamSpec, TypeAlias, TypeVar

from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from console.access.acts import Act
from console.access.roles import Target

P = ParamSpec("P")
R = TypeVar("R")

Finder: TypeAlias = Callable[[Request], Target]
"""Finds what the act is about from the address alone (``request.path_params``); it runs before the page, in a thread."""

_MARK: Final = "__needs__"


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route needs: ``act`` None is open to everybody; ``unless`` lets some requests in without an account.

    ``looks`` marks a form that only asks (its text is too long for an address), which the audit chain need not hold.
    Without ``target`` the route shows or does what the caller's whole scope allows, and has to apply ``within`` itself.
    """

    act: Act | None
    target: Finder | None = None
    unless: Callable[[Request], bool] | None = None
    half_way: bool = False
    looks: bool = False


STATIC: Final = Needs(None)
"""Static files: the same for everybody, so that nobody is even asked who they are."""


def needs(
    act: Act,
    *,
    target: Finder | None = None,
    unless: Callable[[Request], bool] | None = None,
    half_way: bool = False,
    looks: bool = False,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare the act that a route is; ``half_way`` lets in those who still owe a second factor or a new password;
    ``looks`` says that a form only asks and changes nothing.
    """
    return _marked(Needs(act, target, unless, half_way, looks))


def open_to_all(endpoint: Callable[P, R]) -> Callable[P, R]:
    """Declare that a route is open to everybody: signing in, and whether we live."""
    return _marked(Needs(None))(endpoint)


def _marked(said: Needs) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def mark(endpoint: Callable[P, R]) -> Callable[P, R]:
        setattr(endpoint, _MARK, said)
        return endpoint

    return mark


def needs_of(route: BaseRoute) -> Needs | None:
    """Return what a route declared; static files are open, everything else that says nothing is None."""
    if isinstance(route, Mount) and isinstance(route.app, StaticFiles):
        return STATIC
    found = getattr(route.endpoint, _MARK, None) if isinstance(route, Route) else None
    return found if isinstance(found, Needs) else None


def insist(routes: Iterable[BaseRoute]) -> None:
    """Raise ``TypeError`` unless every route declares what it needs."""
    silent = [str(getattr(route, "path", route)) for route in routes if needs_of(route) is None]
    if silent:
        raise TypeError(f"these routes do not say with @needs or @open_to_all who may ask: {', '.join(silent)}")
