"""Every route of the console as it is asked for: filled-in addresses, callers of every kind, and what the gate answered."""

from __future__ import annotations

import http.client
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.routing import Route

from alerts.model import card_id
from alerts.routes import EVERY_UNIT, Recipient, Routes
from console.access.acts import Act
from console.access.callers import PLAIN_COOKIE
from console.access.declared import Needs, needs_of
from console.access.guard import OWED_AT
from console.access.roles import GRANTS, Role
from console.app import routes
from ledger.sessions import SECOND_FACTOR, WHOLE
from rules.policy import Rank
from tests.console.carded import carded, case_of, urged
from tests.console.serving import NOW, Site

UNIT: Final = "城管局"
SECRET_UNIT: Final = "保密单位"
SECRETS: Final = ("SECRET-7", "密件承办")
"""What only those may read in whose scope the secret unit lies: a case number and a person."""

_NUMBERS: Final = itertools.count(1)
_PARAMETER: Final = re.compile(r"\{(\w+)(?::\w+)?\}")
_GATE: Final = re.compile(
    r"Your role \(|This token may not|This lies outside your scope|Sign in first|Signing in is not finished|"
    r"did not come from a current page"
)
"""Sentences of the gate; a page may refuse with others (separation of duties, one's own account)."""

_ENDS: Final = re.compile("sign-out|password|second|factor")
"""Addresses that may end the session by which they are asked: each is asked by an account of its own."""

KNOWN: Final[Mapping[str, str]] = {
    "card_id": card_id(case_of("L1"), "promise", "promise", 1),
    "namespace": "licences", "case_no": "L1", "unit": UNIT, "name": UNIT, "person": "承办甲",
}  # fmt: skip
"""Of what is there; every other parameter of an address names nothing."""


