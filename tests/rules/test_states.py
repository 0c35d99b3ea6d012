"""Between two states of a frame nothing that its rules read changes: held against looking at random instants."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.calendarbook import open_calendars
from rules.catalogue import Catalogue
from rules.context import Context
from rules.engine.direct import DirectEngine
from rules.facts import Case, CaseEvent, CaseId, ItemVersion, Value, fold
from rules.frames import Dossier, frames_of
from rules.loader import BOOKS, load_books
from rules.states import State, states_of

BEGIN = 1_728_000_000  # 2024-10-04, in the long holiday
DAY = 86_400
FAR = BEGIN + 400 * DAY

BOOK = """
rulebook: every-word
title: {zh: 各种读法, en: every kind of word}
version: 1
in_force: {from: 2004-07-01}
parameters:
  near: [{value: 90%, from: 2004-07-01}, {value: 70%, from: 2024-10-15}]
  few: [{value: 2 workdays, from: 2024-10-10}]
  many: [{value: 1, from: 2004-07-01}, {value: 2, from: 2024-10-15}]
clocks:
  promise:
    title: {zh: 承诺, en: promise}
    of: application
    starts: accepted
    stops: [completed, withdrawn]
    pauses: {from: suspension_started, to: suspension_ended, cap: approved, only_if: lawful}
    extends: {by: extended, only_if: lawful}
    limit: item.promised
    counting: legal
  step:
    title: {zh: 环节, en: step}
    of: application
    starts: step_started
    stops: [step_finished, completed]
    by: step
    limit: [event.limit, 1 day]
    counting: rolling
rules:
  - {id: X1, title: {zh: 一, en: one}, of: application, clock: promise, light: red,
     when: clock.promise.used >= param.near and clock.step.left < 4 hours or clock.step.over}
  - {id: X2, title: {zh: 二, en: two}, of: application, light: red,
     when: clock.promise.left <= param.few or clock.promise.over_by > 1 day}
  - {id: X3, title: {zh: 三, en: three}, of: application, clock: promise, light: red,
     when: clock.promise.suspended or clock.step.stopped and item.instant}
  - {id: X4, title: {zh: 四, en: four}, of: application, light: red,
     when: "count(transferred) >= param.many or any(s in case.steps: s.finished and s.officer == 'x')"}
  - {id: X5, title: {zh: 五, en: five}, of: application, light: red,
     when: clock.promise.stopped_at > clock.step.started_at and case.signed}
  - {id: X6, title: {zh: 六, en: six}, of: unit, light: red,
     when: "tally(cards, month) >= 2 or tally(yellow_cards, rolling_30_days) >= 2"}
