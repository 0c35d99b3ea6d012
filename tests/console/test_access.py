"""Signing in over a real server: sessions, links, second factors, waits, forged requests, tokens, and the audit chain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

from console.access import passwords
from console.access.access import Access
from console.access.links import JUST_SIGN_IN, one_time_link
from console.access.roles import Role
from console.words import WORDS
from ledger import views
from tests.console.people import Client, signed_in, stranger, token
from tests.console.serving import NOW, Site, serving

GOOD = "correct horse battery staple"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return one console for all tests of the file; each has accounts of its own."""
    with serving(tmp_path_factory.mktemp("console"), Access(second_factor_for=frozenset({Role.AUDITOR}))) as site:
        yield site


@pytest.fixture
def site(shared: Site) -> Site:
    """Return the console with its clock set back."""
    shared.clock.at = NOW
    return shared


@pytest.fixture(scope="module")
def kept() -> str:
    """Return what is kept of the good password; hashing is slow on purpose, so it is done once."""
    return passwords.kept(GOOD)


def known(site: Site, name: str, kept: str, role: str = "inspector") -> str:
    """Return a new account that has the good password."""
    site.ledger.accounts.add(name, name, [Role(role)], NOW, units=["*"])
    site.ledger.accounts.set_password(name, kept, NOW)
    return name


def sign_in(site: Site, name: str, password: str = GOOD, goal: str = "/") -> tuple[Client, int, str, dict[str, str]]:
    """Return the browser after the form was sent, and the answer."""
    browser = stranger(site)
    status, page, headers = browser.post("/sign-in", {"account": name, "password": password, "goal": goal})
    return browser, status, page, headers


def token_on(page: str) -> str:
    """Return the form token that a page carries."""
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def acts_of(site: Site, who: str) -> list[str]:
    """Return what the audit chain says of somebody, the earliest first."""
    return [f"{line.act} {line.detail}".strip() for line in reversed(views.acts(site.ledger, who=who))]


# ── nobody, somebody ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/", "/case/a/b/c", "/account", "/sign-in/second"])
def test_who_has_not_signed_in_is_led_to_the_form_and_back(site: Site, path: str) -> None:
    """The address that was asked for is not lost."""
    status, _, headers = stranger(site).get(path)

    assert status == 303
    assert headers["location"] == f"/sign-in?next={path.replace('/', '%2F')}"


def test_a_program_without_a_token_is_told_so_in_json(site: Site) -> None:
    """No page, no redirect."""
    status, said, headers = stranger(site).get("/", authorization="Bearer mdt_x_y")

    assert (status, headers["www-authenticate"], "Sign in" in said) == (401, "Bearer", True)


def test_the_right_password_begins_a_session_and_leads_where_one_wanted_to_go(site: Site, kept: str) -> None:
    """The cookie is out of reach of scripts and of other sites."""
    browser, status, _, headers = sign_in(site, known(site, "in", kept), goal="/?lang=en")
    cookie = headers["set-cookie"].lower()

    assert (status, headers["location"]) == (303, "/?lang=en")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie, "this console is not served over TLS"
    assert browser.get("/")[0] == 200
    assert acts_of(site, "in") == ["signed_in"]


