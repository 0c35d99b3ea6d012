"""``review``: the one entry of judgement, for the live path and the back-test alike.

For each case it gives the spans in which each rule holds, as known now: the case is taken apart into frames, each frame
passes through states, the engine judges the facts of all states of the batch at once, and runs of equal truth become
spans.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from rules.catalogue import Catalogue
from rules.context import Context
from rules.facts import Case, Instant
from rules.frames import Dossier, Frame, frames_of
from rules.judgement import Judgement, Lost, Review
from rules.language import Fact, Program
from rules.rulebook import Rulebook
from rules.spans import FrameSpans, spans_of
from rules.states import State, states_of, waits_until
from rules.verdict import verdict

STATES: Final = 20_000
"""So many states of each rulebook's frames are remembered with the facts that they are."""


def review(cases: Sequence[Case], context: Context, since: Instant, now: Instant, *, brief: bool = False) -> Review:
    """Judge cases as known now. Spans that ended at or before ``since`` are left out (0 keeps all of them).

    What is ``brief`` says nothing of clocks: neither what they read, nor which decided, nor whether they are suspended;
    and no figures.

    A case that the engine or its own facts make impossible to judge is listed as lost with its reason; the rest goes on.
    """
    found, lost = reviewed(cases, context, since, now, brief=brief)
    return Review(tuple([each.judgement for each in found]), tuple(lost))


class Reviewed(NamedTuple):
    """A judgement, and the case as it was taken apart for it."""

    judgement: Judgement
    dossier: Dossier


def reviewed(
    cases: Sequence[Case], context: Context, since: Instant, now: Instant, *, brief: bool = False
) -> tuple[list[Reviewed], list[Lost]]:
    """Judge as ``review`` does, for who goes on to ask about the cases themselves."""
    dossiers: list[Dossier] = []
    lost: list[Lost] = []
    frames: list[Frame] = []
    for case in cases:
        try:
            dossier = Dossier.of(case, context)
            own = frames_of(dossier, whole=False)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            lost.append(Lost(case.case_id, case.revision, f"{type(error).__name__}: {error}"))
            continue
        dossiers.append(dossier)
        frames.extend(own)
    judged = _judge(frames, context, now)
    found: list[Reviewed] = []
    for dossier in dossiers:
        spans = judged.get(id(dossier), [])
        reason = next((frame.lost for frame in spans if frame.lost), "")
        if reason:
            lost.append(Lost(dossier.case.case_id, dossier.case.revision, reason))
        else:
            found.append(Reviewed(verdict(dossier, spans, since, now, brief=brief), dossier))
    return found, lost


def _judge(frames: Sequence[Frame], context: Context, now: Instant) -> dict[int, list[FrameSpans]]:
    """Return the spans of every frame by the identity of its dossier, judged book by book in one batch each."""
    found: dict[int, list[FrameSpans]] = {}
    by_book: dict[int, list[Frame]] = {}
    for frame in frames:
        by_book.setdefault(id(frame.book), []).append(frame)
    for book in context.books.books:
        own = by_book.get(id(book), [])
        for frame, spans in zip(own, _judge_book(book, own, context, now), strict=True):
            found.setdefault(id(frame.dossier), []).append(spans)
    return found


def _judge_book(book: Rulebook, frames: Sequence[Frame], context: Context, now: Instant) -> list[FrameSpans]:
    """Judge the frames of one book; what reads alike is projected and asked once."""
    known = _projected(book, context)
    facts: list[Fact] = []
    places: dict[State, int] = {}
    stepped: list[tuple[Frame, list[Instant], list[int], Instant | None]] = []
    for frame in frames:
        if not frame.rules:
            stepped.append((frame, [], [], waits_until(frame, now)))
            continue
        states, next_at = states_of(frame, now)
        asked: list[int] = []
        for at, state in states:
            place = places.get(state)
            if place is None:
                place = places[state] = len(facts)
                fact = known.get(state)
                if fact is None:
                    fact = known[state] = book.program.project(frame.group.name, frame.env(at))
                facts.append(fact)
            asked.append(place)
        stepped.append((frame, [at for at, _ in states], asked, next_at))
    outcome = context.engine.evaluate(book.program, facts, context.registers)
    truths = list(zip(outcome.true, outcome.undetermined, strict=True))
    telling = {place for place, (true, undetermined) in enumerate(truths) if true or undetermined}
    telling.update(outcome.lost)
    result: list[FrameSpans] = []
    for frame, steps, asked, next_at in stepped:
        if telling.isdisjoint(asked):
            result.append(FrameSpans(frame, (), next_at))
            continue
        reason = next((outcome.lost[place] for place in asked if place in outcome.lost), "")
        result.append(spans_of(frame, steps, [truths[place] for place in asked], next_at, now, reason))
    return result


class _Projected(NamedTuple):
    """The facts of states that were met before, as long as what they were projected from is the same."""

    program: Program
    catalogue: Catalogue
    facts: dict[State, Fact]


def _projected(book: Rulebook, context: Context) -> dict[State, Fact]:
    """Return what is known of the states of a book's frames, ready to take more."""
    key = f"facts of {book.label}"
    kept = context.prepared.get(key)
    if isinstance(kept, _Projected) and kept.program is book.program and kept.catalogue is context.catalogue:
        if len(kept.facts) > STATES:
            kept.facts.clear()
        return kept.facts
    facts: dict[State, Fact] = {}
    context.prepared[key] = _Projected(book.program, context.catalogue, facts)
    return facts
