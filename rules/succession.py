"""Which version of a rulebook follows which: a later one ends an earlier one that names no end of its own.

A *new version* begins after today; a *correction* has version and dates of what it corrects, and the next revision.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from rules.draft import Draft
from rules.problems import Problem, UserError
from rules.rulebook import Rulebook
from rules.schema import InForce


def in_succession(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts in their order; of each name a version without ``until`` ends where the next one begins.

    So a new version can be published without touching the text of the one in force.
    """
    by_name: dict[str, list[Rulebook]] = {}
    for draft in drafts:
        if draft.book is not None:
            by_name.setdefault(draft.book.name, []).append(draft.book)
    ended = {
        id(earlier): _until(earlier, later)
        for books in by_name.values()
        for earlier, later in pairwise(sorted(books, key=_begins))
        if earlier.part.in_force.until_on is None and _begins(earlier) < _begins(later)
    }
    return [replace(draft, book=ended[id(draft.book)]) if id(draft.book) in ended else draft for draft in drafts]


def _begins(book: Rulebook) -> int:
    return book.part.in_force.from_on.toordinal()


def _until(book: Rulebook, later: Rulebook) -> Rulebook:
    dates = InForce.model_validate({"from": book.part.in_force.from_on, "until": later.part.in_force.from_on})
    return replace(book, part=book.part.model_copy(update={"in_force": dates}))


def hold_against(book: Rulebook, standing: Sequence[Rulebook], today: dt.date) -> Rulebook | None:
    """Return the version that a rulebook corrects or follows, None if its name is new.

    Raises ``UserError`` if it is neither a correction nor a new version of what stands.
    """
    own = sorted((each for each in standing if each.name == book.name), key=lambda each: each.version)
    same = next((each for each in own if each.version == book.version), None)
    if same is not None:
        _correction(book, same, max(each.version for each in own))
        return same
    if not own:
        return None
    last = own[-1]
    if book.version < last.version:
        raise _refused(
            book, "version", f"Version {last.version} of '{book.name}' stands already; {book.version} is older.",
            f"规则书“{book.name}”已有版本 {last.version}，{book.version} 更旧。",
            f"Write 'version: {last.version + 1}'.", f"请写 version: {last.version + 1}。",
        )  # fmt: skip
    if book.part.revision != 1:
        raise _refused(
            book, "revision", f"Version {book.version} is new, so it has no revision {book.part.revision}.",
            f"版本 {book.version} 是新版本，不应有修订号 {book.part.revision}。", "Remove 'revision'.", "请删除 revision。",
        )  # fmt: skip
    first = max(today, last.part.in_force.from_on) + dt.timedelta(days=1)
    if book.part.in_force.from_on < first:
        raise _refused(
            book, "in_force", f"A new version must not touch what runs: it begins on {book.part.in_force.from_on}.",
            f"新版本不得影响已在运行的时钟：其生效日期为 {book.part.in_force.from_on}。",
            f"Write 'from: {first}' or later; to correct version {last.version}, keep its version and dates.",
            f"请写 from: {first} 或更晚；如需更正版本 {last.version}，请保持其版本号和日期不变。",
        )  # fmt: skip
    return last


def _correction(book: Rulebook, same: Rulebook, newest: int) -> None:
    """Hold a correction to have the dates of what it corrects, another text, and the next revision."""
    wanted = same.part.revision + 1
    if book.document.data == same.document.data:
        raise _refused(
            book, "version", f"This says what {same.label} says: there is nothing to publish.",
            f"与 {same.label} 内容相同，无需发布。",
        )  # fmt: skip
    if _dates(book) != _dates(same):
        raise _refused(
            book, "version", f"Version {book.version} of '{book.name}' stands already, with other dates and another text.",
            f"规则书“{book.name}”的版本 {book.version} 已存在，且日期与内容均不同。",
            f"For a new version write 'version: {newest + 1}'; for a correction keep the dates and write 'revision: {wanted}'.",
            f"新版本请写 version: {newest + 1}；更正则保持日期不变并写 revision: {wanted}。",
        )  # fmt: skip
    if book.part.revision != wanted:
        raise _refused(
            book, "revision" if book.part.revision > 1 else "version",
            f"Version {book.version} of '{book.name}' stands already as {same.label}, with another text.",
            f"规则书“{book.name}”的版本 {book.version} 已以不同内容存在（{same.label}）。",
            f"To correct it, write 'revision: {wanted}' below 'version: {book.version}'.",
            f"如为更正，请在 version: {book.version} 下一行写 revision: {wanted}。",
        )  # fmt: skip


def _dates(book: Rulebook) -> object:
    """Return the dates as they stand in the file, whatever a later version made of them."""
    data = book.document.data
    return data.get("in_force") if isinstance(data, dict) else None


def _refused(book: Rulebook, key: str, en: str, zh: str, mend_en: str = "", mend_zh: str = "") -> UserError:
    return UserError([Problem(f"law/{key}", book.document.place((key,)), en, zh, mend_en, mend_zh)])
