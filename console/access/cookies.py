"""Begins and ends sessions in the browser: one cookie, out of reach of scripts and of other sites."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access.callers import address_of, calling, cookie_name
from console.access.guard import OWED_AT
from console.desk import Desk
from ledger.sessions import WHOLE

START: Final = "/start"
"""Leads each role to the page with which its day begins."""


def begin(request: Request, desk: Desk, account: str, stage: str, goal: str = "/") -> Response:
    """Begin a session in place of the present one and lead to ``goal`` (the role's own page, if
    nothing else was asked for), or first to what the session owes.
    """
    caller, now = calling(request), desk.now()
    sessions = desk.ledger.accounts.sessions
    if caller is not None and caller.session is not None:
        sessions.end(caller.session)
    secret = sessions.begin(
        account, now, stage=stage, address=address_of(request), agent=request.headers.get("user-agent", "")
    )
    if stage == WHOLE:
        desk.ledger.accounts.signed_in(account, now)
        desk.ledger.note_act(now, who=account, act="signed_in", target=account, address=address_of(request))
        sessions.sweep(now, desk.access.absolute)
    wanted = goal if goal != "/" else START
    answer = RedirectResponse(wanted if stage == WHOLE else with_goal(OWED_AT[stage], goal), 303)
    answer.set_cookie(
        cookie_name(desk.access), secret, path="/", httponly=True, samesite="lax", secure=desk.access.https
    )
    return answer


def end(desk: Desk, answer: Response) -> Response:
    """Take the cookie away."""
    answer.delete_cookie(
        cookie_name(desk.access), path="/", httponly=True, samesite="lax", secure=desk.access.https
    )  # fmt: skip
    return answer


def safe_goal(asked: str) -> str:
    """Return an address of ours to go to after signing in; anything else becomes the board."""
    parts = urlsplit(asked)
    odd = asked.startswith("//") or "\\" in asked or any(ord(letter) < 33 for letter in asked)
    return asked if asked.startswith("/") and not (odd or parts.scheme or parts.netloc) else "/"


def with_goal(path: str, goal: str) -> str:
    """Return a path that remembers where the person wanted to go."""
    return path if goal == "/" else f"{path}?next={quote(goal, safe='')}"
