"""What every answer carries so that a browser runs nothing but our own files and shows us in nobody's frame."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with "no-referrer" browsers would send forms with the origin "null"
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


def kept(path: str, status: int) -> str:
    """Return how long a browser may keep an answer."""
    if path.startswith("/static/vendor/") and status in {200, 206, 304}:
        return "max-age=31536000, immutable"
    return "max-age=300" if path.startswith("/static/") else "no-store"


class SecurityHeaders:
    """ASGI middleware that adds the headers to every answer; pages are never stored, static files shortly, what others
    wrote for good, because its names bear its versions.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", kept(str(scope.get("path", "")), message["status"]))
            await send(message)

        await self._app(scope, receive, sending)
