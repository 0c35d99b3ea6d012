"""Who is asking: a bearer token or the session cookie become a ``Who``; pages learn it from the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from console.access.access import Access
from console.access.acts import Act
from console.access.roles import Role, Scope, Who
from ledger import Ledger
from ledger.accounts import Account
from ledger.sessions import WHOLE, Session
from ledger.views import Within
from rules.facts import Instant

PLAIN_COOKIE: Final = "mingdeng"
SECURE_COOKIE: Final = "__Host-mingdeng"
"""Over TLS browsers themselves see to it that no other host and no plain connection has set it."""

BY_ITSELF: Final = "x-mingdeng-refresh"
"""Header of a page that renews itself: nobody is at the keyboard, so the session is not prolonged."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and by which session; ``owes`` is the stage that a session has still to pass, else ""."""

    who: Who
    session: Session | None = None
    owes: str = ""

    @property
    def form_token(self) -> str:
        """What has to come back with every form of this session."""
        return self.session.form_token if self.session is not None else ""


def caller_of(request: Request, ledger: Ledger, access: Access, now: Instant) -> Caller | None:
    """Return who asks, None if nobody who may; a bearer token that does not hold is never made good by a cookie."""
    header = request.headers.get("authorization")
    if header is not None:
        return _bearer(header, ledger, now)
    secret = request.cookies.get(cookie_name(access))
    if not secret:
        return None
    session = ledger.accounts.sessions.find(secret, now, access.idle, access.absolute)
    account = ledger.accounts.find(session.account) if session is not None else None
    if session is None or account is None or account.locked:
        return None
    if BY_ITSELF not in request.headers:
        ledger.accounts.sessions.touch(session, now)
    return Caller(who_is(account, "session"), session, "" if session.stage == WHOLE else session.stage)


def _bearer(header: str, ledger: Ledger, now: Instant) -> Caller | None:
    scheme, _, whole = header.partition(" ")
    token = ledger.accounts.tokens.find(whole.strip(), now) if scheme.lower() == "bearer" else None
    account = ledger.accounts.find(token.account) if token is not None else None
    if token is None or account is None or account.locked:
        return None
    ledger.accounts.tokens.touch(token, now)
    return Caller(who_is(account, "token", frozenset(Act(each) for each in token.acts if each in set(Act))))


def who_is(account: Account, via: str, only: frozenset[Act] | None = None) -> Who:
    """Return what the guard has to know of an account; roles that this version does not know grant nothing."""
    roles = frozenset(Role(each) for each in account.roles if each in set(Role))
    scope = Scope(frozenset(account.regions), frozenset(account.units))
    return Who(account.account, account.name, roles, scope, via, only)


def cookie_name(access: Access) -> str:
    """Return the name of the session cookie."""
    return SECURE_COOKIE if access.https else PLAIN_COOKIE


def calling(request: Request) -> Caller | None:
    """Return the caller that the guard found for this request."""
    found = getattr(request.state, "caller", None)
    return found if isinstance(found, Caller) else None


def who(request: Request) -> Who:
    """Return who asks; only for pages that need an act, where the guard has let somebody in."""
    caller = calling(request)
    if caller is None:
        raise LookupError("nobody is signed in; the route has to be declared with @needs")
    return caller.who


def within(request: Request, access: Access) -> Within:
    """Return the units that this request may be told of: what every view has to be given."""
    caller = calling(request)
    return Within(caller.who.scope.covered(access.regions()) if caller is not None else frozenset())


def address_of(request: Request) -> str:
    """Return the address that the request came from."""
    return request.client.host if request.client is not None else ""