@dataclass(frozen=True)
class Door:
    """One verb of one address, and what it declares."""

    method: str
    path: str
    needs: Needs

    @property
    def names_what_is_there(self) -> bool:
        """Say whether every parameter of the address stands for something of ``UNIT``."""
        return set(_PARAMETER.findall(self.path)) - {"kind"} <= set(KNOWN)

    @property
    def is_api(self) -> bool:
        """Say whether programs ask for it."""
        return self.path.startswith("/api/")

    def address(self, **more: str) -> str:
        """Return the address with its parameters filled in."""
        kind = "application" if "{namespace}" in self.path else "csv"
        known = {**KNOWN, "kind": kind, **more}
        return _PARAMETER.sub(lambda found: quote(known.get(found[1], "x"), safe=""), self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Asker:
    """Somebody with one role: by session or token, inside the unit's scope or not, signed in wholly or half-way.

    ``only`` holds a token to some acts; ``role`` None is a stranger.
    """

    role: Role | None
    inside: bool = True
    whole: bool = True
    only: frozenset[Act] | None = None


def doors() -> list[Door]:
    """Return every verb of every route that the application serves, static files apart."""
    return [
        Door(method, route.path, needed)
        for route in routes()
        if isinstance(route, Route) and (needed := needs_of(route)) is not None
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def expected(door: Door, asker: Asker) -> bool:
    """Say whether the gate has to let somebody through: the table of roles, and nothing else."""
    act = door.needs.act
    if act is None or door.needs.unless is not None:  # this machine itself may read the figures
        return True
    if asker.role is None or not (asker.whole or door.needs.half_way):
        return False
    granted = GRANTS[asker.role] if asker.only is None else GRANTS[asker.role] & asker.only
    return act in granted and (asker.inside or door.needs.target is None)


def askers(door: Door) -> Iterator[Asker]:
    """Yield those who are to try a door: every role inside, those who may from outside, and who is only half there."""
    yield Asker(None)
    act = door.needs.act
    for role in Role if act is not None else ():
        yield Asker(role)
    holders = [role for role in Role if act in GRANTS[role]]
    for role in holders if door.needs.target is not None else ():
        yield Asker(role, inside=False)
    if act is not None and holders:
        yield Asker(holders[0], whole=False)
        yield Asker(holders[0], only=frozenset({act, Act.READ_PERSONAL_DATA}))
        others = {Act.OWN_ACCOUNT, Act.VIEW_BOARD, Act.SIGN_CARD, Act.MANAGE_ACCOUNTS} - {act}
        yield Asker(holders[-1], only=frozenset(others))


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    body: str
    location: str

    @property
    def let_in(self) -> bool:
        """Say whether the gate let the request through, whatever the page made of it."""
        if self.status == 401 and _GATE.search(self.body):
            return False
        if self.status == 403:
            return not _GATE.search(self.body)
        turned_away = self.location.startswith("/sign-in?next=") or self.location in OWED_AT.values()
        return not (self.status == 303 and turned_away)


class Knocker:
    """Asks a site over one connection, as anybody."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._host = urlsplit(site.url).netloc
        self._connection = http.client.HTTPConnection(self._host, timeout=10)
        self._accounts: dict[tuple[Role, str], str] = {}
        self._known: dict[tuple[str, bool, frozenset[Act] | None], dict[str, str]] = {}

    def knock(self, door: Door, asker: Asker, query: str = "lang=en", **more: str) -> Answered:
        """Ask for a door as somebody."""
        headers = {"origin": self._site.url, **self._identified(asker, door)}
        body = b""
        if door.method != "GET":
            typed = "application/json" if door.is_api else "application/x-www-form-urlencoded"
            headers["content-type"], body = typed, b"{}" if door.is_api else b""
        return self.send(door.method, f"{door.address(**more)}?{query}", body, headers)

    def send(self, method: str, address: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Send a request; a stream is not read to its end, which it has not."""
        self._connection.request(method, address, body or None, dict(headers))
        answer = self._connection.getresponse()
        if answer.headers.get_content_type() == "text/event-stream":
            text = answer.read1(4096).decode("utf-8", "replace")
            self._connection.close()
        else:
            text = answer.read().decode("utf-8", "replace")
        return Answered(answer.status, text, answer.headers.get("location", ""))

    def _identified(self, asker: Asker, door: Door) -> dict[str, str]:
        if asker.role is None:
            return {}
        units = "elsewhere" if not asker.inside else UNIT if door.names_what_is_there else "*"
        if _ENDS.search(door.path):
            self._accounts.pop((asker.role, units), None)
        account = self._account(asker.role, units)
        who = (account, asker.whole, asker.only)
        if _ENDS.search(door.path):
            self._accounts.pop((asker.role, units))
        if who not in self._known:
            self._known[who] = self._token(account, asker.only) if asker.only else self._session(account, asker.whole)
        return self._known[who]

    def _token(self, account: str, acts: frozenset[Act]) -> dict[str, str]:
        return {"authorization": f"Bearer {self._site.ledger.accounts.tokens.create(account, 't', acts, NOW, 3600)}"}

    def _session(self, account: str, whole: bool) -> dict[str, str]:
        sessions = self._site.ledger.accounts.sessions
        secret = sessions.begin(account, NOW, stage=WHOLE if whole else SECOND_FACTOR)
        session = sessions.find(secret, NOW, 3600, 3600)
        assert session is not None
        return {"cookie": f"{PLAIN_COOKIE}={secret}", "x-form-token": session.form_token}

    def _account(self, role: Role, units: str) -> str:
        if (role, units) not in self._accounts:
            name = f"{role}-at-the-gate-{next(_NUMBERS)}"
            self._site.ledger.accounts.add(name, name, [role], NOW, units=[units])
            self._accounts[role, units] = name
        return self._accounts[role, units]


RECIPIENT: Final = Recipient(name=SECRETS[1], channel="inbox", address="x")


def furnish(site: Site) -> None:
    """Put a card into the unit, and one into the secret unit."""
    carded(site.ledger, NOW, "L1", UNIT)
    secret = carded(site.ledger, NOW, SECRETS[0], SECRET_UNIT, person=SECRETS[1], due_in=None)
    urged(
        site.ledger, secret, NOW, SECRET_UNIT, Routes(owner=(RECIPIENT,), units={EVERY_UNIT: {Rank.R0: (RECIPIENT,)}})
    )