attributes: {case.signed: bool}
"""
ITEMS = (
    ItemVersion(code="I", name="item", limits={"promised": "3 workdays", "statutory": "6 days"}),
    ItemVersion(
        code="J", name="item", limits={"promised": "20 hours", "step.check": "1 workday"}, data={"instant": True}
    ),
)
NAMES = {
    "application": (
        "received", "accepted", "accepted", "accepted", "step_started", "step_started", "step_started", "step_finished",
        "suspension_started", "suspension_ended", "extended", "completed", "reopened", "transferred", "deleted",
    ),
    "contact": ("arrived", "transferred", "signed", "objected", "answered", "closed"),
    "unit": ("card_counted", "card_counted", "card_left"),
}  # fmt: skip
VALUES: dict[str, tuple[Value, ...]] = {
    "item": ("I", "J", "nowhere"), "unit": ("a", "b", None), "step": ("check", "decide"), "officer": ("x", "y"),
    "reason": ("a test", ""), "approver": ("the head",), "approved": ("1 workday", "2 days", "long"),
    "days": ("2 workdays", "1 day"), "limit": ("5 hours",), "signed": (True, 1, False), "from_unit": ("a", "b"),
    "to_unit": ("a", "b"), "colour": ("yellow", "red"), "result": ("granted", "deleted"),
}  # fmt: skip


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> list[Context]:
    book = tmp_path_factory.mktemp("book") / "book.yaml"
    book.write_text(BOOK, "utf-8")
    calendars, catalogue = open_calendars([]), Catalogue.of(ITEMS)
    paths: tuple[Path, ...] = (BOOKS, book)
    return [Context(load_books([path]), calendars, DirectEngine(), catalogue) for path in paths]


def random_case(dice: random.Random) -> Case:
    kind = dice.choice(["application", "application", *NAMES])
    events = []
    for number in range(dice.randrange(1, 12)):
        told = {name: dice.choice(values) for name, values in VALUES.items() if dice.random() < 0.6}
        at = BEGIN + dice.randrange((300 if kind == "unit" else 12) * DAY)
        events.append(CaseEvent(
            source="s", event_id=str(number), version=1, namespace="n", kind=kind, case_no="1",
            name=dice.choice(NAMES[kind]), occurred_at=at, data=told,
        ))  # fmt: skip
    return fold(CaseId("n", kind, "1"), events)


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_at_any_instant_a_frame_reads_what_it_read_when_its_state_began(seed: int, contexts: list[Context]) -> None:
    dice = random.Random(seed)
    case = random_case(dice)
    for context in contexts:
        for frame in frames_of(Dossier.of(case, context)):
            states, _ = states_of(frame, FAR)
            edges = [at + step for at, _ in states for step in (-1, 0, 1)]
            probes = [*edges, *(BEGIN + dice.randrange(400 * DAY) for _ in range(8))]
            for at in {at for at in probes if frame.begins_at <= at <= FAR}:
                since = max(begins for begins, _ in states if begins <= at)
                facts = [frame.book.program.project(frame.group.name, frame.env(instant)) for instant in (since, at)]
                assert facts[0] == facts[1]


def test_equal_states_of_different_cases_are_equal_facts(contexts: list[Context]) -> None:
    known: dict[tuple[str, State], object] = {}
    seen = 0
    for seed in range(300):
        case = random_case(random.Random(seed))
        for other in (case, moved(case, 12, "I"), moved(case, 12, "J")):
            for frame in (frame for context in contexts for frame in frames_of(Dossier.of(other, context))):
                for at, state in states_of(frame, FAR)[0]:
                    fact = frame.book.program.project(frame.group.name, frame.env(at))
                    assert known.setdefault((frame.book.label, state), fact) == fact
                    seen += 1
    assert seen > 2 * len(known)


def moved(case: Case, days: int, item: str) -> Case:
    """Return the case as it would be so many days later and about another item."""
    events = [
        replace(event, occurred_at=(event.occurred_at or 0) + days * DAY, data={**event.data, "item": item})
        for event in case.events
    ]
    return fold(case.case_id, events)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32), days=st.integers(0, 20))
def test_what_comes_after_now_changes_no_state_and_is_waited_for(seed: int, days: int, contexts: list[Context]) -> None:
    now = BEGIN + days * DAY
    for context in contexts:
        for frame in frames_of(Dossier.of(random_case(random.Random(seed)), context)):
            states, next_at = states_of(frame, now)
            later = states_of(frame, FAR)[0]
            assert later[: len(states) - 1] == states[:-1] if states else True
            coming = [at for at, _ in later if at > now]
            events = [at for at in frame.dossier.history.instants if at > now]
            if coming:
                assert min([at for at in (next_at, *events) if at is not None]) <= coming[0]


def test_a_number_that_is_held_against_parameters_is_told_apart_no_finer_than_they_do(contexts: list[Context]) -> None:
    def read(times: int) -> set[State]:
        events = [
            CaseEvent(
                source="s", event_id=str(number), namespace="n", kind="application", case_no="1", name="transferred",
                occurred_at=BEGIN, data={},
            )
            for number in range(times)
        ]  # fmt: skip
        frames = frames_of(Dossier.of(fold(CaseId("n", "application", "1"), events), contexts[1]))
        return {state for frame in frames for _, state in states_of(frame, FAR)[0]}

    assert read(3) == read(4)
    assert read(1) != read(2) != read(3)
