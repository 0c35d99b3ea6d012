"""Rulebooks: which are in force, their texts with line numbers, and the desk at which the next version is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query
from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.desk import Desk, desk_of
from console.drafting import Drafting, Text, Word, answer, normal, propose, show, with_language, worded
from console.lawtexts import shown_problems
from console.rulewords import book_of, rules_in_words
from console.workshop import LawFile
from rules.problems import UserError

router = APIRouter(include_in_schema=False)

Version = Annotated[int | None, Query(ge=0, lt=2**31)]

_NAME: Final = re.compile(r"[a-z0-9-]{1,60}")

SKELETON: Final = """\
rulebook: {name}
title: {{zh: 新规则书, en: New rulebook}}
version: 1
in_force: {{from: 2026-01-01}}

basis:
  measures: {{text: 本中心办法}}

rules:
"""


@router.get("/rules")
@needs(Act.VIEW_RULES)
def rules(request: Request) -> Response:
    """Answer with the rulebooks in force."""
    desk = desk_of(request)
    published = {(each.name, each.version) for each in _files(desk) if each.published}
    books = sorted(desk.workshop.books().books, key=lambda book: (book.name, -book.version))
    waiting = sum(story.state == "proposed" for story in desk.ledger.law_history())
    language = desk.asked(request)
    return desk.render(
        request, "rules.html", books=books, published=published, waiting=waiting,
        named=lambda book: book.part.title.zh if language == "zh" else book.part.title.en,
    )  # fmt: skip


@router.post("/rules/check")
@needs(Act.EDIT_RULE, looks=True)
def check(request: Request, text: Text = "") -> Response:
    """Answer with the problems of a text as a piece of a page, for the script that asks while somebody types."""
    desk = desk_of(request)
    plain = normal(text)
    try:
        found = tuple(desk.workshop.check(plain))
    except UserError as error:
        found = error.problems
    shown = shown_problems(found, plain, desk.asked(request))
    return desk.render(request, "problems.html", problems=shown)


@router.get("/rule/{rule}")
@needs(Act.VIEW_RULES)
def rule(request: Request) -> Response:
    """Lead to where the rule stands in its rulebook."""
    name = request.path_params["rule"]
    book = book_of(desk_of(request).workshop.books(), name)
    if book is None:
        raise HTTPException(404)
    return RedirectResponse(with_language(request, f"/rules/{book.name}") + f"#{name}", 303)


@router.get("/rules/{book}")
@needs(Act.VIEW_RULES)
def rulebook(request: Request, version: Version = None) -> Response:
    """Answer with a rulebook in force: its rules in words, its history and its text."""
    desk, name = desk_of(request), request.path_params["book"]
    file = _file(desk, name, version)
    if file is None:
        raise HTTPException(404)
    stories = [s for s in desk.ledger.law_history() if (s.law.kind, s.law.name) == ("rulebook", name)]
    books, language = desk.workshop.books(), desk.asked(request)
    book = next((each for each in books.books if (each.name, each.version) == (name, file.version)), None)
    return desk.render(
        request, "rulebook.html", file=file, lines=file.text.splitlines(), stories=stories[::-1],
        rules=rules_in_words(books, book, language) if book is not None else (),
        named=getattr(book.part.title, language) if book is not None else name,
        may_edit=Act.EDIT_RULE in who(request).acts,
        others=[each.version for each in _files(desk) if each.name == name and each.version != file.version],
    )  # fmt: skip


@router.get("/rules/{book}/edit")
@needs(Act.EDIT_RULE)
def edit(request: Request, version: Version = None) -> Response:
    """Answer with the desk, the text in force upon it; a name that is not known yet begins a rulebook."""
    name = request.path_params["book"]
    file = _file(desk_of(request), name, version)
    return show(request, _draft(request, file.text if file is not None else SKELETON.format(name=name)))


@router.post("/rules/{book}/edit")
@needs(Act.EDIT_RULE, looks=True)
def ask(request: Request, text: Text = "", reason: Word = "", do: Word = "check") -> Response:
    """Answer with the desk and what was asked of the text: its problems, its tests, or its differences."""
    return answer(request, _draft(request, normal(text), reason), do)


@router.post("/rules/{book}/trial")
@needs(Act.EDIT_RULE)
def begin_trial(request: Request, text: Text = "", reason: Word = "") -> Response:
    """Begin a back-test of the text and lead to its page."""
    desk, draft = desk_of(request), _draft(request, normal(text), reason)
    try:
        trial = desk.trials.begin(
            desk.workshop.backtest, request.path_params["book"], draft.text, who(request).account
        )  # fmt: skip
    except UserError as error:
        return show(request, replace(draft, problems=error.problems), 409)
    return RedirectResponse(with_language(request, f"/trials/{trial.number}"), 303)


@router.post("/rules/{book}/propose")
@needs(Act.PROPOSE_LAW)
def lay_before(request: Request, text: Text = "", reason: Word = "") -> Response:
    """Lay the text before a second person."""
    return propose(request, _draft(request, normal(text), reason))


def _draft(request: Request, text: str, reason: str = "") -> Drafting:
    name = request.path_params["book"]
    if _NAME.fullmatch(name) is None:
        raise HTTPException(404)
    here = f"/rules/{name}"
    return Drafting(
        title=f"{worded(request, 'rulebook')} {name}", back=here if _known(request, name) else "/rules", here=here,
        text=text, how=worded(request, "how_to_publish"), tests=True, trial=f"{here}/trial", reason=reason,
    )  # fmt: skip


def _known(request: Request, name: str) -> bool:
    return any(book.name == name for book in desk_of(request).workshop.books().books)


def _files(desk: Desk) -> Sequence[LawFile]:
    return [each for each in desk.workshop.files() if each.kind == "rulebook"]


def _file(desk: Desk, name: str, version: int | None) -> LawFile | None:
    own = [each for each in _files(desk) if each.name == name and version in {None, each.version}]
    return max(own, key=lambda each: each.version, default=None)
