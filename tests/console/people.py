"""People for tests of pages: an account with roles and units, signed in, as a client that behaves like a browser.

Every page of the console needs somebody who is signed in. A test says who::

    from tests.console.people import OPEN, signed_in

    app = create_app(ledger, access=OPEN, ...)              # the rules of signing in, as the daemon would give them
    inspector = signed_in(site, "inspector")                # sees every unit
    clerk = signed_in(site, "unit_user", units=["城管局"])   # sees one
    status, page, headers = inspector.get("/?lang=en")
    status, page, headers = clerk.post("/cards/1/sign", {"text": "已阅"})   # brings the form token by itself

``site`` is anything with a ``url`` (where the application serves) and a ``ledger`` (its ledger); ``now`` has to be near
the clock of the application, else the session is over before it begins. Redirects are followed only if ``follow=True``.
``token(site, "service", acts=[...])`` returns the value of an ``Authorization`` header for the API.
"""

from __future__ import annotations

import itertools
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from console.access.access import Access
from console.access.acts import Act
from console.access.callers import PLAIN_COOKIE
from console.access.roles import GRANTS, Role
from ledger import Ledger
from ledger.sessions import WHOLE

OPEN: Final = Access()
"""The rules of signing in with their defaults."""

_NUMBERS: Final = itertools.count(1)

Answer = tuple[int, str, dict[str, str]]


class Site(Protocol):
    """Where the console under test serves, and what it remembers."""

    @property
    def url(self) -> str:
        """Where the application serves, without a slash at the end."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The ledger of the application."""
        ...


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass
class Client:
    """A browser: keeps cookies, brings the form token with every form, comes from the site's own origin."""

    url: str
    account: str = ""
    form_token: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, *, follow: bool = False, **headers: str) -> Answer:
        """Return status, body and headers (names in small letters) of a page."""
        return self.ask("GET", path, None, follow=follow, headers=headers)

    def post(self, path: str, form: Mapping[str, str] | None = None, *, follow: bool = False, **headers: str) -> Answer:
        """Send a form, with the session's token unless it says another, and return the answer."""
        fields = {"form_token": self.form_token, **(form or {})}
        body = urllib.parse.urlencode(fields).encode()
        typed = {"content-type": "application/x-www-form-urlencoded", "origin": self.url, **self.headers, **headers}
        return self.ask("POST", path, body, follow=follow, headers=typed)

    def send(self, method: str, path: str, value: object, **headers: str) -> Answer:
        """Send JSON, with the session's token in a header, and return the answer."""
        typed = {"content-type": "application/json", "x-form-token": self.form_token, **headers}
        return self.ask(method, path, json.dumps(value).encode(), headers=typed)

    def ask(
        self, method: str, path: str, body: bytes | None, *, headers: Mapping[str, str], follow: bool = False
    ) -> Answer:
        """Send a request as it is said and return the answer; what sets cookies is remembered."""
        said = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookies:
            said["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        request = urllib.request.Request(self.url + path, body, said, method=method)  # noqa: S310  # our own address
        try:
            answer = urllib.request.build_opener(_Stay).open(request, timeout=10)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            status, text = int(answer.status), answer.read().decode()
            self._remember(answer.headers.get_all("set-cookie") or [])
            found = {name.lower(): value for name, value in answer.headers.items()}
        if follow and status in {302, 303, 307}:
            return self.get(found["location"].removeprefix(self.url), follow=True)
        return status, text, found

    def _remember(self, cookies: list[str]) -> None:
        for each in cookies:
            name, _, rest = each.partition("=")
            value = rest.partition(";")[0].strip('"')
            if value and "max-age=0" not in each.lower():
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)


def signed_in(
    site: Site, *roles: str, units: Collection[str] = ("*",), regions: Collection[str] = (), now: int | None = None,
    account: str = "",
) -> Client:  # fmt: skip
    """Return a browser in which a new account with these roles and units is signed in."""
    at = int(time.time()) if now is None else now
    name = account or f"{'-'.join(roles) or 'nobody'}-{next(_NUMBERS)}"
    accounts = site.ledger.accounts
    accounts.add(name, name, [Role(role) for role in roles], at, units=units, regions=regions)
    secret = accounts.sessions.begin(name, at, stage=WHOLE, address="127.0.0.1", agent="test")
    session = accounts.sessions.find(secret, at, 3600, 3600)
    assert session is not None
    return Client(site.url, name, session.form_token, {PLAIN_COOKIE: secret})


def stranger(site: Site) -> Client:
    """Return a browser in which nobody is signed in."""
    return Client(site.url)


def token(
    site: Site, role: str = "service", *, acts: Collection[str] | None = None, units: Collection[str] = ("*",),
    now: int | None = None, seconds: int = 3600,
) -> str:  # fmt: skip
    """Return the ``Authorization`` header of a new account's token, held to some acts (None: all of its role)."""
    at = int(time.time()) if now is None else now
    name = f"{role}-{next(_NUMBERS)}"
    site.ledger.accounts.add(name, name, [Role(role)], at, units=units)
    wanted = [Act(act) for act in acts] if acts is not None else GRANTS[Role(role)]
    return f"Bearer {site.ledger.accounts.tokens.create(name, 'test', wanted, at, seconds)}"
