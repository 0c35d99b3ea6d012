"""Signing in and out: by password, by a one-time link, by a provider; and what a session may still owe."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access import cookies, factors, signing
from console.access.acts import Act
from console.access.callers import address_of, calling
from console.access.cookies import safe_goal
from console.access.declared import needs, open_to_all
from console.access.oneself import choose_password, set_up_factor
from console.access.roles import Verdict
from console.desk import Desk, desk_of
from ledger.accounts import Account
from ledger.sessions import NEW_FACTOR, NEW_PASSWORD, SECOND_FACTOR, Session

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=2_000)]


@router.get("/sign-in")
@open_to_all
def form(request: Request, next: str = "/") -> Response:  # noqa: A002  # the parameter's name in addresses
    """Answer with the form."""
    return _form(request, goal=safe_goal(next))


@router.post("/sign-in")
@open_to_all
def sign_in(request: Request, account: Text = "", password: Text = "", goal: Text = "/") -> Response:
    """Begin a session for whoever knows the password."""
    desk = desk_of(request)
    found = signing.with_password(desk.ledger, desk.access, account, password, desk.now())
    if isinstance(found, Verdict):
        return _form(request, goal=safe_goal(goal), account=account, wrong=found, status=401)
    return cookies.begin(request, desk, found.account, signing.stage_after(found, desk.access), safe_goal(goal))


@router.get("/sign-in/link/{secret}")
@open_to_all
def link(request: Request) -> Response:
    """Answer with a button: only pressing it uses the link up, not a mail scanner that looks where it leads."""
    return desk_of(request).render(request, "signin_link.html", wrong=None)


@router.post("/sign-in/link/{secret}")
@open_to_all
def use_link(request: Request) -> Response:
    """Begin a session by a link that nobody used before."""
    desk = desk_of(request)
    found = signing.with_link(desk.ledger, request.path_params["secret"], desk.now())
    if isinstance(found, Verdict):
        why = found.why(desk.asked(request))
        return desk.render(request, "signin_link.html", 401, wrong=why)
    account, owes_password = found
    stage = signing.stage_after(account, desk.access, owes_password=owes_password)
    return cookies.begin(request, desk, account.account, stage)


@router.get("/sign-in/second")
@needs(Act.OWN_ACCOUNT, half_way=True)
def second(request: Request, next: str = "/") -> Response:  # noqa: A002  # as above
    """Ask for the second factor."""
    return desk_of(request).render(request, "signin_second.html", wrong=None, goal=safe_goal(next))


@router.post("/sign-in/second")
@needs(Act.OWN_ACCOUNT, half_way=True)
def prove_second(request: Request, code: Text = "", goal: Text = "/") -> Response:
    """Let the session go on if the second factor is proved."""
    desk = desk_of(request)
    account, session = _half_way(request, desk, SECOND_FACTOR)
    if session is None:
        return RedirectResponse("/", 303)
    verdict = signing.second_factor(desk.ledger, desk.access, account, code, desk.now())
    if not verdict:
        why = verdict.why(desk.asked(request))
        return desk.render(request, "signin_second.html", 401, wrong=why, goal=safe_goal(goal))
    owes = not account.password_hash and account.identity is None
    stage = signing.stage_after(account, desk.access, owes_password=owes, proved=True)
    return cookies.begin(request, desk, account.account, stage, safe_goal(goal))


@router.get("/sign-in/password")
@needs(Act.OWN_ACCOUNT, half_way=True)
def password(request: Request) -> Response:
    """Ask for a first password."""
    return _password(request)


@router.post("/sign-in/password")
@needs(Act.OWN_ACCOUNT, half_way=True)
def first_password(request: Request, new: Text = "", again: Text = "") -> Response:
    """Keep the first password and let the session go on."""
    desk = desk_of(request)
    account, session = _half_way(request, desk, NEW_PASSWORD)
    if session is None:
        return RedirectResponse("/", 303)
    verdict = choose_password(desk, account, new, again, address_of(request))
    if not verdict:
        return _password(request, verdict)
    return cookies.begin(request, desk, account.account, signing.stage_after(account, desk.access, proved=True))


@router.get("/sign-in/factor")
@needs(Act.OWN_ACCOUNT, half_way=True)
def factor(request: Request) -> Response:
    """Show the secret of a factor that the role requires."""
    return _factor(request, factors.new_secret())


@router.post("/sign-in/factor")
@needs(Act.OWN_ACCOUNT, half_way=True)
def first_factor(request: Request, secret: Text = "", code: Text = "") -> Response:
    """Keep the factor, show its recovery codes, and let the session go on."""
    desk = desk_of(request)
    account, session = _half_way(request, desk, NEW_FACTOR)
    if session is None:
        return RedirectResponse("/", 303)
    codes = set_up_factor(desk, account, secret, code, address_of(request))
    if codes is None:
        return _factor(request, secret if factors.is_secret(secret) else factors.new_secret(), wrong=True)
    page = desk.render(request, "recovery.html", codes=codes)
    page.headers.append("set-cookie", cookies.begin(request, desk, account.account, "whole").headers["set-cookie"])
    return page


@router.post("/sign-out")
@needs(Act.OWN_ACCOUNT, half_way=True)
def sign_out(request: Request) -> Response:
    """End this session."""
    desk, caller = desk_of(request), calling(request)
    if caller is not None and caller.session is not None:
        desk.ledger.accounts.sessions.end(caller.session)
    return cookies.end(desk, RedirectResponse("/sign-in", 303))


def _form(
    request: Request, *, goal: str, account: str = "", wrong: Verdict | None = None, status: int = 200
) -> Response:
    desk = desk_of(request)
    why = wrong.why(desk.asked(request)) if wrong is not None else None
    return desk.render(
        request, "signin.html", status, goal=goal, account=account, wrong=why, provider=desk.access.provider
    )


def _password(request: Request, wrong: Verdict | None = None) -> Response:
    desk = desk_of(request)
    why = wrong.why(desk.asked(request)) if wrong is not None else None
    least = desk.access.password_length
    return desk.render(request, "signin_password.html", 422 if why else 200, wrong=why, password_length=least)


def _factor(request: Request, secret: str, *, wrong: bool = False) -> Response:
    desk, caller = desk_of(request), calling(request)
    name = caller.who.account if caller is not None else ""
    said = signing.WRONG_CODE.why(desk.asked(request)) if wrong else None
    return desk.render(
        request, "factor.html", 422 if wrong else 200, secret=secret, picture=factors.picture(secret, name),
        wrong=said, action="/sign-in/factor", required=True, has_password=False,
    )  # fmt: skip


def _half_way(request: Request, desk: Desk, stage: str) -> tuple[Account, Session | None]:
    """Return the account, and its session if that stands exactly at ``stage``."""
    caller = calling(request)
    account = desk.ledger.accounts.find(caller.who.account) if caller is not None else None
    if caller is None or account is None:
        raise LookupError("the guard lets nobody in without an account")
    return account, caller.session if caller.owes == stage else None
