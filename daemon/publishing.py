"""Holds what somebody wants to publish against the law in force, before a second person is asked.

A *new version* of a rulebook begins after today and touches nothing that runs. A *correction* has the version and dates of
what it corrects and the next revision; it judges anew. Anything between the two would mislead, and is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from daemon.backtesting import LawFiles
from daemon.law import Law
from daemon.published import laid_out, law_files
from daemon.settings import RulesSettings
from ledger import LawKind, LawState, LawStory, LawText, Ledger
from rules.affected import changed_days
from rules.booktests import run_tests
from rules.calendarbook import CalendarBook, open_calendars
from rules.calendarfiles import CalendarFile, YearFile
from rules.calendars import Calendar
from rules.checkup import check_books, check_profile
from rules.differences import Difference, differences
from rules.documents import Document, Plain, load, read_text, validate
from rules.facts import Instant
from rules.itemdiff import diff
from rules.itementries import Entry, read_entries
from rules.loader import load_books
from rules.problems import UserError, refuse
from rules.rulebook import Rulebook, Rulebooks
from rules.schema import RulebookPart
from rules.succession import hold_against

SECOND = "—"
"""Stands for the second person while nobody has approved yet."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A law that may be published: what it changes, and the law before and after; ``would_be`` is the law as if it had
    been in force already, for a back-test.
    """

    law: LawText
    changes: tuple[Difference, ...]
    before: LawFiles
    after: LawFiles
    would_be: LawFiles


@dataclass(frozen=True)
class Desk:
    """Where law is held against law: settings, ledger, a folder for texts, who acts and when.

    ``kept`` is a folder in which the published texts may lie already, None where they are laid out beside the others.
    """

    rules: RulesSettings
    ledger: Ledger
    folder: Path
    who: str
    now: Instant
    kept: Path | None = None

    @cached_property
    def laws(self) -> tuple[LawStory, ...]:
        """What was published until now."""
        return self.ledger.published()

    @property
    def today(self) -> dt.date:
        """The date in the zone of the settings."""
        return dt.datetime.fromtimestamp(self.now, ZoneInfo(self.rules.zone)).date()

    def files(self, *more: LawStory) -> LawFiles:
        """Return the law in force, with further publications."""
        return law_files(self.rules, [*self.laws, *more], self.kept or self.folder, self.folder)

    def proposal(self, path: Path) -> Proposal:
        """Return what a file would publish; raise ``UserError`` with everything that keeps it from it."""
        document = load(path)
        kind = _kind(document)
        _CHECKS[kind](path, self)
        return self._held(_law_text(kind, document, read_text(path), self), path)

    def waiting(self, story: LawStory) -> Proposal:
        """Return what a proposal that waits would publish now that ``who`` approves it."""
        if story.law.kind == "rulebook":  # lies where it would lie as published, so that it is read once
            path = laid_out(self._as_published(story.law, story.proposed_by), self.folder)
        else:
            path = self.folder / f"waiting-{story.number}.yaml"
            path.write_text(story.law.text, encoding="utf-8")
        return self._held(_law_text(story.law.kind, load(path), story.law.text, self), path, story.proposed_by)

    def _held(self, law: LawText, path: Path, proposed_by: str = "") -> Proposal:
        before = self.files()
        now = before.read()
        would_be = law
        if law.kind == "rulebook":
            standing = hold_against(load_books([path]).books[0], now.books.books, self.today)
            if standing is not None and standing.part.in_force.from_on != law.from_on:
                would_be = _as_if(law, load(path), standing)
        after = self.files(self._as_published(law, proposed_by))
        then = after.read()
        changes = _changes(law, path, (now, then), (before, after))
        if not changes and law.kind != "rulebook":
            raise refuse(
                "law/unchanged", path, "This says what is in force already.", "与现行规定相同，无需发布。",
            )  # fmt: skip
        shown = after if would_be is law else self.files(self._as_published(would_be, proposed_by))
        return Proposal(law, changes, before, after, shown)

    def _as_published(self, law: LawText, proposed_by: str) -> LawStory:
        digest = sha256(law.text.encode()).hexdigest()
        decided_by = self.who if proposed_by else SECOND
        return LawStory(
            number=0, law=law, sha256=digest, state=LawState.PUBLISHED, proposed_by=proposed_by or self.who,
            proposed_at=self.now, decided_by=decided_by, decided_at=self.now,
        )  # fmt: skip


def _kind(document: Document) -> LawKind:
    data = document.data
    kinds: dict[str, LawKind] = {
        "rulebook": "rulebook", "profile": "profile", "calendar": "calendar", "items": "catalogue",
    }  # fmt: skip
    found = [kind for key, kind in kinds.items() if isinstance(data, dict) and key in data]
    if not found:
        raise refuse(
            "law/kind", document.file, "This is neither a rulebook nor a profile, a calendar or a catalogue.",
            "这不是规则书、处置档、日历或事项目录。",
            mend_en="Publish a YAML file with the key rulebook, profile, calendar or items.",
            mend_zh="请发布含 rulebook、profile、calendar 或 items 键的 YAML 文件。",
        )  # fmt: skip
    return found[0]


def _law_text(kind: LawKind, document: Document, text: str, desk: Desk) -> LawText:
    if kind == "rulebook":
        part = validate(RulebookPart, document)
        dates = part.in_force
        return LawText(
            kind=kind, name=part.rulebook, version=part.version, revision=part.revision, from_on=dates.from_on,
            until_on=dates.until_on, text=text,
        )  # fmt: skip
    data: dict[str, Plain] = document.data if isinstance(document.data, dict) else {}
    names = {
        "calendar": str(data.get("calendar")) + (f"/{data['year']}" if "year" in data else ""),
        "profile": str(data.get("profile")), "catalogue": "items", "rulebook": "",
    }  # fmt: skip
    name = names[kind]
    former = [story for story in desk.laws if (story.law.kind, story.law.name) == (kind, name)]
    return LawText(kind=kind, name=name, version=len(former) + 1, text=text)


def _check_rulebook(path: Path, desk: Desk) -> None:
    """Hold a rulebook to be without a fault or a doubt, every rule proved both ways and at its boundary, tests green."""
    standing = desk.files().read().books.books
    found = check_books([path], beside=standing)
    if found:
        raise UserError(found)
    calendars = open_calendars([*desk.rules.calendars, path.parent])
    report = run_tests([path], calendars, calendar=desk.rules.calendar, beside=standing)
    failed = [problem for test in report.tests for problem in test.problems]
    if failed:
        raise UserError(failed)


def _check_profile(path: Path, desk: Desk) -> None:
    found = check_profile(path, desk.files().books)
    if found:
        raise UserError(found)
    if desk.rules.profile is None or Path(desk.rules.profile).stem != str(_data(path).get("profile")):
        raise refuse(
            "law/profile", path, "This profile is not the one in use.", "此处置档并未使用。",
            mend_en=f"The settings name {desk.rules.profile or 'none'}: rules.profile.",
            mend_zh=f"配置 rules.profile 为：{desk.rules.profile or '未设置'}。",
        )  # fmt: skip


def _check_calendar(path: Path, desk: Desk) -> None:
    validate(YearFile if "year" in _data(path) else CalendarFile, load(path))
    open_calendars([*desk.rules.calendars, path])


def _check_catalogue(path: Path, desk: Desk) -> None:
    """Refuse a version of an item that says something else than it said: a corrected one needs another name."""
    read = read_entries(path)
    if read.problems:
        raise UserError(read.problems)
    standing = desk.files().items
    known = {_identity(entry): entry for entry in (read_entries(standing).entries if standing is not None else ())}
    for entry in read.entries:
        old = known.get(_identity(entry))
        if old is not None and _content(old) != _content(entry):
            raise refuse(
                "law/item-version", path,
                f"Version {entry.item.version} of item '{entry.item.code}' was published with another text.",
                f"事项“{entry.item.code}”的版本 {entry.item.version} 已以不同内容发布。",
                mend_en=f"Write another 'version:' for it, such as '{entry.item.version}.2'.",
                mend_zh=f"请为其填写另一个 version，如“{entry.item.version}.2”。",
            )  # fmt: skip


def _identity(entry: Entry) -> tuple[str, str]:
    return entry.item.code, entry.item.version


def _content(entry: Entry) -> tuple[object, ...]:
    item = entry.item
    return item.from_on, sorted(item.limits.items()), sorted((name, str(value)) for name, value in item.data.items())


def _data(path: Path) -> dict[str, Plain]:
    data = load(path).data
    return data if isinstance(data, dict) else {}


_CHECKS = {
    "rulebook": _check_rulebook, "profile": _check_profile, "calendar": _check_calendar, "catalogue": _check_catalogue,
}  # fmt: skip


def _as_if(law: LawText, document: Document, standing: Rulebook) -> LawText:
    """Return a new version as if it had been in force instead of the standing one, for the back-test."""
    lines = law.text.lstrip("\ufeff").splitlines(keepends=True)
    for path, value in ((("in_force", "from"), standing.part.in_force.from_on), (("version",), standing.version)):
        place = document.place(path)
        if place.line is not None and place.column is not None:
            line, begin = lines[place.line - 1], place.column - 1
            lines[place.line - 1] = f"{line[:begin]}{value}{line[begin + place.width :]}"
    return LawText(
        kind="rulebook", name=law.name, version=standing.version, from_on=standing.part.in_force.from_on,
        text="".join(lines),
    )  # fmt: skip


def _changes(
    law: LawText, path: Path, laws: tuple[Law, Law], files: tuple[LawFiles, LawFiles]
) -> tuple[Difference, ...]:
    """Return what a law changes, one row each."""
    before, after = laws
    if law.kind == "rulebook":
        own = [book for book in before.books.books if book.name == law.name]
        old = max(own, key=lambda book: book.version, default=None)
        same = next((book for book in own if book.version == law.version), old)
        profile = files[0].profile
        chosen = Path(profile) if profile is not None and Path(profile).suffix else profile
        return differences(Rulebooks((same,) if same is not None else ()), load_books([path], chosen))
    if law.kind == "profile":
        return differences(before.books, after.books)
    if law.kind == "calendar":
        return tuple(_days(before.calendars, after.calendars))
    old_items, new_items = ([*read_entries(each.items).entries] if each.items is not None else [] for each in files)
    return tuple(
        Difference("item", each.code, each.field or each.kind, str(each.before or ""), str(each.after or ""))
        for each in diff(old_items, new_items)
        if each.field != "approved_by"
    )


def _days(before: CalendarBook, after: CalendarBook) -> Sequence[Difference]:
    found: list[Difference] = []
    for name, definition in after.definitions.items():
        if name not in before.definitions:
            found.append(Difference("calendar", name, "added", "", definition.version()))
        elif before.definitions[name] != definition:
            was, now = before.get(name), after.get(name)
            for day in changed_days(was, now):
                on = was.on(was.days.midnights[day])
                hours = [_worked(each, day) for each in (was, now)]
                found.append(Difference("day", str(on), name, *hours))
    return found


def _worked(calendar: Calendar, day: int) -> str:
    """Return how long is worked on a day, nothing where it is off."""
    stretches = calendar.working.patterns[calendar.working.pattern_of[day]].stretches
    return f"{sum(end - begin for begin, end, _ in stretches) / 3600:g} h" if stretches else ""
