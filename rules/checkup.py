"""Everything that can be said against rulebook files at once: what keeps them from loading, and what misleads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from rules.calendarbook import open_calendars
from rules.documents import Document, load, nearest, validate
from rules.draft import Draft
from rules.lint import lint
from rules.loader import read_drafts
from rules.problems import Problem, UserError
from rules.profiles import Profile, load_profile
from rules.schema import ProfilePart, RulebookPart
from rules.trials import trials_of

DEFAULT_CALENDAR: Final = "cn"


def check_books(paths: Sequence[Path] = (), profile: Path | str | None = None) -> tuple[Problem, ...]:
    """Return the problems of rulebook files and folders (the shipped books if none is named), errors and warnings."""
    try:
        chosen = load_profile(profile)
    except UserError as error:
        return error.problems
    drafts, problems = read_drafts(paths, chosen)
    found = [*problems, *(problem for draft in drafts for problem in lint(draft))]
    found += _of_tests(drafts, sorted({path if path.is_dir() else path.parent for path in paths}))
    return tuple(dict.fromkeys(found))


def _of_tests(drafts: Sequence[Draft], folders: Sequence[Path]) -> list[Problem]:
    """Return what cannot be read of the tests of books that load; whether they pass is for ``mingdeng test`` to say."""
    known = [rule.id for draft in drafts for rule in draft.part.rules]
    found: list[Problem] = []
    try:
        calendars = open_calendars(folders)
        for draft in drafts:
            if draft.book is not None:
                trials = trials_of(draft.book, known, calendars, DEFAULT_CALENDAR)
                found += [problem for trial in trials for problem in trial.problems]
    except UserError as error:
        found += error.problems
    return found


def check_profile(path: Path, books: Sequence[Path] = ()) -> tuple[Problem, ...]:
    """Return the problems of a severity profile file, held against the rulebooks that it changes (the shipped ones)."""
    try:
        document = load(path)
        part = validate(ProfilePart, document)
    except UserError as error:
        return error.problems
    drafts, _ = read_drafts(books, Profile())
    return tuple(_strangers(document, part, drafts))


def _strangers(document: Document, part: ProfilePart, drafts: Sequence[Draft]) -> list[Problem]:
    """Return a problem for each name that no rulebook knows: what it was meant to change would stay as it is."""
    known = {
        "rules": {rule.id for draft in drafts for rule in draft.part.rules},
        "parameters": {name for draft in drafts for name in draft.part.parameters},
        "clocks": {name for draft in drafts for name in draft.part.clocks},
    }
    named: dict[str, Iterable[str]] = {"rules": part.rules, "parameters": part.parameters, "clocks": part.clocks}
    return [
        _stranger(document, kind, name, known[kind])
        for kind, names in named.items()
        for name in names
        if name not in known[kind]
    ]


def _stranger(document: Document, kind: str, name: str, known: set[str]) -> Problem:
    near = nearest(name, known)
    return Problem(
        "profile/unknown-name", document.key_place((kind, name)),
        f"No rulebook has '{name}' among its {kind}.", f"规则书中没有“{name}”。",
        f"Did you mean '{near}'?" if near else "Remove it.", f"是否应为“{near}”？" if near else "请删除。",
    )  # fmt: skip


def schema() -> str:
    """Return the JSON Schema of a rulebook for editors, as text that is the same each time."""
    found = RulebookPart.model_json_schema(by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Mingdeng rulebook"}
    return json.dumps({**found, **head}, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
