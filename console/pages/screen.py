"""The big screen (大屏) of a hall or an office: one page that renews itself by server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Final

import anyio
from anyio import to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from console.access.acts import Act
from console.access.callers import within
from console.access.declared import needs
from console.desk import Desk, desk_of
from console.screening import PARTS, as_of, parts
from ledger.views import Within
from rules.problems import Language

router = APIRouter(include_in_schema=False)

EVERY: Final = 1.0
"""Seconds between two looks at the ledger's counters."""

HEARTBEAT: Final = 10
"""Looks without any change after which the screen is told that it is still live."""

LOOKS: Final = 600
"""After so many looks the stream ends and the browser opens another, which passes the guard anew: who was signed out in the
meantime, or whose scope was changed, is not shown anything for longer.
"""

AGAIN: Final = 3_000
LATER: Final = 60_000
"""Milliseconds until a browser listens again: after its stream has ended, and where too many listen."""

STREAMS: Final = 200
"""More screens than this at once are sent to the slower way of renewing."""


@router.get("/screen")
@needs(Act.VIEW_SCREEN)
def screen(request: Request) -> Response:
    """Answer with the screen as it stands now, of the units that the caller may see."""
    desk = desk_of(request)
    drawn = parts(desk, within(request, desk.access), desk.asked(request))
    told = as_of(desk, desk.asked(request))
    return desk.render(request, "screen.html", parts=drawn, names=PARTS, zone=desk.zone, as_of=told)


@router.get("/screen/stream")
@needs(Act.VIEW_SCREEN)
def stream(request: Request) -> Response:
    """Answer with a stream of the parts that changed; at first with all of them."""
    desk = desk_of(request)
    told = _told(desk, within(request, desk.access), desk.asked(request))
    return StreamingResponse(told, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def _told(desk: Desk, seen: Within, language: Language) -> AsyncIterator[str]:
    """Yield what changed, and the instant alone where nothing did for a while; if too many listen, when to come again."""
    sent: Mapping[str, str] = {}
    quiet = 0
    if not desk.screens.enter(STREAMS):
        yield f"event: full\nretry: {LATER}\ndata:\n\n"
        return
    try:
        for _ in range(LOOKS):
            drawn = await to_thread.run_sync(parts, desk, seen, language)
            changed = {name: html for name, html in drawn.items() if sent.get(name) != html}
            quiet = 0 if changed else quiet + 1
            if changed or quiet % HEARTBEAT == 0:
                yield message(changed, as_of(desk, language))
                sent = drawn
            await anyio.sleep(EVERY)
    finally:
        desk.screens.leave()


def message(parts: Mapping[str, str], instant: str) -> str:
    """Return a server-sent event with the parts, and the instant of which they tell, as htmx puts them in place."""
    told = "".join(_placed(f"part-{name}", html) for name, html in parts.items()) + _placed("as-of", instant)
    return f"retry: {AGAIN}\n" + "".join(f"data: {line}\n" for line in told.splitlines()) + "\n"


def _placed(name: str, html: str) -> str:
    return f'<hx-partial hx-target="#{name}" hx-swap="innerMorph">{html}</hx-partial>'