@pytest.mark.parametrize("goal", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/\t/evil", "evil"])
def test_signing_in_never_leads_elsewhere(site: Site, kept: str, goal: str) -> None:
    """A goal that is not an address of ours becomes the board."""
    page = stranger(site).get(f"/sign-in?next={goal.replace(chr(92), '%5C').replace(chr(9), '%09')}")[1]

    assert 'name="goal" value="/"' in page


def test_over_tls_the_cookie_insists_on_it(tmp_path: Path, kept: str) -> None:
    """Secure, and under the name that browsers guard."""
    with serving(tmp_path, Access(public_url="https://console.example")) as site:
        known(site, "tls", kept)
        browser = stranger(site)
        _, _, headers = browser.post("/sign-in", {"account": "tls", "password": GOOD}, origin="https://console.example")

    assert headers["set-cookie"].startswith("__Host-mingdeng=")
    assert "secure" in headers["set-cookie"].lower()


def test_a_wrong_password_says_no_more_than_an_unknown_account(site: Site, kept: str) -> None:
    """Status and page are the same but for the name that was typed."""
    _, status, wrong, _ = sign_in(site, known(site, "known", kept), "not the password")
    _, other_status, unknown, _ = sign_in(site, "nobody-here", "not the password")

    assert (status, other_status) == (401, 401)
    assert wrong.replace('value="known"', "") == unknown.replace('value="nobody-here"', "")


def test_failures_wait_longer_and_longer_even_with_the_right_password(site: Site, kept: str) -> None:
    """The fifth failure begins a wait of 30 seconds, the next one of 60; success forgets them."""
    name = known(site, "guessed", kept)
    for _ in range(5):
        assert sign_in(site, name, "wrong")[1] == 401
    _, status, page, _ = sign_in(site, name)

    assert (status, "30 秒后再试" in page) == (401, True)

    site.clock.at += 30
    assert sign_in(site, name, "wrong")[1] == 401
    assert "60 秒后再试" in sign_in(site, name)[2]

    site.clock.at += 60
    assert sign_in(site, name)[1] == 303
    assert site.ledger.accounts.failures(name, site.clock.at).count == 0


def test_a_locked_account_is_out_at_once(site: Site, kept: str) -> None:
    """Its session ends, its token is refused, its password no longer opens."""
    name = known(site, "locked-out", kept)
    browser, *_ = sign_in(site, name)
    bearer = site.ledger.accounts.tokens.create(name, "t", ["view_board"], NOW, 60)
    site.ledger.accounts.set_locked(name, True)

    assert browser.get("/")[0] == 303
    assert stranger(site).get("/", authorization=f"Bearer {bearer}")[0] == 401
    assert sign_in(site, name)[1] == 401

    site.ledger.accounts.set_locked(name, False)
    assert sign_in(site, name)[1] == 303


# ── sessions ───────────────────────────────────────────────────────────────────────────────────


def test_a_session_ends_when_idle_and_in_any_case_after_a_day_of_work(site: Site) -> None:
    """Use prolongs it, a page that renews itself does not, and nothing does beyond the absolute limit."""
    busy, idle = signed_in(site, "inspector", now=NOW), signed_in(site, "inspector", now=NOW)
    for _ in range(24):
        site.clock.at += 1_790
        assert busy.get("/")[0] == 200
    assert idle.get("/")[0] == 303

    site.clock.at += 300
    assert busy.get("/")[0] == 303

    site.clock.at = NOW
    renewing = signed_in(site, "inspector", now=NOW)
    site.clock.at += 1_000
    assert renewing.get("/", x_mingdeng_refresh="1")[0] == 200
    site.clock.at += 1_000
    assert renewing.get("/")[0] == 303


def test_signing_out_ends_this_session_and_everywhere_ends_all(site: Site) -> None:
    """A cookie that was kept is worth nothing afterwards."""
    one = signed_in(site, "inspector", now=NOW, account="two-places")
    secret = site.ledger.accounts.sessions.begin("two-places", NOW)
    other = Client(site.url, "two-places", "", {"mingdeng": secret})
    old = dict(one.cookies)

    assert one.post("/sign-out")[0] == 303
    assert Client(site.url, cookies=old).get("/")[0] == 303
    assert other.get("/")[0] == 200

    other.form_token = token_on(other.get("/account")[1])
    assert other.post("/account/sign-out-everywhere")[0] == 303
    assert Client(site.url, cookies={"mingdeng": secret}).get("/")[0] == 303


def test_a_new_password_ends_every_other_session(site: Site, kept: str) -> None:
    """The old one no longer opens; a weak one is refused with its reason."""
    name = known(site, "changing", kept)
    (one, *_), (other, *_) = sign_in(site, name), sign_in(site, name)
    one.form_token = token_on(one.get("/account")[1])
    weak = {"old": GOOD, "new": "password1234", "again": "password1234"}
    new = "seven quiet lanterns above"

    assert "容易猜中" in one.post("/account/password", weak)[1]
    assert one.post("/account/password", {"old": "no", "new": new, "again": new})[0] == 422
    assert one.post("/account/password", {"old": GOOD, "new": new, "again": new})[0] == 303
    assert one.get("/")[0] == 200
    assert other.get("/")[0] == 303
    assert (sign_in(site, name)[1], sign_in(site, name, new)[1]) == (401, 303)


def test_what_is_kept_does_not_open_anything() -> None:
    """Passwords stand as argon2id."""
    assert passwords.kept(GOOD).startswith("$argon2id$")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "at least 12"), ("Inspector-of-works-9", "must not contain"), ("qwertyuiop123", "easily guessed"),
        ("aaaaaaaaaaaaaaa", "easily guessed"), ("password1234", "easily guessed"), ("x" * 300, "at most"),
        ("明灯明灯明灯明灯明灯明灯", "easily guessed"), (GOOD, ""),
    ],
)  # fmt: skip
def test_passwords_that_are_guessed_first_are_refused(password: str, said: str) -> None:
    """With a sentence that says why."""
    verdict = passwords.acceptable(password, "inspector", "监察员", 12)

    assert verdict.allowed is (said == "")
    assert said in verdict.en


# ── links ──────────────────────────────────────────────────────────────────────────────────────


