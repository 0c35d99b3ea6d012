"""What machines ask: alive, ready, and the figures."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from console.access.acts import Act
from console.access.callers import address_of
from console.access.declared import needs, open_to_all
from console.desk import desk_of

FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers by which a proxy says that it asks for somebody else."""

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
@open_to_all
def healthz(_request: Request) -> Response:
    """Answer that the process is alive; nothing is asked of the ledger."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
@open_to_all
def readyz(request: Request) -> Response:
    """Answer 200 if the ledger is at head and every duty ran lately, else 503 with the reasons."""
    reasons = list(desk_of(request).troubles())
    return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)


def for_machines_here(request: Request) -> bool:
    """Say whether the figures may be had without an account: from this machine itself, or as the settings say."""
    if desk_of(request).access.metrics_public:
        return True
    try:
        here = ip_address(address_of(request)).is_loopback
    except ValueError:
        return False
    return here and not any(name in request.headers for name in FORWARDED)


@router.get("/metrics")
@needs(Act.VIEW_METRICS, unless=for_machines_here)
def metrics(request: Request) -> Response:
    """Answer with the figures in the Prometheus text format."""
    return Response(desk_of(request).metrics(), media_type="text/plain; version=0.0.4")
