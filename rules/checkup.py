"""Everything that can be said against rulebook files at once: what keeps them from loading, and what misleads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rules.calendarbook import open_calendars
from rules.documents import load, validate
from rules.draft import Draft
from rules.lint import lint
from rules.loader import read_drafts
from rules.problems import Problem, UserError
from rules.profiles import DEFAULT, load_profile
from rules.rulebook import Rulebook
from rules.schema import ProfilePart, RulebookPart
from rules.strangers import strangers
from rules.trials import trials_of

DEFAULT_CALENDAR: Final = "cn"


def check_books(
    paths: Sequence[Path] = (), profile: Path | str | None = None, *, beside: Sequence[Rulebook] = ()
) -> tuple[Problem, ...]:
    """Return the problems of rulebook files and folders (the shipped books if none is named), errors and warnings.

    Tests may name rules of the books ``beside`` them.
    """
    try:
        chosen = load_profile(profile)
    except UserError as error:
        return error.problems
    drafts, problems = read_drafts(paths, chosen, remember=False)
    said = [problem for draft in drafts for problem in lint(draft)]
    if chosen.name != "default":  # where a place knows fewer severities, two rules may fall together
        said = [problem for problem in said if problem.code != "lint/outranked"]
    found = [*problems, *said]
    own = {draft.part.rulebook for draft in drafts}
    others = [rule.id for book in beside if book.name not in own for rule in book.rules]
    found += _of_tests(drafts, others, sorted({path if path.is_dir() else path.parent for path in paths}))
    return tuple(dict.fromkeys(found))


def _of_tests(drafts: Sequence[Draft], others: Sequence[str], folders: Sequence[Path]) -> list[Problem]:
    """Return what cannot be read of the tests of books that load; whether they pass is for ``mingdeng test`` to say."""
    known = [*(rule.id for draft in drafts for rule in draft.part.rules), *others]
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
    drafts, _ = read_drafts(books, DEFAULT)
    return tuple(strangers(document, part, [draft.part for draft in drafts]))


def schema() -> str:
    """Return the JSON Schema of a rulebook for editors, as text that is the same each time."""
    found = RulebookPart.model_json_schema(by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Mingdeng rulebook"}
    return json.dumps({**found, **head}, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
