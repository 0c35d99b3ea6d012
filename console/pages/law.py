"""Publishing: what waits for a second person, and every version that was ever proposed with its text and difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.access.guard import Refused
from console.access.roles import YES, Verdict, allowed
from console.access.separation import separated
from console.desk import Desk, desk_of
from console.drafting import SHOWN, Word, with_language
from console.lawtexts import difference, shown_problems
from ledger import LawState, LawStory
from rules.differences import Difference
from rules.problems import Problem, UserError

router = APIRouter(include_in_schema=False)

DONE: Final = frozenset({"proposed", "published", "rejected", "withdrawn"})


@router.get("/law")
@needs(Act.VIEW_RULES)
def law(request: Request) -> Response:
    """Answer with what waits and what was decided, the newest first."""
    desk = desk_of(request)
    stories = desk.ledger.law_history()[::-1]
    return desk.render(
        request, "law.html", waiting=[s for s in stories if s.state is LawState.PROPOSED],
        decided=[s for s in stories if s.state is not LawState.PROPOSED], revision=desk.ledger.law_revision(),
    )  # fmt: skip


@router.get("/law/{number}")
@needs(Act.VIEW_RULES)
def story(request: Request) -> Response:
    """Answer with one version: who proposed and decided it, its text, and what it changes of the one before."""
    return _page(request)


@router.post("/law/{number}/hold")
@needs(Act.VIEW_RULES, looks=True)
def hold(request: Request) -> Response:
    """Answer with what a waiting version would change, held against the law as it is now."""
    try:
        held = desk_of(request).workshop.waiting(_waiting(request), who(request).account)
    except UserError as error:
        return _page(request, problems=error.problems)
    return _page(request, changes=held.changes)


@router.post("/law/{number}/approve")
@needs(Act.APPROVE_LAW)
def approve(request: Request) -> Response:
    """Publish what somebody else proposed, held against the law once more."""
    desk, found, account = desk_of(request), _waiting(request), who(request).account
    verdict = _may_approve(request, found)
    if not verdict:
        return _page(request, 403, refused=verdict)
    try:
        expected = desk.ledger.law_revision()
        desk.workshop.waiting(found, account)
        desk.ledger.approve_law(found.number, account, desk.now(), expected)
    except UserError as error:
        return _page(request, 422, problems=error.problems)
    return RedirectResponse(with_language(request, f"/law/{found.number}?done=published"), 303)


@router.post("/law/{number}/reject")
@needs(Act.APPROVE_LAW)
def reject(request: Request, reason: Word = "") -> Response:
    """Turn down what somebody else proposed, with a reason."""
    verdict = _may_approve(request, _waiting(request))
    return _end(request, reason) if verdict else _page(request, 403, refused=verdict)


@router.post("/law/{number}/withdraw")
@needs(Act.PROPOSE_LAW)
def withdraw(request: Request, reason: Word = "") -> Response:
    """Take back one's own proposal."""
    if _waiting(request).proposed_by != who(request).account:
        raise Refused(Verdict(False, "只有提出人可以撤回。", "Only who proposed it can withdraw it."))
    return _end(request, reason)


def _end(request: Request, reason: str) -> Response:
    desk, number = desk_of(request), _story(request).number
    try:
        state = desk.ledger.reject_law(number, who(request).account, desk.now(), reason.strip())
    except UserError as error:
        return _page(request, 422, problems=error.problems)
    return RedirectResponse(with_language(request, f"/law/{number}?done={state.value}"), 303)


def _may_approve(request: Request, found: LawStory) -> Verdict:
    """Say whether the caller may decide about a proposal; whoever wrote it may not."""
    caller = who(request)
    verdict = allowed(caller, Act.APPROVE_LAW)
    return separated(Act.APPROVE_LAW, caller.account, {Act.PROPOSE_LAW: {found.proposed_by}}) if verdict else verdict


def _page(
    request: Request, status: int = 200, *, refused: Verdict = YES, problems: Sequence[Problem] = (),
    changes: Sequence[Difference] | None = None,
) -> Response:  # fmt: skip
    desk, found, caller = desk_of(request), _story(request), who(request)
    language = desk.asked(request)
    waits = found.state is LawState.PROPOSED
    former = _former(desk, found)
    verdict = _may_approve(request, found)
    done = request.query_params.get("done", "")
    return desk.render(
        request, "lawstory.html", status, story=found, waits=waits, lines=found.law.text.splitlines(),
        former=former, difference=difference(former[1], found.law.text) if former is not None else None,
        may_approve=waits and bool(verdict), why_not=verdict.why(language) if waits and not verdict else "",
        mine=waits and found.proposed_by == caller.account and Act.PROPOSE_LAW in caller.acts,
        done=f"done_{done}" if done in DONE and not problems and refused else "",
        refused="" if refused else refused.why(language),
        problems=shown_problems(problems, found.law.text, language),
        changes=None if changes is None else [each.words(language) for each in changes[:SHOWN]],
        unshown=max(len(changes or ()) - SHOWN, 0),
    )  # fmt: skip


def _former(desk: Desk, found: LawStory) -> tuple[str, str] | None:
    """Return the label and text of what a version follows: the last publication before it, else the settings' file."""
    own = [
        each for each in desk.ledger.published()
        if (each.law.kind, each.law.name) == (found.law.kind, found.law.name) and each.number != found.number
        and (found.published_as is None or (each.published_as or 0) < found.published_as)
    ]  # fmt: skip
    if own:
        return own[-1].law.label, own[-1].law.text
    files = [
        each for each in desk.workshop.ground() if (each.kind, each.name) == (found.law.kind, found.law.name)
    ]  # fmt: skip
    last = max(files, key=lambda each: each.version, default=None)
    return (f"{last.name}@{last.version}", last.text) if last is not None else None


def _waiting(request: Request) -> LawStory:
    """Return the proposal; what is decided already is refused by the ledger in its own words."""
    return _story(request)


def _story(request: Request) -> LawStory:
    number = request.path_params["number"]
    stories = desk_of(request).ledger.law_history()
    found = next((each for each in stories if str(each.number) == number), None)
    if found is None:
        raise HTTPException(404)
    return found
