"""The audit chain as a page, for auditors."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act, noted_label
from console.access.declared import needs
from console.desk import desk_of
from ledger import views

LINES: Final = 100

router = APIRouter(include_in_schema=False)

Word = Annotated[str, Query(max_length=200)]


@router.get("/audit")
@needs(Act.VIEW_AUDIT)
def audit(
    request: Request, before: Annotated[int | None, Query(ge=1, lt=2**62)] = None, by: Word = "", target: Word = ""
) -> Response:
    """Answer with a hundred acts; the link to earlier ones begins where this page ends."""
    desk = desk_of(request)
    lines = views.acts(desk.ledger, before=before, who=by, target=target, limit=LINES)
    language, earlier = desk.asked(request), None
    if len(lines) == LINES:
        url = request.url.include_query_params(before=lines[-1].position)
        earlier = f"{url.path}?{url.query}"

    def named(act: str) -> str:
        return noted_label(act, language)

    return desk.render(request, "audit.html", lines=lines, earlier=earlier, act_named=named)
