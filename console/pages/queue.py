"""The work queue: the cards that people follow, by what is due next, with filters that live in the address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from alerts.model import Deed, Stage
from console import bulk
from console.access.acts import Act
from console.access.callers import who, within
from console.access.declared import needs
from console.access.guard import Refused
from console.access.roles import SUPERVISORS, Role, Verdict
from console.deeds import Form, said
from console.desk import Desk, desk_of
from console.followers import names
from console.listing import TABS, Listing, listing
from ledger import views
from ledger.views.queue import FOLLOWED, OPEN
from rules.glossary import label
from rules.problems import Language

router = APIRouter(include_in_schema=False)

PAGE: Final = 50
UNDOES: Final = frozenset({Deed.UNSIGN, Deed.ASSIGN, Deed.UNASSIGN})


@router.get("/queue")
@needs(Act.VIEW_CARDS)
def queue(request: Request) -> Response:
    """Answer with a page of the queue, of the units that the caller may see."""
    desk, person = desk_of(request), who(request)
    seen, now = within(request, desk.access), desk.now()
    asked = listing(request, person, request.query_params.get("lang", ""))
    found = views.queue(desk.ledger, asked.wanted, now, seen, PAGE, asked.after)
    tally = views.queue_tally(desk.ledger, asked.counted, now, seen)
    known = names(desk)
    return desk.render(
        request, "queue.html", asked=asked, found=found, tabs=_tabs(asked, tally), stages=_stages(asked, tally),
        choices=views.queue_choices(desk.ledger, seen),
        open_stages=OPEN, colours=FOLLOWED, names=known, acts=person.acts,
        signs=Act.BULK in person.acts and Act.SIGN_CARD in person.acts,
        assigns=Act.BULK in person.acts and Act.ASSIGN_CARD in person.acts,
        followers=_followers(desk) if Act.ASSIGN_CARD in person.acts else [],
        options=_options(desk, desk.asked(request), known),
    )  # fmt: skip


@router.post("/queue/sign")
@needs(Act.BULK)
def sign(request: Request, form: Form) -> Response:
    """Sign for every card that was chosen."""
    return _done(request, bulk.read(_values(form, "chosen"), Deed.SIGN))


@router.post("/queue/assign")
@needs(Act.BULK)
def assign(request: Request, form: Form) -> Response:
    """Assign every card that was chosen to one inspector."""
    desk, to = desk_of(request), said(form, "to")
    if to not in {account for account, _ in _followers(desk)}:
        raise Refused(Verdict(False, "请选择跟办人。", "Choose who is to follow the cards."))
    return _done(request, bulk.read(_values(form, "chosen"), Deed.ASSIGN, to))


@router.post("/queue/undo")
@needs(Act.BULK)
def undo(request: Request, form: Form) -> Response:
    """Take back what was done in bulk, as far as nobody has gone on from there."""
    chosen = [each for each in bulk.read(_values(form, "undo")) if each.deed in UNDOES]
    return _done(request, chosen, undone=True)


def _values(form: Form, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str)]


def _done(request: Request, chosen: Sequence[bulk.Chosen], *, undone: bool = False) -> Response:
    desk = desk_of(request)
    dealt = bulk.deal_with(desk, who(request), chosen, desk.asked(request))
    return desk.render(
        request, "bulk.html", dealt=dealt, undone=undone, ok=[each for each in dealt if not each.problems],
        undo=[] if undone else [each.undo for each in dealt if each.undo is not None],
    )  # fmt: skip


def _tabs(asked: Listing, tally: Sequence[views.Tally]) -> list[tuple[str, int, int]]:
    """Return each tab with how many cards it has and of how many the next step is late."""
    stage = asked.filters["stage"]
    shown = [each for each in tally if not stage or each.stage.value == stage]
    held = {tab: [each for each in shown if asked.holds(tab, each)] for tab in TABS}
    return [(tab, sum(each.cards for each in those), _late(those)) for tab, those in held.items()]


def _stages(asked: Listing, tally: Sequence[views.Tally]) -> dict[Stage, views.StageCount]:
    """Return how many cards of the tab are in each stage."""
    those: dict[Stage, list[views.Tally]] = {}
    for each in tally:
        if asked.holds(asked.tab, each):
            those.setdefault(each.stage, []).append(each)
    return {stage: views.StageCount(sum(one.cards for one in held), _late(held)) for stage, held in those.items()}


def _late(tally: Iterable[views.Tally]) -> int:
    return sum(each.cards for each in tally if each.lateness == "late")


def _options(
    desk: Desk, language: Language, known: Mapping[str, str]
) -> Callable[[str, Iterable[str]], list[tuple[str, str]]]:
    """Return what gives the choices of a filter with their names in the reader's language."""

    def shown(group: str, value: str) -> str:
        if group in {"unit", "rule"}:
            title = desk.titles.get((group, value), {}).get(language, "")
            return f"{value} {title}".strip() if group == "rule" else title or value
        return known.get(value, value) if group == "people" else label(group, value, language)

    return lambda group, values: [(str(value), shown(group, str(value))) for value in values]


def _followers(desk: Desk) -> list[tuple[str, str]]:
    """Return every inspector by account and name; whether a card lies in his scope is asked for each card."""
    known = {Role(role) for role in SUPERVISORS}
    return [
        (each.account, each.name) for each in desk.ledger.accounts.all() if not each.locked and known & set(each.roles)
    ]
