"""Changes of lights as they are recorded, as server-sent events: each with its place in the chain, so that none is missed.

A browser or program that was cut off sends the last number that it saw (``Last-Event-ID``) and goes on behind it. What is
told lies in the scope of whoever asks, which is looked at anew all the time: the stream ends where the sign-in does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final

from anyio import to_thread
from fastapi import APIRouter, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel
from starlette.requests import Request

from console.access.acts import Act
from console.access.callers import BY_ITSELF, caller_of
from console.access.declared import needs
from console.access.roles import allowed
from console.api.shapes import At, LightShape, StateShape
from console.desk import Desk, desk_of
from ledger.views import Within
from ledger.views.lights import LightChange, last_light, light_changes

router = APIRouter(prefix="/api/v1", tags=["stream"])

PAUSE: Final = 1.0
"""Seconds between two looks into the ledger."""

LOOKS_PER_BEAT: Final = 15
"""After so many looks without news a sign of life is sent."""

AT_ONCE: Final = 500


class LightEvent(BaseModel):
    """灯的变化 · A case changed its light: ``at`` its true instant, ``recorded_at`` when it was seen."""

    case_id: str
    unit: str
    from_light: LightShape | None
    light: LightShape
    state: StateShape
    clock: str
    at: At
    recorded_at: At


@router.get("/stream", summary="实时灯变 · changes of lights, live", response_class=EventSourceResponse)
@needs(Act.VIEW_BOARD)
async def stream(
    request: Request,
    last_event_id: Annotated[int | None, Header(ge=0, lt=2**62)] = None,
    after: Annotated[
        int | None, Query(ge=0, lt=2**62, description="从此位置之后开始 · begin behind this position")
    ] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Send every change of a light behind a position, else those from now on; each event's id is its position."""
    desk = desk_of(request)
    begin = last_event_id if last_event_id is not None else after
    position = begin if begin is not None else await to_thread.run_sync(last_light, desk.ledger)
    yield ServerSentEvent(comment="mingdeng", retry=2_000, id=str(position))
    quiet = 0
    while (
        seen := await to_thread.run_sync(_seen_now, desk, request)
    ) is not None and not await request.is_disconnected():
        found, reached = await to_thread.run_sync(light_changes, desk.ledger, position, seen, AT_ONCE)
        for change in found:
            yield ServerSentEvent(data=_event(change), event="light", id=str(change.position))
        quiet = 0 if found else quiet + 1
        if quiet >= LOOKS_PER_BEAT:
            quiet = 0
            yield ServerSentEvent(comment="", id=str(reached))
        position = reached
        if len(found) < AT_ONCE:
            await asyncio.sleep(PAUSE)


def _seen_now(desk: Desk, request: Request) -> Within | None:
    """Return the units that the caller may be told of now, None if they may no longer ask; no session is prolonged."""
    headers = [*request.scope["headers"], (BY_ITSELF.encode(), b"1")]
    caller = caller_of(Request({**request.scope, "headers": headers}), desk.ledger, desk.access, desk.now())
    if caller is None or caller.owes or not allowed(caller.who, Act.VIEW_BOARD):
        return None
    return Within(caller.who.scope.covered(desk.access.regions()))


def _event(change: LightChange) -> LightEvent:
    return LightEvent(
        case_id=str(change.case_id), unit=change.unit, from_light=change.from_light, light=change.light,
        state=change.state, clock=change.clock, at=change.at, recorded_at=change.recorded_at,
    )  # fmt: skip
