"""The law for programs: the texts in force, checking one, and publishing it by two persons."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request

from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.access.guard import Refused
from console.access.separation import separated
from console.api.once import KEYED, Once, first_asked
from console.api.paging import MOST, PLAIN
from console.api.shapes import At, MaybeAt
from console.desk import Desk, desk_of
from ledger import LawState, LawStory
from ledger.laws import LawKind
from rules.documents import MAX_BYTES
from rules.problems import Severity, UserError

router = APIRouter(prefix="/api/v1", tags=["law"], route_class=Once)

Number = Annotated[int, Path(ge=1, lt=2**31, description="提案编号 · number of the proposal")]


class BookShape(BaseModel):
    """规则书 · A rulebook in force; ``published`` tells one that two persons published from one of the settings."""

    name: str
    version: int
    published: bool


class BookList(BaseModel):
    """现行规则书 · The rulebooks in force."""

    rules: list[BookShape]


class BookText(BookShape):
    """规则书全文 · A rulebook with its text."""

    text: str


class TextBody(BaseModel):
    """待查文本 · A text to be checked, as a file would hold it."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=MAX_BYTES)]


class ProposalBody(TextBody):
    """提请发布 · A text to be laid before a second person."""

    reason: Annotated[str, Field(max_length=2_000, pattern=PLAIN)] = ""


