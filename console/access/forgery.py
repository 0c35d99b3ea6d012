"""Keeps other sites from acting in the name of who is signed in (CSRF): same origin, and the session's form token."""

from __future__ import annotations

from hmac import compare_digest
from typing import Final
from urllib.parse import unquote_plus, urlsplit

from starlette.requests import Request
from starlette.types import Message, Receive

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD: Final = "form_token"
HEADER: Final = "x-form-token"
PLAIN_FORM: Final = "application/x-www-form-urlencoded"
FORMS: Final = (PLAIN_FORM, "multipart/form-data")


class TooLarge(Exception):
    """The body is larger than is taken."""


def same_origin(request: Request, public_url: str) -> bool:
    """Say whether a request comes from our own pages, as far as the browser tells (old ones tell nothing)."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    own = urlsplit(public_url)
    if public_url and origin == f"{own.scheme}://{own.netloc}":
        return True
    return urlsplit(origin).netloc == request.headers.get("host")


async def body_within(request: Request, limit: int) -> bytes:
    """Return the whole body; raise ``TooLarge`` beyond ``limit`` bytes, without taking in the rest."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > limit:
        raise TooLarge
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLarge
        parts.append(part)
    return b"".join(parts)


def again(body: bytes, receive: Receive) -> Receive:
    """Return a way to receive a body that was read already, and after it whatever else comes."""
    left = [body]

    async def receiving() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return receiving


async def bears_token(request: Request, token: str) -> bool:
    """Say whether a request brings the form token of its session, in a header or in a field of its form."""
    brought, kind = request.headers.get(HEADER), request.headers.get("content-type", "")
    if brought is None and kind.startswith(PLAIN_FORM):
        brought = _field(await request.body())
    elif brought is None and kind.startswith(FORMS):
        async with request.form() as form:
            field = form.get(FIELD)
            brought = field if isinstance(field, str) else None
    return bool(brought and token) and compare_digest(str(brought).encode(), token.encode())


def _field(body: bytes) -> str | None:
    """Return the token of a plain form, without taking the rest of it apart: a rulebook's text is long."""
    name = f"{FIELD}=".encode()
    found = [pair.removeprefix(name) for pair in body.split(b"&") if pair.startswith(name)]
    return unquote_plus(found[0].decode("utf-8", "replace")) if len(found) == 1 else None
