"""What machines ask: alive, ready, and the figures."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from console.desk import desk_of


def healthz(_request: Request) -> Response:
    """Answer that the process is alive; nothing is asked of the ledger."""
    return PlainTextResponse("ok\n")


def readyz(request: Request) -> Response:
    """Answer 200 if the ledger is at head and every duty ran lately, else 503 with the reasons."""
    reasons = list(desk_of(request).troubles())
    return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)


def metrics(request: Request) -> Response:
    """Answer with the figures in the Prometheus text format."""
    return Response(desk_of(request).metrics(), media_type="text/plain; version=0.0.4")
