"""A back-test of a text: how far it is, who would be carded, and how to stop it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.desk import desk_of
from console.drafting import with_language, worded
from console.lawtexts import shown_problems
from console.trials import Trial
from rules.hits import Carded

router = APIRouter(include_in_schema=False)

SHOWN: Final = 200
"""Cards of each side that are listed; all of them are counted by unit and rule."""


@router.get("/trials/{number}")
@needs(Act.EDIT_RULE)
def trial(request: Request) -> Response:
    """Answer with a back-test; while it runs the page renews itself."""
    desk, found = desk_of(request), _trial(request)
    result = found.found
    said = ""
    if result is not None:
        key = "trial_whole" if result.cases == result.every else "trial_sample"
        said = worded(request, key).format(cases=f"{result.cases:,}", every=f"{result.every:,}")
    return desk.render(
        request, "trial.html", trial=found, result=result, said=said, shown=SHOWN,
        problems=shown_problems(found.problems, found.text, desk.asked(request)),
        by_unit=_by_unit, mine=found.who == who(request).account,
    )  # fmt: skip


@router.post("/trials/{number}/cancel")
@needs(Act.EDIT_RULE)
def cancel(request: Request) -> Response:
    """Stop a back-test before its next hundred cases."""
    found = _trial(request)
    found.cancelled = True
    return RedirectResponse(with_language(request, f"/trials/{found.number}"), 303)


def _trial(request: Request) -> Trial:
    number = request.path_params["number"]
    found = (
        desk_of(request).trials.find(int(number))
        if number.isascii() and number.isdecimal() and len(number) < 10
        else None
    )
    if found is None:
        raise HTTPException(404)
    return found


def _by_unit(cards: Sequence[Carded]) -> list[tuple[tuple[str, str, str], int]]:
    return sorted(Counter((card.unit, card.rule, card.colour.value) for card in cards).items())
