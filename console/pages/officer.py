"""A person who handles cases: what is late, what will be late next, which cards. Whoever looks stands in the audit chain."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.callers import address_of, who, within
from console.access.declared import needs
from console.access.guard import Refused
from console.access.roles import allowed
from console.caselists import CaseList, cases_of
from console.desk import desk_of
from console.followers import names
from ledger import views

router = APIRouter(include_in_schema=False)

LISTED: Final = 20
DAYS: Final = 365


@router.get("/officers/{person:path}")
@needs(Act.VIEW_OFFICER)
def officer(request: Request) -> Response:
    """Answer with what a person handles in the units that the caller may see."""
    desk, asker, name = desk_of(request), who(request), request.path_params["person"]
    verdict = allowed(asker, Act.READ_PERSONAL_DATA)
    if not verdict:
        raise Refused(verdict)
    now, seen = desk.now(), within(request, desk.access)
    desk.ledger.note_act(
        now, who=asker.account, act=Act.READ_PERSONAL_DATA.value, target=name, detail=f"GET {request.url.path}",
        address=address_of(request),
    )  # fmt: skip
    lists = {late: CaseList(late, person=name) for late in (True, False)}
    return desk.render(
        request, "officer.html", whose=name, lists=lists, acts=asker.acts, names=names(desk),
        cards=views.queue(desk.ledger, views.Wanted(person=name), now, seen, LISTED),
        late=cases_of(desk, lists[True], seen, LISTED), soon=cases_of(desk, lists[False], seen, LISTED),
        figures=views.followed(desk.ledger, now - DAYS * 86_400, person=name, within=seen), days_n=DAYS,
        sees_cases=Act.VIEW_CASE in asker.acts,
    )  # fmt: skip
