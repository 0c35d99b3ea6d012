"""A rule that is not heard in a case would have said nothing: held against judging every case by all rules."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rules.review
from rules.calendarbook import open_calendars
from rules.calendars import Calendar
from rules.catalogue import Catalogue
from rules.concern import Listener, concerns
from rules.context import Context
from rules.engine.direct import DirectEngine
from rules.facts import Case, CaseEvent, CaseId, ItemVersion, Value, fold
from rules.frames import Dossier, frames_of
from rules.judgement import Review
from rules.loader import load_books
from rules.silence import ANY, FALSE, TRUE, UNKNOWN, Silence
from rules.view import History
from rules.vocabulary.base import all_words, hearing_of_word, reader_of, rows_of

BEGIN = 1_728_000_000  # 2024-10-04, in the long holiday
DAY = 86_400
ITEM = ItemVersion(
    code="I", name="item", limits={"promised": "3 workdays", "statutory": "6 workdays"},
    data={"steps": "check,decide", "decisive_steps": "decide", "fee": 100, "officers": "x", "units": "a"},
)  # fmt: skip
VALUES: tuple[Value, ...] = (
    "a",
    "b",
    "x",
    "refused",
    "granted",
    "deleted",
    "2 workdays",
    "",
    None,
    True,
    1,
    250,
    BEGIN,
)


@pytest.fixture(scope="module")
def context() -> Context:
    return Context(load_books(), open_calendars([]), DirectEngine(), Catalogue.of([ITEM]))


def random_case(dice: random.Random, context: Context) -> Case:
    """Return a case of anything that some rule listens to."""
    groups = [(book, group) for book in context.books.books for group in book.groups]
    kind = dice.choice([group.of for _, group in groups])
    needs = sorted({n for book, group in groups if group.of == kind for n in Listener.of(book, group).needs})
    names = [need[0] for need in needs if need[0] != "case"] or ["accepted"]
    common = [need[1] for need in needs if need[0] == "case"]
    events = []
    for number in range(dice.randrange(1, 9)):
        name = dice.choice(names)
        said = [
            *(need[1] for need in needs if need[0] == name and len(need) > 1),
            *dice.sample(common, min(2, len(common))),
        ]
        told = {attribute: dice.choice(VALUES) for attribute in said if dice.random() < 0.5}
        at = BEGIN + dice.randrange(12 * DAY)
        events.append(CaseEvent(
            source="s", event_id=str(number), version=1, namespace="n", kind=kind, case_no="1", name=name,
            occurred_at=at, inserted_at=at + 60 if dice.random() < 0.5 else None, data={"item": "I", **told},
        ))  # fmt: skip
    return fold(CaseId("n", kind, "1"), events)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_case_is_judged_as_by_all_rules(seed: int, context: Context) -> None:
    dice = random.Random(seed)
    cases = [random_case(dice, context) for _ in range(3)]
    now = BEGIN + dice.randrange(40) * DAY

    assert rules.review.review(cases, context, 0, now) == by_all_rules(cases, context, now)


def by_all_rules(cases: list[Case], context: Context, now: int) -> Review:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rules.review, "frames_of", lambda dossier, **_: frames_of(dossier))
        return rules.review.review(cases, context, 0, now)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_word_is_what_it_is_without_events_where_nothing_that_it_hears_is_reported(
    seed: int, context: Context
) -> None:
    case = random_case(random.Random(seed), context)
    calendar, catalogue = context.default_calendar, context.catalogue
    history = arranged(case, calendar, catalogue)
    nothing = arranged(fold(case.case_id, []), calendar, catalogue)
    for path, word in all_words().words.items():
        hearing = hearing_of_word(path)
        if hearing is not None and not any(need in history.reported for need in hearing):
            read = reader_of(path) if word.read is not None else rows_of(path)
            assert read is not None
            for at in history.instants:
                assert read(history.view(at)) == read(nothing.view(at)), path


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_word_changes_only_with_what_it_is_said_to_turn_with(seed: int, context: Context) -> None:
    case = random_case(random.Random(seed), context)
    told = arranged(case, context.default_calendar, context.catalogue)
    anew = arranged(case, context.default_calendar, context.catalogue)
    for group in (group for book in context.books.books for group in book.groups if group.of == case.kind):
        for answer in () if group.plan.windows else group.plan.answers:
            assert told.course(answer) == anew.course(replace(answer, turns=None))


def arranged(case: Case, calendar: Calendar, catalogue: Catalogue) -> History:
    return History(case, calendar.zone, calendar, catalogue)


def test_few_rules_are_heard_in_a_plain_case(context: Context) -> None:
    events = [
        CaseEvent(source="s", event_id=name, version=1, namespace="n", kind="application", case_no="1", name=name,
                  occurred_at=BEGIN + day * DAY, data={"item": "I", "unit": "a"})
        for day, name in enumerate(("received", "accepted", "completed"))
    ]  # fmt: skip
    dossier = Dossier.of(fold(CaseId("n", "application", "1"), events), context)

    heard = {rule.id for frame in frames_of(dossier, whole=False) for rule in frame.rules}
    asked = {rule.id for frame in frames_of(dossier) for rule in frame.rules}

    assert "T04" in heard
    assert 0 < len(heard) < len(asked) / 2


def test_what_may_be_said_of_a_condition_follows_kleene(context: Context) -> None:
    book = next(book for book in context.books.books if book.name == "time-limits")
    silence, told = Silence(book.program), frozenset({("accepted",)})

    truths = {rule.id: silence.possible(rule.id, told, {"promise"}) for rule in book.rules}

    assert truths["T04"] & TRUE
    assert FALSE in truths.values()
    assert all(0 < truth <= ANY == TRUE | FALSE | UNKNOWN for truth in truths.values())


def test_a_changed_copy_of_a_rulebook_listens_for_itself(context: Context) -> None:
    book = context.books.books[0]
    changed = replace(book, version=book.version + 1)

    assert Listener.of(changed, book.groups[0]).book is changed
    assert Listener.of(book, book.groups[0]).book is book


def test_cases_that_report_the_same_share_their_concerns(context: Context) -> None:
    known = concerns(context, "application")

    assert known.of({("accepted",): 1, ("nobody", "asks"): 2}) is known.of({("accepted",): 9})
