"""The audit chain for auditors, a page at a time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request

from console.access.acts import Act
from console.access.declared import needs
from console.desk import desk_of
from ledger import views

router = APIRouter(prefix="/api/v1", tags=["audit"])

Word = Annotated[str, Query(max_length=200)]


class ActOfSomebody(BaseModel):
    """One act in the chain: what was done or looked at, by whom, when (seconds UTC), and its link."""

    position: int
    at: int
    who: str
    act: str
    target: str
    detail: str
    address: str
    hash: str


class AuditPage(BaseModel):
    """Acts, the latest first; ``next`` is the cursor of the page after this one, None at the end."""

    acts: list[ActOfSomebody]
    next: int | None


@router.get("/audit")
@needs(Act.VIEW_AUDIT)
def audit(
    request: Request, before: Annotated[int | None, Query(ge=1, lt=2**62)] = None, who: Word = "", act: Word = "",
    target: Word = "", limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AuditPage:  # fmt: skip
    """Return what people did, by person, act or target."""
    found = views.acts(desk_of(request).ledger, before=before, who=who, act=act, target=target, limit=limit)
    lines = [ActOfSomebody(**{name: getattr(line, name) for name in ActOfSomebody.model_fields}) for line in found]
    return AuditPage(acts=lines, next=found[-1].position if len(found) == limit else None)
