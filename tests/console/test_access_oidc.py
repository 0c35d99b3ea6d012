"""Signing in through a provider that really signs, really checks PKCE, and may lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from console.access.access import Access, Provider
from console.access.roles import Role
from ledger import views
from tests.console.people import Client, stranger
from tests.console.provider import CLIENT, SECRET, Idp, provider
from tests.console.serving import NOW, Site, serving

ROLES = {"jw-inspectors": Role.INSPECTOR, "it": Role.ADMINISTRATOR, "windows": Role.UNIT_USER}


@pytest.fixture
def idp() -> Iterator[Idp]:
    """Return a provider on a free port."""
    with provider(NOW) as idp:
        yield idp


@pytest.fixture
def site(idp: Idp, tmp_path: Path) -> Iterator[Site]:
    """Return a console that goes by this provider."""
    known = Provider(idp.url, CLIENT, SECRET, roles=ROLES, units={"U-7": "market", "everything": "*"})
    with serving(tmp_path, Access(provider=known)) as site:
        yield site


def go(site: Site, goal: str = "/") -> tuple[Client, int, dict[str, str], str]:
    """Send a browser to the provider and back; return it and the last answer."""
    browser = stranger(site)
    status, _, headers = browser.get(f"/sign-in/oidc?next={goal}")
    assert status == 303
    there = headers["location"]
    outside = Client(there.split("/authorize")[0])
    back = outside.get("/authorize" + there.split("/authorize")[1])[2]["location"]
    status, page, headers = browser.get(back.removeprefix(site.url))
    return browser, status, headers, page


def test_the_provider_names_the_person_the_role_and_the_unit(site: Site, idp: Idp) -> None:
    """The account is made once and follows the claims; the button stands on the sign-in page."""
    idp.claims = {"preferred_username": "Clerk7", "name": "窗口", "groups": ["windows", "other"], "units": ["U-7", "*"]}
    browser, status, headers, _ = go(site, "/account")

    assert "/sign-in/oidc" in stranger(site).get("/sign-in")[1]
    assert (status, headers["location"]) == (303, "/account")
    assert browser.get("/account")[0] == 200
    account = site.ledger.accounts.find("clerk7")
    assert account is not None
    assert (account.roles, account.units, account.password_hash) == (("unit_user",), ("market",), "")

    idp.claims = {"groups": "jw-inspectors", "units": "everything"}
    assert go(site)[1] == 303
    [account] = site.ledger.accounts.all()
    assert (account.roles, account.units) == (("inspector",), ("*",))


@pytest.mark.parametrize(
    "twist",
    [
        {"nonce": "another"}, {"aud": "another-client"}, {"iss": "http://evil.example"}, {"exp": NOW - 120},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"}, {"sub": None},
    ],
)  # fmt: skip
def test_a_token_that_does_not_hold_opens_nothing(site: Site, idp: Idp, twist: dict[str, object]) -> None:
    """For another request, another client, from another provider, over."""
    idp.claims, idp.twist = {"preferred_username": "x", "groups": ["it"]}, twist
    browser, status, _, _ = go(site)

    assert (status, browser.get("/")[0], site.ledger.accounts.all()) == (401, 303, ())


def test_a_token_signed_by_a_stranger_opens_nothing(site: Site, idp: Idp) -> None:
    """The keys that the provider shows are those that count."""
    idp.claims, idp.shown = {"groups": ["it"]}, ECKey.generate_key("P-256", {"kid": "1"})

    assert go(site)[1] == 401
    assert "does not hold" in views.acts(site.ledger)[0].detail


def test_the_way_back_belongs_to_the_browser_that_went_and_is_gone_once(site: Site, idp: Idp) -> None:
    """A state of somebody else, and the same one twice, are refused."""
    idp.claims = {"preferred_username": "y", "groups": ["it"]}
    browser = stranger(site)
    there = browser.get("/sign-in/oidc")[2]["location"]
    back = Client(idp.url).get(there.removeprefix(idp.url))[2]["location"].removeprefix(site.url)

    assert stranger(site).get(back)[0] == 401
    assert browser.get(back)[0] == 303
    assert stranger(site).get(back)[0] == 401


@pytest.mark.parametrize(
    ("groups", "said"),
    [([], "没有本系统的角色"), (["unknown"], "没有本系统的角色"), (["it", "jw-inspectors"], "角色不相容")],
)
def test_who_has_no_role_or_two_that_clash_is_not_let_in(site: Site, idp: Idp, groups: list[str], said: str) -> None:
    """And no account is made."""
    idp.claims = {"preferred_username": "z", "groups": groups}
    _, status, _, page = go(site)

    assert (status, said in page, site.ledger.accounts.all()) == (401, True, ())


def test_an_account_of_the_same_name_is_not_taken_over(site: Site, idp: Idp) -> None:
    """The provider names its people; it does not own ours. A locked one stays out."""
    site.ledger.accounts.add("chief", "chief", [Role.ADMINISTRATOR], NOW)
    idp.claims = {"preferred_username": "chief", "groups": ["it"]}
    assert "同名账号已存在" in go(site)[3]

    idp.claims["preferred_username"] = "chief2"
    assert go(site)[1] == 303
    site.ledger.accounts.set_locked("chief2", True)
    assert "已锁定" in go(site)[3]


def test_whom_the_provider_keeps_gets_no_password_here(site: Site, idp: Idp) -> None:
    """Else somebody whom it no longer knows could still come in."""
    idp.claims = {"preferred_username": "kept", "groups": ["it"]}
    browser, *_ = go(site)
    page = browser.get("/account")[1]
    browser.form_token = re.findall(r'name="form_token" value="([^"]+)"', page)[0]
    new = "correct horse battery staple"

    assert 'action="/account/password"' not in page
    assert browser.post("/account/password", {"new": new, "again": new})[0] == 422
    account = site.ledger.accounts.find("kept")
    assert account is not None
    assert account.password_hash == ""


def test_a_provider_that_is_down_is_said_so(site: Site, idp: Idp) -> None:
    """The form for local accounts is still there."""
    idp.url = "http://127.0.0.1:1"  # it now calls itself otherwise
    status, page, _ = stranger(site).get("/sign-in/oidc")

    assert (status, "未能完成" in page, 'name="password"' in page) == (401, True, True)
