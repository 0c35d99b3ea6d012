"""The rows of a source that were put aside, and mending its mapping until they can be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.access.roles import Target
from console.desk import desk_of
from console.drafting import Text, normal, with_language
from console.lawtexts import shown_problems
from console.mending import Dry, dry_run
from console.pages.sources import health_of, reason_of
from ledger import views
from ledger.views import Aside
from rules.problems import Problem, UserError

router = APIRouter(include_in_schema=False)

PAGE: Final = 50


def _name(request: Request) -> Target:
    """Name the source in the audit chain; it belongs to no unit, so the scope has to be everything."""
    return Target(name=request.path_params["source"])


@router.get("/sources/{source}/quarantine")
@needs(Act.VIEW_QUARANTINE, target=_name)
def quarantine(
    request: Request, code: Annotated[str, Query(max_length=100)] = "", after: Annotated[int, Query(ge=0, lt=2**62)] = 0
) -> Response:
    """Answer with rows that were put aside, fifty at a time, of one reason or any."""
    desk, health = desk_of(request), health_of(request)
    rows = views.quarantined(desk.ledger, health.source, code=code, after=after, limit=PAGE)
    return desk.render(
        request, "quarantine.html", source=health.source, rows=rows, code=code, reason=reason_of(request),
        counts=views.quarantine_counts(desk.ledger, health.source), last=rows[-1].number if len(rows) == PAGE else None,
        shown=lambda aside: shown_cells(aside, whole=Act.READ_PERSONAL_DATA in who(request).acts),
        guarded=Act.READ_PERSONAL_DATA not in who(request).acts,
    )  # fmt: skip


@router.get("/sources/{source}/mapping")
@needs(Act.MEND_QUARANTINE, target=_name)
def mapping(request: Request) -> Response:
    """Answer with the desk, the mapping in use upon it."""
    return _desk(request, _in_use(request))


@router.post("/sources/{source}/mapping")
@needs(Act.MEND_QUARANTINE, target=_name, looks=True)
def try_mapping(request: Request, text: Text = "") -> Response:
    """Answer with how many of the rows put aside the mended mapping can read."""
    plain = normal(text)
    try:
        return _desk(
            request, plain, found=dry_run(desk_of(request), health_of(request).source, plain, _in_use(request))
        )
    except UserError as error:
        return _desk(request, plain, problems=error.problems, status=422)


@router.post("/sources/{source}/download")
@needs(Act.MEND_QUARANTINE, target=_name, looks=True)
def download(_request: Request, text: Text = "") -> Response:
    """Hand out the mended mapping as a file; it is never written here."""
    headers = {"content-disposition": 'attachment; filename="mapping.yaml"'}
    return Response(normal(text), media_type="application/octet-stream", headers=headers)


@router.post("/sources/{source}/replay")
@needs(Act.MEND_QUARANTINE, target=_name)
def replay(request: Request, text: Text = "") -> Response:
    """Take in every row put aside that the mended mapping can read, and leave the rest."""
    desk, health, plain = desk_of(request), health_of(request), normal(text)
    try:
        found = dry_run(desk, health.source, plain, _in_use(request))
    except UserError as error:
        return _desk(request, plain, problems=error.problems, status=422)
    said = {aside.number: reread.events for aside, reread in found.rows if reread.fits}
    brought = desk.ledger.replay(health.source, said, desk.now())
    desk.ledger.note_act(
        desk.now(), who=who(request).account, act=Act.MEND_QUARANTINE, target=health.source,
        detail=f"replayed {brought.rows} rows: {brought.new} new, {brought.changed} changed, {brought.outdated} outdated",
    )  # fmt: skip
    return RedirectResponse(with_language(request, f"/sources/{health.source}?replayed={brought.rows}"), 303)


def shown_cells(aside: Aside, *, whole: bool) -> Mapping[str, str]:
    """Return the cells that may be shown: all of them, or only what the fault is about; the others are masked."""
    if whole:
        return aside.row.raw
    faulty = {aside.row.column, *aside.row.column.split("+")}
    return {column: value if column in faulty else "•••" for column, value in aside.row.raw.items()}


def _desk(
    request: Request, text: str, *, found: Dry | None = None, problems: tuple[Problem, ...] = (), status: int = 200
) -> Response:
    desk, health = desk_of(request), health_of(request)
    language = desk.asked(request)
    return desk.render(
        request, "mapping.html", status, source=health.source, text=text, found=found,
        problems=shown_problems(problems, text, language),
        aside=sum(views.quarantine_counts(desk.ledger, health.source).values()),
    )  # fmt: skip


def _in_use(request: Request) -> str:
    text = desk_of(request).workshop.mappings().get(request.path_params["source"])
    if text is None:
        raise HTTPException(404)
    return text
