"""The desk at which texts of the law are written: one form for rulebooks, calendars and the catalogue.

Everything that a button asks comes back on the same page, so that it works without scripts and nothing that was typed is
lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeAlias

from fastapi import Form
from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access.acts import Act
from console.access.callers import who
from console.desk import desk_of
from console.errands import Outcome
from console.lawtexts import normal, shown_problems
from console.words import word
from rules.booktests import BookTest, Report
from rules.differences import Difference
from rules.documents import MAX_BYTES
from rules.problems import Problem, UserError

Text: TypeAlias = Annotated[str, Form(max_length=MAX_BYTES)]
Word: TypeAlias = Annotated[str, Form(max_length=2_000)]

SHOWN: Final = 300
"""Rows of a difference that are shown."""


class Drafting(Struct, frozen=True, kw_only=True):
    """What stands on the desk: whose text it is, where its buttons lead, and what the last one brought.

    ``problems``, ``report`` and ``changes`` are None where they were not asked for.
    """

    title: str
    back: str
    here: str
    text: str
    how: str
    tests: bool = False
    trial: str = ""
    reason: str = ""
    problems: Sequence[Problem] | None = None
    report: Report | None = None
    changes: Sequence[Difference] | None = None


def show(request: Request, draft: Drafting, status: int = 200) -> Response:
    """Return the desk with everything that came of the last button."""
    desk = desk_of(request)
    language = desk.asked(request)
    problems = None if draft.problems is None else shown_problems(draft.problems, draft.text, language)
    tests = [] if draft.report is None else [_tested(each, draft.text, language) for each in draft.report.tests]
    changes = draft.changes or ()
    return desk.render(
        request, "drafting.html", status, draft=draft, problems=problems, tests=tests,
        unproved=draft.report.unproved() if draft.report is not None else (),
        changes=[each.words(language) for each in changes[:SHOWN]], unshown=max(len(changes) - SHOWN, 0),
    )  # fmt: skip


def _tested(test: BookTest, text: str, language: str) -> tuple[BookTest, list[object]]:
    said = shown_problems(test.problems, text, "zh" if language == "zh" else "en")
    return test, list(said)


def answer(request: Request, draft: Drafting, do: str) -> Response:
    """Answer with the desk after one of the buttons that only ask, or lead to the page on which it is waited for."""
    work = asking(request, draft, do)
    return later(request, lambda: upon_desk(work()))


def asking(request: Request, draft: Drafting, do: str) -> Callable[[], Drafting]:
    """Return what one of these buttons does: ``test``, ``differences``, ``hold`` or, for anything else, check."""
    workshop, account = desk_of(request).workshop, who(request).account
    ask: dict[str, Callable[[], Drafting]] = {
        "test": lambda: _with(draft, report=workshop.run_tests(draft.text)),
        "differences": lambda: _with(draft, changes=workshop.differences(draft.text)),
        "hold": lambda: _with(draft, changes=workshop.hold(draft.text, account).changes),
    }

    def work() -> Drafting:
        try:
            return ask[do]() if do in ask else _with(draft, problems=tuple(workshop.check(draft.text)))
        except UserError as error:
            return _with(draft, problems=error.problems)

    return work


def _with(draft: Drafting, **found: object) -> Drafting:
    return replace(draft, **found)


def upon_desk(draft: Drafting, status: int = 200) -> Outcome:
    """Return the desk as the outcome of an errand."""
    return Outcome(lambda request: show(request, draft, status), refused=status >= 400)


def later(request: Request, work: Callable[[], Outcome], refused: Callable[[], None] = lambda: None) -> Response:
    """Answer with what comes of some work; where that takes long, lead to the page on which it is waited for.

    ``refused`` is called if it comes to nothing after the caller was led there.
    """
    errands = desk_of(request).errands
    errand = errands.begin(who(request).account, work)
    outcome = errand.outcome(errands.patience)
    if outcome is not None:
        return outcome.shown(request)
    errand.coming.add_done_callback(
        lambda done: refused() if done.exception() is not None or done.result().refused else None
    )
    return RedirectResponse(with_language(request, f"/errands/{errand.number}"), 303)


def propose(request: Request, draft: Drafting) -> Response:
    """Lay the text before a second person and lead there, or return the desk with everything that keeps it from it."""
    desk, account = desk_of(request), who(request).account

    def work() -> Outcome:
        try:
            held = desk.workshop.hold(draft.text, account)
            number = desk.ledger.propose_law(held.law, account, desk.now(), draft.reason.strip())
        except UserError as error:
            return upon_desk(_with(draft, problems=error.problems), 422)
        address = f"/law/{number}?done=proposed"
        return Outcome(lambda asked: RedirectResponse(with_language(asked, address), 303))

    def refused() -> None:
        desk.ledger.note_act(
            desk.now(), who=account, act=Act.PROPOSE_LAW, detail=f"POST {request.url.path} · not done: 422"
        )

    return later(request, work, refused)


def with_language(request: Request, address: str) -> str:
    """Return an address of ours in the language that the page was asked in."""
    desk = desk_of(request)
    language = desk.asked(request)
    if language == desk.language:
        return address
    return f"{address}{'&' if '?' in address else '?'}lang={language}"


def worded(request: Request, key: str) -> str:
    """Return a word of the pages in the language of the request."""
    return word(key, desk_of(request).asked(request))


__all__ = [
    "Drafting", "Text", "Word", "answer", "asking", "later", "normal", "propose", "show", "upon_desk", "with_language",
    "worded",
]  # fmt: skip
