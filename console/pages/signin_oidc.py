"""Signing in through the provider of identities: there, and back."""

from __future__ import annotations

from hmac import compare_digest
from typing import Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access import cookies, oidc, signing
from console.access.access import Provider
from console.access.callers import address_of
from console.access.cookies import safe_goal
from console.access.declared import open_to_all
from console.access.identities import account_for
from console.access.roles import Verdict
from console.desk import Desk, desk_of
from console.words import word

COOKIE: Final = "mingdeng-oidc"
"""Binds the way back to the browser that went there, so that nobody is signed in by a link of somebody else."""

PATH: Final = "/sign-in/oidc"

router = APIRouter(include_in_schema=False)


@router.get(PATH)
@open_to_all
def there(request: Request, next: str = "/") -> Response:  # noqa: A002  # the parameter's name in addresses
    """Send the browser to the provider."""
    desk = desk_of(request)
    try:
        url, state, handshake = oidc.begin(_provider(desk), _back(request, desk), safe_goal(next))
    except oidc.ProviderFailed as fault:
        return _failed(request, desk, str(fault))
    desk.ledger.accounts.sessions.shake(state, handshake, desk.now())
    answer = RedirectResponse(url, 303)
    answer.set_cookie(COOKIE, state, max_age=600, path=PATH, httponly=True, samesite="lax", secure=desk.access.https)
    return answer


@router.get(PATH + "/back")
@open_to_all
def back(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
    """Begin a session for the person whom the provider names."""
    desk, sent = desk_of(request), request.cookies.get(COOKIE, "")
    provider = _provider(desk)
    mine = bool(state) and compare_digest(sent.encode(), state.encode())
    handshake = desk.ledger.accounts.sessions.shaken(state, desk.now()) if mine else None
    if handshake is None or error or not code:
        return _failed(request, desk, error[:100] or "the state is not that of this browser")
    try:
        claims = oidc.finish(provider, _back(request, desk), code, handshake, desk.now())
    except oidc.ProviderFailed as fault:
        return _failed(request, desk, str(fault))
    found = account_for(desk.ledger, provider, claims, desk.now())
    if isinstance(found, Verdict):
        return _failed(request, desk, found.en, found)
    stage = signing.stage_after(found, desk.access)
    answer = cookies.begin(request, desk, found.account, stage, handshake.goal)
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


def _provider(desk: Desk) -> Provider:
    if desk.access.provider is None:
        raise HTTPException(404)
    return desk.access.provider


def _back(request: Request, desk: Desk) -> str:
    return (desk.access.public_url or str(request.base_url).rstrip("/")) + PATH + "/back"


def _failed(request: Request, desk: Desk, said: str, verdict: Verdict | None = None) -> Response:
    desk.ledger.note_act(desk.now(), who="oidc", act="sign_in_failed", detail=said, address=address_of(request))
    shown = (
        verdict if verdict is not None else Verdict(False, word("provider_failed", "zh"), word("provider_failed", "en"))
    )
    return desk.render(
        request, "signin.html", 401, goal="/", account="", wrong=shown.why(desk.asked(request)),
        provider=desk.access.provider,
    )  # fmt: skip
