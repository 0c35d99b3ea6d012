"""Stands before every route: nobody gets further than their roles, their scope and their session allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.access import forgery
from console.access.acts import PERSONAL
from console.access.callers import Caller, address_of, caller_of
from console.access.declared import STATIC, Needs, needs_of
from console.access.roles import Target, Verdict, allowed
from console.desk import Desk
from console.problemjson import of_verdict
from ledger.sessions import NEW_FACTOR, NEW_PASSWORD, SECOND_FACTOR

SIGN_IN: Final = "/sign-in"
OWED_AT: Final = {SECOND_FACTOR: "/sign-in/second", NEW_PASSWORD: "/sign-in/password", NEW_FACTOR: "/sign-in/factor"}
"""Where a session passes the stage that it still owes."""

OPEN_LIMIT: Final = 64 * 1024
"""What is taken from somebody who has not signed in, in bytes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request at the gate."""

    request: Request
    desk: Desk
    needs: Needs

    @property
    def is_api(self) -> bool:
        """Say whether a program asks."""
        return is_api(self.request)

    @property
    def changes(self) -> bool:
        """Say whether the method may change something."""
        return self.request.method not in forgery.SAFE


class Refused(Exception):
    """A refusal that only the page can know, for instance where duties have to be separated; shown with status 403."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.en)
        self.verdict = verdict


class Guard:
    """ASGI middleware. It finds the route that will answer, and what that route declared; what declared nothing is
    not there. Afterwards ``request.state.caller`` says who asks.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with a refusal."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        found = _found(scope) if scope["type"] == "http" else None
        if found is None:
            await self._unknown(scope, receive, send)
            return
        needs, path = found
        request = Request({**scope, **path}, receive)
        asked = Asked(request, scope["app"].state.desk, needs)
        answer, receive = await self._checked(asked, scope, receive)
        if answer is not None:
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, _watching(asked, scope, send))

    async def _unknown(self, scope: Scope, receive: Receive, send: Send) -> None:
        """No route: a page that is not there is answered as such; anything but HTTP is not spoken here."""
        if scope["type"] == "http":
            await self._app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _checked(self, asked: Asked, scope: Scope, receive: Receive) -> tuple[Response | None, Receive]:
        """Return a refusal, or None; and how to receive what was read here."""
        request, desk = asked.request, asked.desk
        if asked.needs is STATIC:
            return None, receive
        if "\0" in request.url.path or "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
            return _refusal(
                asked, 400, Verdict(False, "地址中有不可用的字符。", "The address holds a character that it cannot.")
            ), receive
        caller = await to_thread.run_sync(caller_of, request, desk.ledger, desk.access, desk.now())
        scope.setdefault("state", {})["caller"] = caller
        request.scope["state"] = scope["state"]
        if asked.changes:
            if not asked.is_api and not forgery.same_origin(request, desk.access.public_url):
                return _foreign(asked), receive
            try:
                limit = desk.access.upload_limit if caller is not None else OPEN_LIMIT
                body = await forgery.body_within(request, limit)
            except forgery.TooLarge:
                return _refusal(asked, 413, Verdict(False, "提交的内容过大。", "What was sent is too large.")), receive
            receive = forgery.again(body, receive)
            if caller is not None and caller.session is not None and not await _not_forged(asked, caller, body):
                return _foreign(asked), receive
        if asked.needs.act is None or (asked.needs.unless is not None and asked.needs.unless(request)):
            return None, receive
        return await to_thread.run_sync(_judged, asked, caller), receive


def _found(scope: Scope) -> tuple[Needs, Scope] | None:
    """Return what the route that will answer declared, and its path parameters."""
    for route in scope["app"].routes:
        match, path = route.matches(scope)
        if match is Match.FULL:
            needs = needs_of(route)
            return (needs, path) if needs is not None else None
    return None


async def _not_forged(asked: Asked, caller: Caller, body: bytes) -> bool:
    """Say whether a change by cookie comes from a form of ours; a bearer token is not sent by browsers on their own."""
    copy = Request(asked.request.scope, forgery.again(body, asked.request.receive))
    own = forgery.same_origin(asked.request, asked.desk.access.public_url)
    return own and await forgery.bears_token(copy, caller.form_token)


def _judged(asked: Asked, caller: Caller | None) -> Response | None:
    """Hold the request against roles and scope, and write into the audit chain what has to be there."""
    act = asked.needs.act
    if act is None:
        return None
    if caller is None:
        return _who_are_you(asked)
    if caller.owes and not asked.needs.half_way:
        return _owing(asked, caller)
    target = asked.needs.target(asked.request) if asked.needs.target is not None else None
    verdict = allowed(caller.who, act, target)
    if not verdict:
        _note(asked, caller, target, f"refused: {verdict.en}")
        return _refusal(asked, 403, verdict)
    if (asked.changes and not asked.needs.looks) or act in PERSONAL:
        _note(asked, caller, target)
    return None


def _note(asked: Asked, caller: Caller, target: Target | None, said: str = "") -> None:
    url, act = asked.request.url, asked.needs.act
    what = f"{asked.request.method} {url.path}{'?' + url.query if url.query else ''}"
    asked.desk.ledger.note_act(
        asked.desk.now(), who=caller.who.account, act=str(act), target=(target.name or target.unit) if target else "",
        detail=f"{what} · {said}" if said else what, address=address_of(asked.request),
    )  # fmt: skip


def _watching(asked: Asked, scope: Scope, send: Send) -> Send:
    """Return a sender that also notes when an act, which was noted when it was asked for, did not happen."""
    if not asked.changes or asked.needs.looks or asked.needs.act is None:
        return send

    async def sending(message: Message) -> None:
        caller = scope["state"].get("caller")
        if message["type"] == "http.response.start" and message["status"] >= 400 and caller is not None:
            await to_thread.run_sync(_note, asked, caller, None, f"not done: {message['status']}")
        await send(message)

    return sending


def _who_are_you(asked: Asked) -> Response:
    if asked.is_api:
        return _refusal(asked, 401, allowed(None, asked.needs.act)) if asked.needs.act else Response(status_code=401)
    url = asked.request.url
    goal = f"{url.path}{'?' + url.query if url.query else ''}" if not asked.changes else "/"
    return RedirectResponse(f"{SIGN_IN}?next={quote(goal, safe='')}", 303)


def _owing(asked: Asked, caller: Caller) -> Response:
    if asked.is_api:
        return _refusal(asked, 401, Verdict(False, "登录尚未完成。", "Signing in is not finished."))
    return RedirectResponse(OWED_AT[caller.owes], 303)


def _foreign(asked: Asked) -> Response:
    return _refusal(
        asked, 403,
        Verdict(
            False, "此请求不是由本站当前页面发出的，未予办理。请返回后重试。",
            "This request did not come from a current page of this site; nothing was done. Go back and try again.",
        ),
    )  # fmt: skip


def _refusal(asked: Asked, status: int, verdict: Verdict) -> Response:
    return refusal(asked.request, asked.desk, status, verdict)


def refusal(request: Request, desk: Desk, status: int, verdict: Verdict) -> Response:
    """Return a refusal as a page for people and as JSON for programs."""
    if is_api(request):
        return of_verdict(request, desk.language, status, verdict)
    return desk.render(request, "refused.html", status, why=verdict.why(desk.asked(request)))


def is_api(request: Request) -> bool:
    """Say whether a program asks, which wants no page."""
    return request.url.path.startswith("/api/") or "authorization" in request.headers