def test_a_link_signs_in_once_and_asks_for_a_password(site: Site) -> None:
    """Looking at it does not use it up; using it twice is refused; nothing else is open before the password stands."""
    site.ledger.accounts.add("newcomer", "newcomer", [Role.ADMINISTRATOR], NOW, units=["*"])
    path = one_time_link(site.ledger, "newcomer", site.url, NOW).removeprefix(site.url)
    browser = stranger(site)

    assert browser.get(path)[0] == browser.get(path)[0] == 200
    status, _, headers = browser.post(path)
    assert (status, headers["location"]) == (303, "/sign-in/password")
    assert browser.get("/")[2]["location"] == "/sign-in/password"
    assert stranger(site).post(path)[0] == 401

    browser.form_token = token_on(browser.get("/sign-in/password")[1])
    assert browser.post("/sign-in/password", {"new": GOOD, "again": GOOD + "!"})[0] == 422
    assert browser.post("/sign-in/password", {"new": GOOD, "again": GOOD})[2]["location"] == "/start"
    assert browser.get("/")[0] == 200
    assert sign_in(site, "newcomer")[1] == 303


def test_a_link_is_over_after_a_day_and_when_another_is_made(site: Site) -> None:
    """And one that was made up opens nothing."""
    site.ledger.accounts.add("late", "late", [Role.LEADER], NOW)
    first, second = (one_time_link(site.ledger, "late", "", NOW, purpose=JUST_SIGN_IN) for _ in range(2))

    assert stranger(site).post(first)[0] == 401
    assert stranger(site).post("/sign-in/link/made-up")[0] == 401
    site.clock.at += 86_400
    assert WORDS["link_sign_in"][0] in stranger(site).post(second)[1]
    assert stranger(site).post(second)[0] == 401


# ── second factor ──────────────────────────────────────────────────────────────────────────────


def test_a_second_factor_is_asked_for_after_the_password_and_counts_once(site: Site, kept: str) -> None:
    """The same code twice is refused; a recovery code stands in, once; the session counts only then."""
    name, secret = known(site, "careful", kept), pyotp.random_base32()
    site.ledger.accounts.set_totp(name, secret, 0, ["aaaa-bbbb-cccc-dddd"])
    code = pyotp.TOTP(secret).at(NOW)

    def prove(code: str) -> tuple[Client, int]:
        browser, _, _, headers = sign_in(site, name)
        assert headers["location"] == "/sign-in/second"
        assert browser.get("/")[2]["location"] == "/sign-in/second"
        assert browser.get("/account")[0] == 303
        browser.form_token = token_on(browser.get("/sign-in/second")[1])
        return browser, browser.post("/sign-in/second", {"code": code})[0]

    assert prove("000000")[1] == 401
    browser, status = prove(code)
    assert (status, browser.get("/")[0]) == (303, 200)
    assert prove(code)[1] == 401
    assert prove("AAAA-bbbb-cccc-dddd")[1] == 303
    assert prove("aaaa-bbbb-cccc-dddd")[1] == 401


def test_a_role_that_requires_a_second_factor_sets_one_up_first(site: Site, kept: str) -> None:
    """With a picture to scan, a code to prove it and recovery codes to keep."""
    name = known(site, "examiner", kept, "auditor")
    browser, _, _, headers = sign_in(site, name)
    page = browser.get("/sign-in/factor")[1]
    secret = re.findall(r'name="secret" value="([A-Z2-7]{32})"', page)[0]
    browser.form_token = token_on(page)

    assert headers["location"] == "/sign-in/factor"
    assert "<svg" in page
    assert browser.post("/sign-in/factor", {"secret": secret, "code": "000000"})[0] == 422
    status, page, _ = browser.post("/sign-in/factor", {"secret": secret, "code": pyotp.TOTP(secret).at(NOW)})
    assert (status, len(re.findall(r"<code>[0-9a-f-]{19}</code>", page))) == (200, 10)
    assert browser.get("/")[0] == 200

    browser.form_token = token_on(browser.get("/account")[1])
    assert browser.post("/account/second-factor/remove", {"old": GOOD})[0] == 403


# ── forged requests ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("what", "form", "headers"),
    [
        ("no token", {"form_token": ""}, {}),
        ("a wrong token", {"form_token": "x" * 32}, {}),
        ("another origin", {}, {"origin": "https://evil.example"}),
        ("no origin that can be told", {}, {"origin": "null"}),
        ("another site", {}, {"sec-fetch-site": "cross-site"}),
    ],
)
def test_a_forged_request_is_refused(site: Site, what: str, form: dict[str, str], headers: dict[str, str]) -> None:
    """Nothing is done, whatever cookie the browser sends along."""
    victim = signed_in(site, "inspector", now=NOW)
    victim.headers.update(headers)
    status, page, _ = victim.post("/account/sign-out-everywhere", form)
    victim.headers.clear()

    assert (status, "未予办理" in page) == (403, True), what
    assert victim.get("/")[0] == 200


