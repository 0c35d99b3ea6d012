"""The pages of accounts, over a real server: what an administrator may do to others, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from console.access.keeper import Keeper
from ledger import views
from tests.console.people import OPEN, Client, signed_in
from tests.console.serving import NOW, Site, serving


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("accounts"), OPEN) as site:
        yield site


@pytest.fixture(scope="module")
def administrator(site: Site) -> Client:
    return signed_in(site, "administrator", now=NOW, account="root")


def link_in(page: str) -> str:
    """Return the path of the one-time link that a page shows."""
    (found,) = set(re.findall(r"/sign-in/link/[\w-]+", page))
    return str(found)


def test_a_new_account_is_shown_its_link_once(site: Site, administrator: Client) -> None:
    form = {"account": " Clerk.One ", "name": "窗口<b>", "roles": "unit_user", "units": "城管局\r\n住建局,城管局"}
    status, page, _ = administrator.post("/accounts", form)
    made = site.ledger.accounts.find("clerk.one")

    assert status == 200
    assert made is not None
    assert (made.name, made.roles, made.units) == ("窗口<b>", ("unit_user",), ("住建局", "城管局"))
    assert "窗口&lt;b&gt;" in page
    assert "/sign-in/link/" not in administrator.get("/accounts/clerk.one")[1]
    person = Client(site.url)
    assert person.post(link_in(page))[2]["location"] == "/sign-in/password"
    assert Client(site.url).post(link_in(page))[0] == 401


def test_roles_that_clash_are_refused_with_the_sentence_and_nothing_typed_is_lost(
    site: Site, administrator: Client
) -> None:
    body = (
        b"form_token=%s&account=two&name=x&roles=inspector&roles=unit_user&units=A" % administrator.form_token.encode()
    )
    typed = {"content-type": "application/x-www-form-urlencoded", "origin": site.url}
    status, page, _ = administrator.ask("POST", "/accounts?lang=en", body, headers=typed)

    assert status == 422
    assert "One account cannot be unit user and inspector." in page
    assert 'value="two"' in page
    assert site.ledger.accounts.find("two") is None
    assert administrator.post("/accounts", {"account": "a/b", "roles": "leader"})[0] == 422
    assert administrator.post("/accounts", {"account": "root", "roles": "leader"})[0] == 422
    assert administrator.post("/accounts", {"account": "none"})[0] == 422


def test_a_locked_person_is_out_at_once_and_may_come_back(site: Site, administrator: Client) -> None:
    clerk = signed_in(site, "unit_user", now=NOW, account="clerk")
    assert clerk.get("/")[0] == 200

    status, _, headers = administrator.post("/accounts/clerk/lock?lang=en")
    assert (status, headers["location"]) == (303, "/accounts/clerk?done=locked&lang=en")
    assert clerk.get("/")[0] == 303
    assert "已锁定" in administrator.get("/accounts")[1]
    administrator.post("/accounts/clerk/unlock")
    assert not getattr(site.ledger.accounts.find("clerk"), "locked", True)


def test_reset_and_sign_out_end_every_session(site: Site, administrator: Client) -> None:
    clerk = signed_in(site, "unit_user", now=NOW, account="second")
    administrator.post("/accounts/second/sign-out")
    assert clerk.get("/")[0] == 303

    page = administrator.post("/accounts/second/reset")[1]
    assert Client(site.url).post(link_in(page))[0] == 303
    acts = [line.act for line in views.acts(site.ledger, who="root")]
    assert {"sessions_ended", "account_reset", "link_made"} <= set(acts)


def test_who_belongs_to_a_provider_gets_no_password_here(site: Site, administrator: Client) -> None:
    site.ledger.accounts.add("oidc", "oidc", ["leader"], NOW, identity="issuer|1")
    status, page, _ = administrator.post("/accounts/oidc/reset?lang=en")

    assert status == 422
    assert "A provider keeps this account" in page


def test_tokens_are_made_for_services_only_and_can_be_ended(site: Site, administrator: Client) -> None:
    """A token for a person would be that person's hand in somebody else's pocket."""
    site.ledger.accounts.add("oa", "oa", ["service", "unit_user"], NOW, units=["城管局"])
    site.ledger.accounts.add("one", "one", ["inspector", "service"], NOW)
    form = {"label": "OA", "days": "30", "acts": "sign_card"}
    status, page, _ = administrator.post("/accounts/oa/tokens", form)
    (whole,) = set(re.findall(r"mdt_\w+_[\w-]{20,}", page))
    ask = f"Bearer {whole}"

    assert status == 200
    assert administrator.post("/accounts/one/tokens", form)[0] == 422
    assert administrator.post("/accounts/oa/tokens", {**form, "acts": "manage_accounts"})[0] == 422
    assert Client(site.url).get("/api/v1/units", authorization=ask)[0] == 403
    administrator.post(f"/accounts/oa/tokens/{whole.split('_')[1]}/revoke")
    assert Client(site.url).get("/api/v1/units", authorization=ask)[0] == 401


def test_nobody_changes_their_own_account_here(site: Site, administrator: Client) -> None:
    for deed in ("grant", "lock", "reset", "sign-out", "tokens"):
        status, page, _ = administrator.post(f"/accounts/root/{deed}?lang=en", {"roles": "auditor", "units": "*"})
        assert status == 403
        assert "another administrator" in page
    assert administrator.get("/accounts/root")[0] == 200
    assert administrator.get("/accounts/nobody")[0] == 404


def test_what_an_account_is_for_holds_from_the_next_request(site: Site, administrator: Client) -> None:
    clerk = signed_in(site, "unit_user", now=NOW, account="third")
    assert clerk.get("/audit")[0] == 403
    administrator.post("/accounts/third/grant", {"roles": "auditor", "units": "*", "name": "审计"})
    assert clerk.get("/audit")[0] == 200


def test_the_keeper_of_the_command_line_is_the_same(site: Site) -> None:
    keeper = Keeper(site.ledger, NOW, "cli:x", "https://centre.example")
    made = keeper.add("x", "", [], [], [])
    assert keeper.link(made).startswith("https://centre.example/sign-in/link/")
