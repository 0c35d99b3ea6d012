"""The organisation directory: units, posts, who holds them, deputies, leave and vacancies; and importing another one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, File, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts.directory import NOBODY, Directory, Leave, Post, Tenure, Unit
from alerts.directorydiff import directory_changes
from console.access.acts import Act
from console.access.callers import who, within
from console.access.declared import needs
from console.desk import Desk, desk_of
from console.drafting import Text, Word, with_language
from console.lawtexts import shown_problems
from console.vacancies import vacancies
from console.words import word
from ledger import views
from rules.problems import Problem, UserError, refuse

router = APIRouter(include_in_schema=False)

SHOWN: Final = 300
MOST_FILES: Final = 12

UNREACHED: Final = 30 * 86_400
"""How far back steps are told of that found nobody, in seconds."""


class PostLine(NamedTuple):
    """A post with those who hold it, those who stand in, and whether nobody of them is there today."""

    post: Post
    holders: list[tuple[str, bool]]
    deputies: list[tuple[str, bool]]
    nobody: bool


class UnitLine(NamedTuple):
    """A unit with its posts, the highest rank first."""

    unit: Unit
    posts: list[PostLine]


@router.get("/directory")
@needs(Act.VIEW_DIRECTORY)
def directory(request: Request) -> Response:
    """Answer with the directory in force, of the units that the caller may see."""
    return _page(request)


@router.post("/directory/preview")
@needs(Act.EDIT_DIRECTORY, looks=True)
def preview(request: Request, tables: Annotated[list[UploadFile], File()] = []) -> Response:  # noqa: B006  # FastAPI copies it
    """Answer with what the tables would change and what is wrong in them; nothing is kept."""
    workshop = desk_of(request).workshop
    files = [(each.filename or "", each.file.read()) for each in tables[:MOST_FILES] if each.filename]
    try:
        if not files:
            raise refuse("directory/no-file", "tables", word("no_file", "en"), word("no_file", "zh"))
        read = workshop.read_directory(files)
    except UserError as error:
        return _page(request, 422, problems=error.problems)
    return _page(request, problems=workshop.check_directory(read), read=read)


@router.post("/directory/import")
@needs(Act.EDIT_DIRECTORY)
def put_in_force(request: Request, said: Text = "", note: Word = "") -> Response:
    """Put a directory in force that was looked at before; former ones are kept."""
    desk = desk_of(request)
    try:
        read = msgspec.json.decode(said, type=Directory)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return _page(
            request,
            422,
            problems=refuse("directory/text", "said", word("no_file", "en"), word("no_file", "zh")).problems,
        )
    wrong = [problem for problem in desk.workshop.check_directory(read) if problem.severity == "error"]
    if wrong:
        return _page(request, 422, problems=wrong, read=read)
    version = desk.ledger.import_directory(read, who(request).account, desk.now(), note.strip())
    return RedirectResponse(with_language(request, f"/directory?done={version}"), 303)


def _page(
    request: Request, status: int = 200, *, problems: Sequence[Problem] | None = None, read: Directory | None = None
) -> Response:
    desk = desk_of(request)
    standing, today = desk.ledger.directory() or NOBODY, _today(desk)
    changes = list(directory_changes(standing, read)) if read is not None else None
    seen = within(request, desk.access)
    lines = [line for line in unit_lines(standing, today) if seen.holds(line.unit.code)]
    served = {each.unit for each in views.units(desk.ledger, seen)} | {line.unit.code for line in lines}
    vacant = vacancies(desk, (unit for unit in served if seen.holds(unit)), desk.asked(request), why=True)
    can_import = read is not None and not any(each.severity == "error" for each in problems or ())
    return desk.render(
        request, "directory.html", status, lines=lines, version=desk.ledger.directory_version(),
        versions=desk.ledger.directory_history()[::-1][:20], leave=_away(standing, today, seen.units),
        problems=None if problems is None else shown_problems(problems, "", desk.asked(request)),
        changes=None if changes is None else changes[:SHOWN], unshown=max(len(changes or ()) - SHOWN, 0),
        said=msgspec.json.encode(read).decode() if can_import else "", may_edit=Act.EDIT_DIRECTORY in who(request).acts,
        vacancies=vacant,
        unreached=views.unreached(desk.ledger, [each.unit for each in vacant], desk.now() - UNREACHED) if vacant else (),
        done=request.query_params.get("done", "")[:9], vacant=sum(each.nobody for line in lines for each in line.posts),
        table_word=lambda table: word(f"table_{table}", desk.asked(request)),
    )  # fmt: skip


def unit_lines(standing: Directory, today: dt.date) -> list[UnitLine]:
    """Return the units in the order of their codes, each with its posts as they are filled on a day."""
    found: dict[str, list[PostLine]] = {unit.code: [] for unit in standing.units}
    for post in sorted(standing.posts, key=lambda each: (each.rank, each.post), reverse=True):
        holders, deputies = (
            _people(standing, tenures, post, today) for tenures in (standing.holders_of, standing.deputies)
        )
        nobody = all(away for _, away in (*holders, *deputies))
        found.setdefault(post.unit, []).append(PostLine(post, holders, deputies, nobody))
    by_code = standing.unit
    return [UnitLine(by_code.get(code, Unit(code, code)), posts) for code, posts in sorted(found.items())]


def _people(
    standing: Directory, tenures: Sequence[Tenure], post: Post, today: dt.date
) -> list[tuple[str, bool]]:  # fmt: skip
    """Return the names of those who hold a post (or stand in) on a day, and whether each is away."""
    own = [each for each in tenures if (each.unit, each.post) == (post.unit, post.post) and each.covers(today)]
    return [(_name(standing, each.account), standing.away(each.account, today)) for each in own]


def _away(standing: Directory, today: dt.date, units: frozenset[str] | None) -> list[tuple[str, Leave]]:
    """Return who is away now or later, of those who hold a post in units that may be seen."""
    seen = {
        each.account for each in (*standing.holders_of, *standing.deputies) if units is None or each.unit in units
    }  # fmt: skip
    coming = [each for each in standing.leave if each.until_on is None or each.until_on >= today]
    ordered = sorted(coming, key=lambda each: (each.from_on, each.account))
    return [(_name(standing, each.account), each) for each in ordered if units is None or each.account in seen]


def _name(standing: Directory, account: str) -> str:
    person = standing.person.get(account)
    return person.name if person is not None else account


def _today(desk: Desk) -> dt.date:
    return dt.datetime.fromtimestamp(desk.now(), ZoneInfo(desk.zone)).date()
