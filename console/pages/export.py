"""Lists as files, filtered as their pages are; that somebody took one stands in the audit chain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.callers import who, within
from console.access.declared import needs
from console.caselists import CaseList, cases_of
from console.desk import Desk, desk_of
from console.followers import names
from console.listing import listing
from console.lookup import Lookup, looked_up
from console.pages.mine import asked_of
from console.pages.search import LONGEST, SHORTEST
from console.pages.willbreach import seconds_of
from console.sheets import KINDS, MOST, Cell, Sheet, written
from console.words import word
from ledger import views
from rules.facts import Instant
from rules.glossary import label
from rules.problems import Language

router = APIRouter(include_in_schema=False)

FOUND: Final = 1_000
"""How many of each kind a search exports at most."""


@router.get("/export/cards.{kind}")
@needs(Act.EXPORT)
def cards(request: Request) -> Response:
    """Answer with the cards of a queue as its address filters them."""
    return _cards(request, listing(request, who(request)).wanted)


@router.get("/export/mine.{kind}")
@needs(Act.EXPORT)
def own_cards(request: Request) -> Response:
    """Answer with a unit's own cards as the address of their page filters them."""
    asked = asked_of(request)
    return _cards(request, asked.wanted(asked.tab, asked.stage))


def _cards(request: Request, wanted: views.Wanted) -> Response:
    desk, language = desk_of(request), desk_of(request).asked(request)
    now, known = desk.now(), names(desk)
    found = views.queue(desk.ledger, wanted, now, within(request, desk.access), MOST)

    def row(line: views.QueueLine) -> list[Cell]:
        card = line.card
        return [
            card.card_id, label("colours", card.colour, language), label("stages", card.stage, language), card.rule,
            _title(desk, "rule", card.rule, language), card.case_id.case_no,
            _title(desk, "unit", card.unit, language) or card.unit, card.item, card.person,
            known.get(card.assignee, card.assignee), _at(desk, card.issued_at),
            _at(desk, line.due_at), word("over", language) if line.due_at is not None and now > line.due_at else "",
        ]  # fmt: skip

    keys = ("card_no", "colour", "stage", "rule", "rule", "case", "unit", "item", "person", "assignee", "issued_at",
            "step_due", "lateness")  # fmt: skip
    return _file(request, "cards", keys, map(row, found.lines), cut=bool(found.next))


@router.get("/export/cases.{kind}")
@needs(Act.EXPORT)
def cases(request: Request) -> Response:
    """Answer with the cases that are late, or due next, of a unit or a person."""
    desk, language, asked = desk_of(request), desk_of(request).asked(request), request.query_params
    wanted = CaseList(
        asked.get("list") == "late", asked.get("unit", ""), asked.get("person", ""), seconds_of(asked.get("days", ""))
    )
    found = cases_of(desk, wanted, within(request, desk.access), MOST + 1)

    def row(line: views.CaseLine) -> list[Cell]:
        judged = line.judgement
        return [
            line.case_id.case_no, label("case_kinds", line.case_id.kind, language),
            label("lights", judged.light, language), _title(desk, "unit", judged.unit, language) or judged.unit,
            judged.item_name or judged.item, judged.person, _title(desk, "clock", judged.clock, language) or judged.clock,
            _at(desk, line.due_at),
        ]  # fmt: skip

    keys = ("case", "case_list", "state", "unit", "item", "person", "clock", "due")
    return _file(request, "cases", keys, map(row, found[:MOST]), cut=len(found) > MOST)


@router.get("/export/search.{kind}")
@needs(Act.EXPORT)
def found(request: Request) -> Response:
    """Answer with everything that a search finds."""
    desk, language = desk_of(request), desk_of(request).asked(request)
    wanted = request.query_params.get("q", "").strip()[:LONGEST]
    told = looked_up(request, wanted, FOUND) if len(wanted) >= SHORTEST else Lookup()
    rows: list[list[Cell]] = [
        [
            word("case_list", language), each.case_id.case_no, label("case_kinds", each.case_id.kind, language),
            _title(desk, "unit", each.unit, language) or each.unit,
            label("case_states", each.state, language) if each.state is not None else "",
        ]
        for each in told.cases
    ]  # fmt: skip
    rows += [
        [
            word("card", language), card.card_id, label("colours", card.colour, language),
            _title(desk, "unit", card.unit, language) or card.unit, label("stages", card.stage, language),
        ]
        for card in told.cards
    ]  # fmt: skip
    rows += [
        [word(kind, language), each.code, each.name, "", ""]
        for kind, those in (("unit", told.units), ("item", told.items), ("person", told.people))
        for each in those
    ]
    keys = ("search", "found_number", "found_kind", "unit", "state")
    return _file(request, "search", keys, rows, cut=bool(told.more), most=FOUND)


def _file(
    request: Request, name: str, keys: Iterable[str], rows: Iterable[list[Cell]], *, cut: bool, most: int = MOST
) -> Response:
    kind, desk = request.path_params["kind"], desk_of(request)
    if kind not in KINDS:
        raise HTTPException(404)
    language = desk.asked(request)
    note = word("export_cut", language).format(n=most) if cut else ""
    sheet = Sheet(name, [word(key, language) for key in keys], list(rows), note)
    stamp = f"{dt.datetime.fromtimestamp(desk.now(), ZoneInfo(desk.zone)):%Y%m%d-%H%M}"
    disposition = f'attachment; filename="{name}-{stamp}.{kind}"'
    return Response(written(sheet, kind), media_type=KINDS[kind], headers={"content-disposition": disposition})


def _title(desk: Desk, kind: str, name: str, language: Language) -> str:
    return desk.titles.get((kind, name), {}).get(language, "")


def _at(desk: Desk, instant: Instant | None) -> str:
    if instant is None:
        return ""
    return f"{dt.datetime.fromtimestamp(instant, ZoneInfo(desk.zone)):%Y-%m-%d %H:%M:%S}"
