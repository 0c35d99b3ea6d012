"""Which cases a change of the law concerns: by kind of case, a predicate on what was last judged.

A new version of a rulebook concerns no case that was judged, for it judges only what begins from its first date on. A
correction concerns what rests on the corrected version. Whatever was judged by the new law already is left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from rules.affected import Affected, by_calendar, by_items
from rules.calendarbook import CalendarBook
from rules.catalogue import Catalogue
from rules.judgement import Judgement
from rules.rulebook import Rulebook, Rulebooks

Concerned = Mapping[str, Affected]


def concerned(
    books: tuple[Rulebooks, Rulebooks],
    calendars: tuple[CalendarBook, CalendarBook],
    catalogues: tuple[Catalogue, Catalogue],
) -> Concerned:
    """Return, for each (before, after), the predicate of the cases concerned by kind of case; nothing if nothing is."""
    found: dict[str, list[Affected]] = {}
    for kinds, affected in _by_books(*books):
        for kind in kinds:
            found.setdefault(kind, []).append(affected)
    everywhere = [*_by_calendars(*calendars), *_by_catalogue(*catalogues)]
    if everywhere:
        for kind in sorted(books[0].kinds() | books[1].kinds()):
            found.setdefault(kind, []).extend(everywhere)
    return {kind: _any(predicates) for kind, predicates in found.items()}


def _any(predicates: Sequence[Affected]) -> Affected:
    return lambda judgement: any(affected(judgement) for affected in predicates)


def _by_books(before: Rulebooks, after: Rulebooks) -> Iterator[tuple[Collection[str], Affected]]:
    """Yield the kinds and the predicate of each rulebook that is new, gone, or takes the place of another."""
    was = {(book.name, book.part.in_force.from_on): book for book in before.books}
    now = {(book.name, book.part.in_force.from_on): book for book in after.books}
    known = {book.name for book in before.books}
    for key, book in now.items():
        old = was.get(key)
        if old is None and book.name not in known:
            yield _kinds(book), _not_yet(book.label)
        elif old is not None and old.label != book.label:
            yield _kinds(old) | _kinds(book), _not_yet(book.label)
        elif old is not None and _consequences(old) != _consequences(book):
            yield _kinds(book), lambda _judgement: True
    for key, old in was.items():
        if key not in now:
            yield _kinds(old), _rests_on(old.label)


def _kinds(book: Rulebook) -> frozenset[str]:
    return Rulebooks((book,)).kinds()


def _not_yet(label: str) -> Affected:
    return lambda judgement: label not in judgement.versions


def _rests_on(label: str) -> Affected:
    return lambda judgement: label in judgement.versions


def _both(one: Affected, other: Affected) -> Affected:
    return lambda judgement: one(judgement) and other(judgement)


def _consequences(book: Rulebook) -> tuple[object, ...]:
    """Return what a severity profile may change of a rulebook."""
    clocks = {name: clock.part for name, clock in book.clocks.items()}
    return [rule.policy for rule in book.rules], dict(book.parameters), clocks


def _by_calendars(before: CalendarBook, after: CalendarBook) -> Iterator[Affected]:
    for name, definition in before.definitions.items():
        if name in after.definitions and after.definitions[name] != definition:
            was, now = before.get(name), after.get(name)
            yield _both(_rests_on(f"{name}@{was.version}"), by_calendar(was, now))


def _by_catalogue(before: Catalogue, after: Catalogue) -> Iterator[Affected]:
    if before.versions != after.versions:
        changed = by_items(before, after)
        yield lambda judgement: changed(judgement) and not _judged_by(judgement, after)


def _judged_by(judgement: Judgement, catalogue: Catalogue) -> bool:
    labels = {f"{item.code}@{item.version}" for item in catalogue.versions.get(judgement.item, ())}
    named = {each for each in judgement.versions if each.partition("@")[0] == judgement.item}
    return bool(labels) and labels == named


def changed_rules(before: Rulebooks, after: Rulebooks) -> frozenset[str]:
    """Return the rules that a change edits or withdraws: their condition, consequences, clock or a parameter of theirs.

    A further version of a rulebook that repeats a rule word for word does not change it.
    """
    was, now = _definitions(before), _definitions(after)
    return frozenset(rule for rule, meant in was.items() if now.get(rule) != meant)


def _definitions(books: Rulebooks) -> dict[str, list[str]]:
    """Return all that each rule means in the versions of its rulebook, each meaning once, in no order."""
    found: dict[str, set[str]] = {}
    for book in books.books:
        for rule in book.rules:
            clock = book.clocks[rule.clock].part if rule.clock in book.clocks else None
            text = f"{rule.part!r} {rule.policy!r} {clock!r}"
            used = sorted((name, repr(values)) for name, values in book.parameters.items() if f"param.{name}" in text)
            found.setdefault(rule.id, set()).add(f"{text} {used}")
    return {rule: sorted(meant) for rule, meant in found.items()}
