"""The OpenAPI document of the HTTP API, for those who are signed in."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from console.access.acts import Act
from console.access.declared import needs, needs_of

router = APIRouter(include_in_schema=False)


@router.get("/api/openapi.json")
@needs(Act.OWN_ACCOUNT)
def document(request: Request) -> Response:
    """Answer with the document; each operation says in ``x-act`` which act it is."""
    app: FastAPI = request.app
    said = app.openapi()
    for route in app.routes:
        needed = needs_of(route)
        for operation in said["paths"].get(getattr(route, "path_format", ""), {}).values():
            operation["x-act"] = str(needed.act) if needed is not None and needed.act is not None else None
    return JSONResponse(said)