class ReasonBody(BaseModel):
    """驳回理由 · Why a proposal is turned down."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=2_000, pattern=PLAIN)]


class FoundShape(BaseModel):
    """一处问题 · One thing in a text; lines and columns from 1."""

    code: str
    line: int | None
    column: int | None
    severity: Severity
    zh: str
    en: str


class Checked(BaseModel):
    """检查结果 · Whether a text can be used, and everything that was found in it."""

    usable: bool
    problems: list[FoundShape]


class StoryShape(BaseModel):
    """一次提案 · A law with who did what about it."""

    number: int
    kind: LawKind
    law: Annotated[str, Field(examples=["own@1.2"])]
    state: LawState
    from_on: dt.date | None
    sha256: str
    proposed_by: str
    proposed_at: At
    decided_by: str
    decided_at: MaybeAt
    reason: str
    published_as: int | None


class StoryList(BaseModel):
    """发布记录 · What was ever proposed, the latest first; ``next`` is the ``before`` of the next page."""

    laws: list[StoryShape]
    next: int | None


@router.get("/rules", summary="现行规则书 · the rulebooks in force")
@needs(Act.VIEW_RULES)
def rules(request: Request) -> BookList:
    """Return the rulebooks in force, without their texts."""
    files = [each for each in desk_of(request).workshop.files() if each.kind == "rulebook"]
    files.sort(key=lambda each: (each.name, each.version))
    return BookList(rules=[BookShape(name=f.name, version=f.version, published=f.published) for f in files])


@router.post("/rules/check", summary="检查规则书 · check a rulebook")
@needs(Act.EDIT_RULE, looks=True)
def check(request: Request, body: TextBody) -> Checked:
    """Return every problem of a text; nothing is kept."""
    try:
        found = tuple(desk_of(request).workshop.check(body.text))
    except UserError as error:
        found = error.problems
    shown = [
        FoundShape(
            code=each.code, line=each.place.line, column=each.place.column, severity=each.severity,
            zh=each.sentence("zh"), en=each.sentence("en"),
        )
        for each in found
    ]  # fmt: skip
    return Checked(usable=all(each.severity != "error" for each in found), problems=shown)


@router.get("/rules/{name}", summary="规则书全文 · a rulebook's text")
@needs(Act.VIEW_RULES)
def rule(
    request: Request, name: Annotated[str, Path(max_length=100)],
    version: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
) -> BookText:  # fmt: skip
    """Return the text of a rulebook in force, its highest version if none is asked for."""
    files = [
        each for each in desk_of(request).workshop.files()
        if (each.kind, each.name) == ("rulebook", name) and version in {None, each.version}
    ]  # fmt: skip
    if not files:
        raise HTTPException(404)
    found = max(files, key=lambda each: each.version)
    return BookText(name=found.name, version=found.version, published=found.published, text=found.text)


@router.get("/law", summary="发布记录 · what was proposed and published")
@needs(Act.VIEW_RULES)
def history(
    request: Request, name: Annotated[str, Query(max_length=100)] = "",
    before: Annotated[int | None, Query(ge=1, lt=2**31)] = None, limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> StoryList:  # fmt: skip
    """Return what was proposed, published, rejected and withdrawn, by whom and when."""
    stories = [
        each for each in reversed(desk_of(request).ledger.law_history())
        if name in {"", each.law.name} and (before is None or each.number < before)
    ]  # fmt: skip
    shown = stories[:limit]
    return StoryList(laws=[_shape(each) for each in shown], next=shown[-1].number if len(stories) > limit else None)


@router.post("/law", status_code=201, summary="提请发布 · propose a law", dependencies=[KEYED])
@needs(Act.PROPOSE_LAW)
def propose(request: Request, body: ProposalBody) -> StoryShape:
    """Check and test a text of any kind of law, and lay it before a second person."""
    desk, account, first = desk_of(request), who(request).account, first_asked(request)
    held = desk.workshop.hold(body.text, account)
    waiting = (
        each for each in desk.ledger.law_history()
        if first is not None and each.proposed_by == account and each.proposed_at >= first and each.law == held.law
    )  # fmt: skip
    done = next(waiting, None)
    number = done.number if done else desk.ledger.propose_law(held.law, account, desk.now(), body.reason.strip())
    return _shape(_story(desk, number))


@router.post("/law/{number}/approve", summary="批准发布 · approve a law", dependencies=[KEYED])
@needs(Act.APPROVE_LAW)
def approve(request: Request, number: Number) -> StoryShape:
    """Publish what somebody else proposed, held against the law once more."""
    desk, account, story = desk_of(request), who(request).account, _other_s(request, number)
    if not _decided_before(request, story, LawState.PUBLISHED):
        expected = desk.ledger.law_revision()
        if story.state is LawState.PROPOSED:
            desk.workshop.waiting(story, account)
        desk.ledger.approve_law(number, account, desk.now(), expected)
    return _shape(_story(desk, number))


@router.post("/law/{number}/reject", summary="驳回 · turn a law down", dependencies=[KEYED])
@needs(Act.APPROVE_LAW)
def reject(request: Request, number: Number, body: ReasonBody) -> StoryShape:
    """Turn down what somebody else proposed, with a reason."""
    desk, account, story = desk_of(request), who(request).account, _other_s(request, number)
    if not _decided_before(request, story, LawState.REJECTED):
        desk.ledger.reject_law(number, account, desk.now(), body.reason.strip())
    return _shape(_story(desk, number))


def _other_s(request: Request, number: int) -> LawStory:
    """Return a proposal of another person; whoever wrote it may not decide about it."""
    story = _story(desk_of(request), number)
    verdict = separated(Act.APPROVE_LAW, who(request).account, {Act.PROPOSE_LAW: {story.proposed_by}})
    if not verdict:
        raise Refused(verdict)
    return story


def _decided_before(request: Request, story: LawStory, state: LawState) -> bool:
    """Say whether this very request decided it before a crash kept its answer."""
    first = first_asked(request)
    mine = (story.state, story.decided_by) == (state, who(request).account)
    return first is not None and mine and (story.decided_at or 0) >= first


def _story(desk: Desk, number: int) -> LawStory:
    found = next((each for each in desk.ledger.law_history() if each.number == number), None)
    if found is None:
        raise HTTPException(404)
    return found


def _shape(story: LawStory) -> StoryShape:
    return StoryShape(
        number=story.number, kind=story.law.kind, law=story.law.label, state=story.state, from_on=story.law.from_on,
        sha256=story.sha256, proposed_by=story.proposed_by, proposed_at=story.proposed_at,
        decided_by=story.decided_by, decided_at=story.decided_at, reason=story.reason, published_as=story.published_as,
    )  # fmt: skip
