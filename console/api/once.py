"""Idempotency keys: a request that is repeated under the same key is answered as before and not done again.

The header ``Idempotency-Key`` is optional on every change. Only what was done is kept; a refusal frees the key. After a
crash between deed and answer the route is told by ``first_asked`` to look for the deed before it does it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec
from anyio import to_thread
from fastapi import Depends, Header
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.access.callers import who
from console.access.guard import Refused
from console.desk import Desk, desk_of
from ledger import idempotency
from ledger.idempotency import Answer, Claim, Standing
from rules.facts import Instant
from rules.problems import UserError, refuse

HEADER: Final = "idempotency-key"
LONGEST: Final = 200
_OURS: Final = ("content-type", "etag", "location")
SHOWN_ONCE: Final = "x-shown-once"
"""Between a route and its key: the field of the answer that is kept nowhere. It never leaves the house."""

REFUSALS: Final = (UserError, HTTPException, RequestValidationError, Refused)
"""What says that nothing was done."""


def _keyed(
    idempotency_key: Annotated[
        str | None,
        Header(max_length=LONGEST, description="幂等键：重复的请求只办理一次 · what is repeated under it is done once"),
    ] = None,
) -> None:
    """Name the header in the document; the key itself is looked at by the route."""


KEYED: Final = Depends(_keyed)
"""For routes that change something: the document says that they take a key."""

_CHANGES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_headers = msgspec.json.Decoder(dict[str, str]).decode


class Once(APIRoute):
    """A route whose changes are done once per key."""

    def get_route_handler(self) -> Handler:
        """Return the handler, with the key looked at before and the answer kept behind."""
        handler = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None or request.method not in _CHANGES:
                return await handler(request)
            return await _done_once(request, key, handler)

        return once


def first_asked(request: Request) -> Instant | None:
    """Return when this request was first asked under its key, if that try was cut off; None for a first try."""
    found: Instant | None = getattr(request.state, "first_asked", None)
    return found


async def _done_once(request: Request, key: str, handler: Handler) -> Response:
    desk, account = desk_of(request), who(request).account
    if not key or len(key) > LONGEST or not key.isascii() or not key.isprintable():
        raise refuse(
            "once/key", "Idempotency-Key", f"The key has to be 1 to {LONGEST} printable characters of ASCII.",
            f"Idempotency-Key 须为 1 至 {LONGEST} 个可见 ASCII 字符。",
            mend_en="A UUID will do.", mend_zh="可用 UUID。",
        )  # fmt: skip
    claim = await to_thread.run_sync(
        idempotency.claim, desk.ledger.store, account, key, await _digest(request), desk.now()
    )
    if claim.answer is not None:
        return _replayed(claim.answer)
    if claim.standing not in {Standing.OURS, Standing.AGAIN}:
        raise _refusal(claim)
    if claim.standing is Standing.AGAIN:
        request.state.first_asked = claim.began_at
    return await _kept(desk, account, key, handler, request)


async def _kept(desk: Desk, account: str, key: str, handler: Handler, request: Request) -> Response:
    """Do it; keep the answer if it was done, free the key if it was refused, and leave the claim if we failed."""
    try:
        answer = await handler(request)
    except REFUSALS:
        await to_thread.run_sync(idempotency.let_go, desk.ledger.store, account, key)
        raise
    headers = {name: answer.headers[name] for name in _OURS if name in answer.headers}
    kept = Answer(answer.status_code, msgspec.json.encode(headers), _without_secret(answer))
    await to_thread.run_sync(idempotency.keep, desk.ledger.store, account, key, kept)
    return answer


async def _digest(request: Request) -> bytes:
    """Return what tells this request from any other: verb, address, what holds it to a version, and its body."""
    said = [
        request.method, request.url.path, request.url.query, request.headers.get("content-type", ""),
        request.headers.get("if-match", ""),
    ]  # fmt: skip
    return sha256(msgspec.json.encode(said) + await request.body()).digest()


def _without_secret(answer: Response) -> bytes:
    """Return the body as it may be kept: a field that is shown once is null in every answer after the first."""
    body = bytes(answer.body)
    field = answer.headers.get(SHOWN_ONCE)
    if field is None:
        return body
    del answer.headers[SHOWN_ONCE]
    return msgspec.json.encode({**msgspec.json.decode(body), field: None})


def _replayed(answer: Answer) -> Response:
    headers = {**_headers(answer.headers_json), "idempotency-replayed": "true"}
    return Response(answer.body, answer.status, headers)


def _refusal(claim: Claim) -> UserError:
    if claim.standing is Standing.UNDER_WAY:
        return refuse(
            "once/under-way", "Idempotency-Key", "The same request is being dealt with just now.", "同一请求正在办理中。",
            mend_en=f"Ask again in {idempotency.LEASE} seconds.", mend_zh=f"请于 {idempotency.LEASE} 秒后重试。",
        )  # fmt: skip
    return refuse(
        "once/another", "Idempotency-Key", "This key was used for another request.", "此 Idempotency-Key 已用于另一请求。",
        mend_en="Take a new key for every new request.", mend_zh="每个新请求请用新的键。",
    )  # fmt: skip
