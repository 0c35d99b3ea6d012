"""The catalogue (事项目录): versions by date, what cannot be right in it, and importing a department's table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, File, Query, UploadFile
from msgspec.structs import replace as replaced
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.desk import desk_of
from console.drafting import Drafting, Text, Word, asking, later, normal, propose, show, upon_desk, worded
from console.errands import Outcome
from console.lawtexts import shown_problems
from console.words import word
from console.workshop import Workshop
from rules.glossary import label
from rules.itementries import Entry
from rules.itemfindings import findings
from rules.problems import Problem, UserError, refuse

router = APIRouter(include_in_schema=False)

PAGE: Final = 50

MAPPING: Final = """\
catalogue: 事项目录
code: 事项编码
name: 事项名称
from: {column: 生效日期, format: "%Y-%m-%d"}
limits:
  promised: {column: 承诺时限, unit: workdays}
  statutory: {column: 法定时限, unit: workdays}
"""


@router.get("/items")
@needs(Act.VIEW_ITEMS)
def items(
    request: Request,
    find: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Answer with the items of the catalogue in force, fifty at a time."""
    desk = desk_of(request)
    wanted = find.strip().casefold()
    by_code: dict[str, list[Entry]] = {}
    for entry in desk.workshop.items().entries:
        if wanted in f"{entry.item.code} {entry.item.name}".casefold():
            by_code.setdefault(entry.item.code, []).append(entry)
    codes = sorted(by_code)
    shown = codes[(page - 1) * PAGE : page * PAGE]
    return desk.render(
        request, "items.html", find=find, page=page, pages=max(-(-len(codes) // PAGE), 1), count=len(codes),
        items=[(code, by_code[code], in_force(by_code[code], _today(request))) for code in shown],
        may_edit=Act.EDIT_ITEMS in who(request).acts, mapping=MAPPING, problems=None,
        limit_named=_limit_named(request),
    )  # fmt: skip


@router.get("/items/findings")
@needs(Act.VIEW_ITEMS)
def found(request: Request) -> Response:
    """Answer with everything in the catalogue that cannot be right, or that nobody would promise."""
    desk = desk_of(request)
    entries = desk.workshop.items()
    said = [*entries.problems, *_findings(desk.workshop, entries.entries)]
    shown = [each._replace(line=None, source="", caret="") for each in shown_problems(said, "", desk.asked(request))]
    return desk.render(request, "itemfindings.html", problems=shown)


@router.get("/items/of/{code}")
@needs(Act.VIEW_ITEMS)
def item(request: Request) -> Response:
    """Answer with every version of an item, the latest first."""
    desk, code = desk_of(request), request.path_params["code"]
    own = [entry for entry in desk.workshop.items().entries if entry.item.code == code]
    if not own:
        raise HTTPException(404)
    own.sort(key=lambda entry: entry.item.from_on, reverse=True)
    said = _findings(desk.workshop, own)
    return desk.render(
        request, "item.html", code=code, versions=own, now_in_force=in_force(own, _today(request)),
        limit_named=_limit_named(request), begins=lambda entry: entry.item.from_on if entry.item.from_on > dt.date.min else "—",
        problems=[each._replace(line=None) for each in shown_problems(said, "", desk.asked(request))],
    )  # fmt: skip


@router.post("/items/import")
@needs(Act.EDIT_ITEMS, looks=True)
def preview(request: Request, mapping: Text = "", table: Annotated[UploadFile | None, File()] = None) -> Response:
    """Answer with the catalogue that a table would make, on the desk, with what it changes and what is doubtful in it."""
    desk = desk_of(request)
    try:
        if table is None or not table.filename:
            raise refuse("items/no-file", "table", word("no_file", "en"), word("no_file", "zh"))
        text = desk.workshop.import_items(normal(mapping), table.filename, table.file.read(), who(request).account)
    except UserError as error:
        shown = shown_problems(error.problems, mapping, desk.asked(request))
        return desk.render(request, "itemimport.html", 422, problems=shown, mapping=mapping)
    return _held(request, _draft(request, text))


@router.get("/items/edit")
@needs(Act.EDIT_ITEMS)
def edit(request: Request) -> Response:
    """Answer with the desk, the catalogue in force upon it."""
    files = [each for each in desk_of(request).workshop.files() if each.kind == "catalogue"]
    return show(request, _draft(request, files[0].text if files else "approval: required\nitems: []\n"))


@router.post("/items/edit")
@needs(Act.EDIT_ITEMS, looks=True)
def ask(request: Request, text: Text = "", reason: Word = "") -> Response:
    """Answer with the desk and what the text would change."""
    return _held(request, _draft(request, normal(text), reason))


@router.post("/items/propose")
@needs(Act.PROPOSE_LAW)
def lay_before(request: Request, text: Text = "", reason: Word = "") -> Response:
    """Lay the catalogue before a second person."""
    return propose(request, _draft(request, normal(text), reason))


def in_force(versions: list[Entry], today: dt.date) -> Entry | None:
    """Return the version of an item that judges today, None if there is none; drafts judge nothing."""
    begun = [
        each for each in versions
        if not each.draft and each.item.from_on <= today and (each.item.until_on is None or today < each.item.until_on)
    ]  # fmt: skip
    return max(begun, key=lambda each: each.item.from_on, default=None)


def _findings(workshop: Workshop, entries: list[Entry] | tuple[Entry, ...]) -> list[Problem]:
    """Return the findings as warnings: they keep nobody from publishing."""
    if not entries:
        return []
    said = findings(entries, workshop.calendars().get(workshop.calendar()))
    return [replaced(each, severity="warning") for each in said]


def _limit_named(request: Request) -> Callable[[str], str]:
    """Return how a limit is called: promised, statutory, or the step that it is of."""

    def named(name: str) -> str:
        if name.startswith("step."):
            return f"{worded(request, 'limit_step')} {label('steps', name.removeprefix('step.'), desk_of(request).asked(request))}"
        return worded(request, f"limit_{name}") if name in {"promised", "statutory"} else name

    return named


def _today(request: Request) -> dt.date:
    workshop = desk_of(request).workshop
    book = workshop.calendars()
    now = desk_of(request).now()
    name = workshop.calendar()
    return book.get(name).on(now) if name in book.names() else dt.datetime.fromtimestamp(now, dt.UTC).date()


def _held(request: Request, draft: Drafting) -> Response:
    """Answer with the desk, what a catalogue's text changes, and what is doubtful in the versions that are new in it."""
    hold, workshop = asking(request, draft, "hold"), desk_of(request).workshop

    def work() -> Outcome:
        found = hold()
        if found.problems is None:
            standing = {(entry.item.code, entry.item.version) for entry in workshop.items().entries}
            read = workshop.read_items(draft.text).entries
            new = [entry for entry in read if (entry.item.code, entry.item.version) not in standing]
            found = replaced(found, problems=_findings(workshop, new))
        return upon_desk(found)

    return later(request, work)


def _draft(request: Request, text: str, reason: str = "") -> Drafting:
    return Drafting(
        title=worded(request, "items"), back="/items", here="/items", text=text,
        how=worded(request, "items_how"), reason=reason,
    )  # fmt: skip
