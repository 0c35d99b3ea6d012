"""What the form of a deed says: its fields, its papers, and whatever of it cannot be understood, as sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import PurePath
from typing import Annotated, Final, TypeAlias

from fastapi import Depends
from msgspec import Struct
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from alerts.life import Hand
from alerts.model import Deed, Done, Evidence
from console.bearers import Bearer
from ledger.accounts import Account
from ledger.cardlife import Paper
from rules.glossary import glossary
from rules.problems import Place, Problem, UserError

PAPERS: Final = frozenset(
    {Deed.EXPLAIN, Deed.APPEAL, Deed.RECTIFY, Deed.UPHOLD, Deed.REVOKE, Deed.VERIFY, Deed.RECORD_CONSEQUENCE}
)
"""Deeds to which papers may be attached."""

WORDLESS: Final = frozenset(
    {Deed.SIGN, Deed.UNSIGN, Deed.CLOSE, Deed.ASSIGN, Deed.UNASSIGN, Deed.CONFIRM, Deed.CONFIRM_RISE}
)
"""Deeds that are done with a click: nothing has to be written."""

LONGEST: Final = 20_000
MOST_FILES: Final = 20


class Filed(Struct, frozen=True):
    """What a form brought: the deed as it is to be done, and the bytes of its papers."""

    done: Done
    papers: tuple[Paper, ...]


async def form_of(request: Request) -> AsyncIterator[FormData]:
    """Read the form that a page sent, with its files; a dependency of routes."""
    async with request.form(max_files=MOST_FILES) as form:
        yield form


Form: TypeAlias = Annotated[FormData, Depends(form_of)]


def said(form: FormData, name: str) -> str:
    """Return a field of text, "" if the form has none."""
    value = form.get(name)
    return value.strip()[:LONGEST] if isinstance(value, str) else ""


def filed(
    form: FormData, deed: Deed, hand: Hand, card_id: str, followers: Mapping[str, Account],
    bearers: Mapping[str, Bearer] = {},
) -> Filed:  # fmt: skip
    """Return what a form says; raise ``UserError`` with everything in it that cannot be understood.

    ``followers`` are the accounts to which the card may be assigned, ``bearers`` the people whom a consequence may name
    without their name and post being typed.
    """
    papers, dates, problems = _papers(form, card_id)
    decided_on, unreadable = _date(said(form, "decided_on"), card_id, "decided_on")
    problems += unreadable
    problems += _unknown(form, deed, card_id, followers)
    if problems:
        raise UserError(problems)
    evidence = tuple(
        Evidence(paper.name, paper.sha256, paper.media_type, len(paper.content), dated_on)
        for paper, dated_on in zip(papers, dates, strict=True)
    )
    done = Done(
        deed=deed, by=hand.by, role=hand.role, text=said(form, "text"), ground=said(form, "ground"), evidence=evidence,
        measure=said(form, "measure"), document=said(form, "document"), decided_on=decided_on,
        **(_bearer(form, bearers) if deed is Deed.RECORD_CONSEQUENCE else {"to": said(form, "to")}),
    )  # fmt: skip
    return Filed(done, tuple(papers))


def _bearer(form: FormData, bearers: Mapping[str, Bearer]) -> dict[str, str]:
    """Return whom a consequence names, with name and post: those that were typed, else those of the directory."""
    name, post = (_line(said(form, field)) for field in ("to_name", "to_post"))
    to = _line(said(form, "to")) or name
    known = bearers.get(to)
    if not to:
        return {}
    return {
        "to": to, "to_name": name or (known.name if known is not None else to),
        "to_post": post or (known.post if known is not None else ""),
    }  # fmt: skip


def _line(written: str) -> str:
    """Return what was written as one short line without what no name should hold."""
    return "".join(letter for letter in written if letter.isprintable())[:200].strip()


def _papers(form: FormData, card_id: str) -> tuple[list[Paper], list[dt.date | None], list[Problem]]:
    """Return the files that were really chosen, each with the date from the same line of the form."""
    papers: list[Paper] = []
    dates: list[dt.date | None] = []
    problems: list[Problem] = []
    texts = [value for value in form.getlist("dated_on") if isinstance(value, str)]
    for number, file in enumerate(form.getlist("paper")):
        if not isinstance(file, UploadFile) or not file.filename:
            continue
        dated_on, wrong = _date(texts[number] if number < len(texts) else "", card_id, "dated_on")
        papers.append(Paper(_name(file.filename), (file.content_type or "")[:100], file.file.read()))
        dates.append(dated_on)
        problems += wrong
    return papers, dates, problems


def _name(sent: str) -> str:
    """Return a file's name without its folders and without what no name should hold."""
    last = PurePath(sent.replace("\\", "/")).name
    return "".join(letter for letter in last if letter.isprintable())[-200:] or "paper"


def _date(written: str, card_id: str, field: str) -> tuple[dt.date | None, list[Problem]]:
    if not written.strip():
        return None, []
    try:
        return dt.date.fromisoformat(written.strip()), []
    except ValueError:
        wrong = Problem(
            f"card/{field}", Place(card_id), f"'{written[:40]}' is no date.", f"“{written[:40]}”不是日期。",
            "Write it like 2024-10-08.", "请按 2024-10-08 的样式填写。",
        )  # fmt: skip
        return None, [wrong]


def _unknown(form: FormData, deed: Deed, card_id: str, followers: Mapping[str, Account]) -> Iterator[Problem]:
    known = {"ground": glossary()["grounds"], "measure": glossary()["measures"]}
    chosen = known if deed is Deed.RECORD_CONSEQUENCE else {**known, "to": followers}  # whom it names may be typed
    for name, choices in chosen.items():
        value = said(form, name)
        if value and value not in choices:
            yield Problem(
                f"card/{name}", Place(card_id), f"'{value[:80]}' cannot be chosen here.", f"“{value[:80]}”不可选。",
                "Choose one from the list.", "请从列表中选择。",
            )  # fmt: skip
