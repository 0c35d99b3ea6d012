"""Coverage (监督覆盖): by unit, how many supervision points have data, and which missing words would wake the others."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.callers import within
from console.access.declared import needs
from console.desk import desk_of
from ledger import views
from rules.asking import Need
from rules.pages import need_in_words
from rules.supervised import Supervised

router = APIRouter(include_in_schema=False)


@router.get("/coverage")
@needs(Act.VIEW_BOARD)
def coverage(request: Request) -> Response:
    """Answer with the points that have data, of the units that the caller may see, by what came in of late."""
    desk = desk_of(request)
    language = desk.asked(request)
    reported = views.reported_of_late(desk.ledger, within(request, desk.access))
    by_unit = sorted(reported.events.items())
    units = {unit: [each for each in desk.covered(events) if each.spoken] for unit, events in by_unit}
    every = desk.covered([event for _, events in by_unit for event in events])

    def worded(need: Sequence[Need]) -> str:
        return ("或" if language == "zh" else " or ").join(need_in_words(each, language) for each in need)

    return desk.render(
        request,
        "coverage.html",
        units=units,
        every=every,
        points=sum(len(each.rules) for each in every),
        spoken=sum(each.spoken for each in every),
        looked_at=reported.looked_at,
        worded=worded,
        written=lambda need: " | ".join(".".join(each) for each in need),
        unmet=_unmet,
    )


def _unmet(each: Supervised) -> bool:
    """Say whether no case of the kind was reported at all, so that every silent rule waits for the kind itself."""
    return not each.spoken and bool(each.silent) and not any(silent.lacks for silent in each.silent)
