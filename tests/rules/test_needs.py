"""What a rule cannot speak without: its own needs, the start of its clock, and what its condition asks to be there."""

from __future__ import annotations

import pytest

from rules.facts import CaseEvent, ItemVersion
from rules.loader import load_books
from rules.needs import counted_by, needs_of, of_mingdeng, silent, told_by
from rules.rulebook import Rulebooks


@pytest.fixture(scope="module")
def books() -> Rulebooks:
    return load_books()


def needs(books: Rulebooks, rule_id: str) -> tuple[object, ...]:
    book, rule = next((b, r) for b in books.books for r in b.rules if r.id == rule_id)
    return needs_of(rule, counted_by(rule, book.clocks))


def event(name: str, kind: str = "application", **data: str) -> CaseEvent:
    return CaseEvent(
        source="s", event_id=name, namespace="n", kind=kind, case_no="1", name=name, occurred_at=1, data=dict(data)
    )  # fmt: skip


def test_a_rule_about_a_clock_needs_what_starts_it_and_what_limits_it(books: Rulebooks) -> None:
    assert needs(books, "T04") == (
        (("accepted",), ("received",), ("correction_received",)),
        (("item", "promised"),),
    )


def test_a_condition_that_asks_whether_something_happened_needs_that_event(books: Rulebooks) -> None:
    assert (("completed",),) in needs(books, "J02")


def test_a_source_with_acceptances_and_a_catalogue_wakes_the_promise(books: Rulebooks) -> None:
    item = ItemVersion(code="I", name="I", limits={"promised": "5 workdays"})

    def mute(*events: CaseEvent, items: tuple[ItemVersion, ...] = ()) -> set[str]:
        return {each.rule.id for each in silent(books, told_by(events, items))}

    assert "T04" in mute(event("accepted"))
    assert "T04" not in mute(event("accepted"), items=(item,))
    assert "T04" in mute(event("accepted", kind="complaint"), items=(item,))


def test_what_is_lacking_is_told_by_its_alternatives_and_a_missing_kind_as_nothing(books: Rulebooks) -> None:
    found = {each.rule.id: each.lacks for each in silent(books, told_by([event("accepted")]))}

    assert found["T04"] == ((("item", "promised"),),)
    assert found["T05"] == ((("item", "statutory"),),)
    assert found["Q02"] == ()


def test_points_that_live_by_what_mingdeng_writes_are_never_without_data(books: Rulebooks) -> None:
    mute = {each.rule.id for each in silent(books, {})}
    own = {rule.id for book in books.books for rule in book.rules if of_mingdeng(rule)}

    assert {"K03", "D01", "A04"} <= own
    assert not mute & own


def test_every_rule_speaks_where_everything_is_reported_that_it_needs(books: Rulebooks) -> None:
    """So that nothing is listed as missing that no source could ever deliver."""
    told: dict[str, set[tuple[str, ...]]] = {}
    for book in books.books:
        for rule in book.rules:
            found = told.setdefault(rule.part.of, {("anything",)})
            found.update(need for each in needs_of(rule, counted_by(rule, book.clocks)) for need in each)

    assert silent(books, {kind: frozenset(words) for kind, words in told.items()}) == ()