def test_signing_somebody_in_from_another_site_is_refused(site: Site) -> None:
    """Though there is no session yet that could be forged."""
    form = {"account": "x", "password": "y"}

    assert stranger(site).post("/sign-in", form, origin="https://evil.example")[0] == 403
    assert stranger(site).post("/sign-in", {**form, "goal": "x" * 70_000})[0] == 413


# ── tokens ─────────────────────────────────────────────────────────────────────────────────────


def test_a_token_does_what_it_may_and_no_more(site: Site) -> None:
    """Held to its acts, for its time, and never for the account itself."""
    boards = token(site, "inspector", acts=["view_board", "own_account"], now=NOW, seconds=60)
    ask = stranger(site)

    assert ask.get("/", authorization=boards)[0] == 200
    status, said, _ = ask.get("/case/a/b/c", authorization=boards)
    assert (status, "This token may not" in said) == (403, True)
    assert ask.get("/account", authorization=boards)[0] == 403
    assert ask.get("/", authorization=boards[:-1])[0] == 401
    assert ask.get("/", authorization=boards.replace("Bearer", "Basic"))[0] == 401
    site.clock.at += 60
    assert ask.get("/", authorization=boards)[0] == 401


def test_tokens_are_made_on_the_account_page_shown_once_and_revoked(site: Site) -> None:
    """Only acts of the person's own roles can be given away."""
    browser = signed_in(site, "unit_user", units=["market"], now=NOW, account="clerk")
    wrong = browser.post("/account/tokens", {"label": "x", "days": "30", "acts": "manage_accounts"})
    page = browser.post("/account/tokens", {"label": "接口", "days": "30", "acts": "view_board"})[1]
    whole = re.findall(r"mdt_[0-9a-f]{12}_[\w-]{20,}", page)[0]
    prefix = whole.split("_")[1]

    assert wrong[0] == 422
    assert stranger(site).get("/", authorization=f"Bearer {whole}")[0] == 200
    assert whole not in browser.get("/account")[1]
    assert prefix in browser.get("/account")[1]
    assert browser.post(f"/account/tokens/{prefix}/revoke")[0] == 303
    assert stranger(site).get("/", authorization=f"Bearer {whole}")[0] == 401
    assert whole.encode() not in Path(site.ledger.url.removeprefix("sqlite:///")).read_bytes()


# ── machines ───────────────────────────────────────────────────────────────────────────────────


def test_the_figures_are_for_this_machine_and_for_tokens(site: Site) -> None:
    """A proxy on this machine asks for somebody else, and is not let in for it."""
    ask = stranger(site)

    assert ask.get("/metrics")[0] == 200
    assert ask.get("/metrics", x_forwarded_for="203.0.113.9")[0] == 303
    bearer = token(site, "service", acts=["view_metrics"], now=NOW)
    assert ask.get("/metrics", x_forwarded_for="203.0.113.9", authorization=bearer)[0] == 200


def test_being_alive_is_said_to_everybody(site: Site) -> None:
    """Also to a balancer that asks for the head alone."""
    assert stranger(site).get("/healthz")[0] == stranger(site).get("/readyz")[0] == 200
    assert stranger(site).ask("HEAD", "/healthz", None, headers={})[:2] == (200, "")


# ── the audit chain ────────────────────────────────────────────────────────────────────────────


def test_every_act_and_every_look_at_persons_is_in_the_chain(site: Site) -> None:
    """Refusals and acts that failed too; the chain holds, and an altered row breaks it."""
    clerk = signed_in(site, "unit_user", units=["market"], now=NOW, account="watched")
    clerk.get("/")
    clerk.get("/case/licences/application/L1?lang=en")
    clerk.post("/account/password", {"old": "", "new": "a", "again": "b"})

    looked, asked, failed = acts_of(site, "watched")
    assert looked.startswith("view_case GET /case/licences/application/L1?lang=en · refused: This lies outside")
    assert asked == "own_account POST /account/password"
    assert failed == "own_account POST /account/password · not done: 422"
    assert views.acts(site.ledger, who="watched")[0].address == "127.0.0.1"
    assert site.ledger.verify() == ()

    latest = views.acts(site.ledger, limit=2)
    assert [line.position for line in views.acts(site.ledger, before=latest[0].position, limit=1)] == [
        latest[1].position
    ]
    with site.ledger.store.writing() as connection:
        connection.exec_driver_sql("update acts set who = 'somebody' where position = 1")
    assert [problem.code for problem in site.ledger.verify()] == ["chain/altered"]
    with site.ledger.store.writing() as connection:
        connection.exec_driver_sql("delete from acts")
        connection.exec_driver_sql("delete from chain_heads where chain = 'acts'")
