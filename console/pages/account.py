"""One's own account: password, second factor, where one is signed in, tokens of the API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access import cookies, factors, signing
from console.access.acts import Act, act_label
from console.access.callers import address_of, calling, who
from console.access.declared import needs
from console.access.guard import Refused
from console.access.oneself import choose_password, remove_factor, set_up_factor
from console.access.roles import Verdict, granted_to
from console.desk import Desk, desk_of
from console.words import word
from ledger.accounts import Account
from ledger.sessions import WHOLE

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=2_000)]
Texts = Annotated[list[str], Form(max_length=200)]
DAY = 86_400


@router.get("/account")
@needs(Act.OWN_ACCOUNT)
def account(request: Request) -> Response:
    """Answer with everything that is kept of the caller's account, secrets apart."""
    return _page(request)


@router.post("/account/password")
@needs(Act.OWN_ACCOUNT)
def change_password(request: Request, old: Text = "", new: Text = "", again: Text = "") -> Response:
    """Change the password; every other session ends, this one goes on under a new identity."""
    desk, mine = _mine(request)
    verdict = _known(desk, mine, old)
    verdict = choose_password(desk, mine, new, again, address_of(request)) if verdict else verdict
    if not verdict:
        return _page(request, wrong=verdict, status=422)
    return cookies.begin(request, desk, mine.account, WHOLE, "/account?done=password_changed")


@router.post("/account/sign-out-everywhere")
@needs(Act.OWN_ACCOUNT)
def sign_out_everywhere(request: Request) -> Response:
    """End every session of the account, this one too."""
    desk, mine = _mine(request)
    desk.ledger.accounts.sessions.end_all(mine.account)
    return cookies.end(desk, RedirectResponse("/sign-in", 303))


@router.get("/account/second-factor")
@needs(Act.OWN_ACCOUNT)
def factor(request: Request) -> Response:
    """Show the secret of a new second factor."""
    return _factor(request, factors.new_secret())


@router.post("/account/second-factor")
@needs(Act.OWN_ACCOUNT)
def keep_factor(request: Request, secret: Text = "", code: Text = "", old: Text = "") -> Response:
    """Keep the new second factor, and show its recovery codes this once."""
    desk, mine = _mine(request)
    known = _known(desk, mine, old)
    codes = set_up_factor(desk, mine, secret, code, address_of(request)) if known else None
    if codes is None:
        again = secret if factors.is_secret(secret) else factors.new_secret()
        return _factor(request, again, wrong=signing.WRONG_CODE if known else known)
    return desk.render(request, "recovery.html", codes=codes)


@router.post("/account/second-factor/remove")
@needs(Act.OWN_ACCOUNT)
def drop_factor(request: Request, old: Text = "") -> Response:
    """Take the second factor away, unless the role requires one."""
    desk, mine = _mine(request)
    if signing.roles_of(mine) & desk.access.second_factor_for:
        raise Refused(Verdict(False, word("factor_required", "zh"), word("factor_required", "en")))
    verdict = _known(desk, mine, old)
    if not verdict:
        return _page(request, wrong=verdict, status=422)
    remove_factor(desk, mine, address_of(request))
    return RedirectResponse("/account?done=removed_factor", 303)


@router.post("/account/tokens")
@needs(Act.OWN_ACCOUNT)
def new_token(request: Request, label: Text = "", days: Text = "", acts: Texts = []) -> Response:  # noqa: B006  # FastAPI copies it
    """Make a token for some of the acts of the caller's own roles, and show it this once."""
    desk, mine = _mine(request)
    may = granted_to(signing.roles_of(mine))
    wanted = [Act(each) for each in acts if each in may]
    seconds = int(days) * DAY if days.isascii() and days.isdigit() and len(days) < 5 else 0
    if not label.strip() or not wanted or not DAY <= seconds <= desk.access.token_limit:
        return _page(request, wrong=Verdict(False, word("token_wrong", "zh"), word("token_wrong", "en")), status=422)
    whole = desk.ledger.accounts.tokens.create(mine.account, label.strip(), wanted, desk.now(), seconds)
    desk.ledger.note_act(
        desk.now(), who=mine.account, act="token_created", target=whole.split("_")[1], detail=" ".join(wanted),
        address=address_of(request),
    )  # fmt: skip
    return _page(request, token=whole)


@router.post("/account/tokens/{token}/revoke")
@needs(Act.OWN_ACCOUNT)
def revoke_token(request: Request) -> Response:
    """End one of the caller's tokens."""
    desk, mine = _mine(request)
    desk.ledger.accounts.tokens.revoke(mine.account, request.path_params["token"], desk.now())
    return RedirectResponse("/account", 303)


def _page(request: Request, *, wrong: Verdict | None = None, token: str = "", status: int = 200) -> Response:
    desk, mine = _mine(request)
    language, caller, now = desk.asked(request), calling(request), desk.now()
    done = request.query_params.get("done", "")
    return desk.render(
        request, "account.html", status, mine=mine, wrong=wrong.why(language) if wrong is not None else None,
        done=word(done, language) if done in {"password_changed", "removed_factor"} else None, token=token,
        sessions=desk.ledger.accounts.sessions.of(mine.account),
        this=caller.session.key if caller is not None and caller.session is not None else b"",
        tokens=desk.ledger.accounts.tokens.of(mine.account), works=lambda t: t.revoked_at is None and t.expires_at > now,
        codes_left=desk.ledger.accounts.recovery_codes_left(mine.account),
        acts=[(act, act_label(act, language)) for act in Act if act in granted_to(signing.roles_of(mine))],
        rules=word("password_rules", language).format(n=desk.access.password_length),
        roles=sorted(signing.roles_of(mine)),
    )  # fmt: skip


def _factor(request: Request, secret: str, *, wrong: Verdict | None = None) -> Response:
    desk, mine = _mine(request)
    return desk.render(
        request, "factor.html", 200 if wrong is None else 422, secret=secret,
        picture=factors.picture(secret, mine.account), action="/account/second-factor", required=False, has_password=bool(mine.password_hash),
        wrong=wrong.why(desk.asked(request)) if wrong is not None else None,
    )  # fmt: skip


def _known(desk: Desk, mine: Account, old: str) -> Verdict:
    """Say whether the person at the keyboard knows the present password; accounts without one have none to know."""
    if not mine.password_hash:
        return Verdict(True)
    found = signing.with_password(desk.ledger, desk.access, mine.account, old, desk.now())
    return found if isinstance(found, Verdict) else Verdict(True)


def _mine(request: Request) -> tuple[Desk, Account]:
    """Return the caller's account; tokens do not change accounts, so that a stolen one cannot make itself another."""
    desk, caller = desk_of(request), who(request)
    found = desk.ledger.accounts.find(caller.account)
    if found is None or caller.via != "session":
        raise Refused(Verdict(False, "请在网页上登录后办理。", "Sign in on the pages to do this."))
    return desk, found
