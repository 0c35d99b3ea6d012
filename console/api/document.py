"""The OpenAPI document of the HTTP API, for those who are signed in."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, FastAPI
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from console.access.acts import ACT_LABELS, Act
from console.access.declared import Needs, needs, needs_of
from console.problemjson import MEDIA_TYPE, ProblemDocument

router = APIRouter(include_in_schema=False)

_REFUSED: Final = {
    "description": "未予办理的原因 · why nothing was done (RFC 9457)",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
}
_KNOCKS: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "接口令牌 · a token of one's own account"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "mingdeng",
        "description": "网页登录 · the session of the pages",
    },
}


@router.get("/api/openapi.json")
@needs(Act.OWN_ACCOUNT)
def document(request: Request) -> Response:
    """Answer with the document; each operation says in ``x-act`` which act it is."""
    return JSONResponse(openapi(request.app))


def openapi(app: FastAPI) -> dict[str, Any]:
    """Return the document: every operation with its act, its security, and the one form of its refusals."""
    said = app.openapi()
    schemas = said.setdefault("components", {}).setdefault("schemas", {})
    _, made = models_json_schema([(ProblemDocument, "serialization")], ref_template="#/components/schemas/{model}")
    schemas.update(made["$defs"])
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    said["components"]["securitySchemes"] = _KNOCKS
    said["security"] = [{each: []} for each in _KNOCKS]
    for route in app.routes:
        for operation in said["paths"].get(getattr(route, "path_format", ""), {}).values():
            _complete(operation, needs_of(route))
    return said


def _complete(operation: dict[str, Any], needed: Needs | None) -> None:
    act = needed.act if needed is not None else None
    operation["x-act"] = str(act) if act is not None else None
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = _REFUSED
    if act is not None and "权限" not in operation.get("description", ""):
        zh, en = ACT_LABELS[act]
        operation["description"] = f"{operation.get('description', '')}\n\n权限 · needs: {zh} · {en} (`{act}`)".strip()
