"""How the sources fare, for programs."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request

from console.access.acts import Act
from console.access.declared import needs
from console.api.shapes import MaybeAt
from console.desk import desk_of
from ledger import views

router = APIRouter(prefix="/api/v1/sources", tags=["sources"])


class SourceShape(BaseModel):
    """数据源 · A source: when it last answered, since when and why it fails, how many rows were put aside."""

    source: str
    last_event_at: MaybeAt
    last_success_at: MaybeAt
    failing_since: MaybeAt
    reason_zh: str
    reason_en: str
    runs: int
    quarantined: int


class SourceList(BaseModel):
    """数据源情况 · Every source that was ever read."""

    sources: list[SourceShape]


@router.get("", summary="数据源情况 · how the sources fare")
@needs(Act.VIEW_SOURCES)
def sources(request: Request) -> SourceList:
    """Return the health of every source, by name."""
    found = views.sources(desk_of(request).ledger)
    return SourceList(
        sources=[SourceShape(**{name: getattr(each, name) for name in SourceShape.model_fields}) for each in found]
    )
