"""``review``: the one entry of judgement, for the live path and the back-test alike.

For each case it gives the spans in which each rule holds, as known now: the case is taken apart into frames, each frame
gives one fact per step, the engine judges all facts of the batch at once, and runs of equal truth become spans.
"""

from __future__ import annotations

from collections.abc import Sequence

from rules.context import Context
from rules.facts import Case, Instant
from rules.frames import Dossier, Frame, frames_of
from rules.judgement import Judgement, Lost, Review
from rules.language import Fact
from rules.rulebook import Rulebook
from rules.spans import FrameSpans, spans_of
from rules.verdict import verdict


def review(cases: Sequence[Case], context: Context, since: Instant, now: Instant) -> Review:
    """Judge cases as known now. Spans that ended at or before ``since`` are left out (0 keeps all of them).

    A case that the engine or its own facts make impossible to judge is listed as lost with its reason; the rest goes on.
    """
    dossiers: list[Dossier] = []
    lost: list[Lost] = []
    frames: list[Frame] = []
    for case in cases:
        try:
            dossier = Dossier.of(case, context)
            found = frames_of(dossier)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            lost.append(Lost(case.case_id, case.revision, f"{type(error).__name__}: {error}"))
            continue
        dossiers.append(dossier)
        frames.extend(found)
    judged = _judge(frames, context, now)
    judgements: list[Judgement] = []
    for dossier in dossiers:
        own = judged.get(id(dossier), [])
        reason = next((frame.lost for frame in own if frame.lost), "")
        if reason:
            lost.append(Lost(dossier.case.case_id, dossier.case.revision, reason))
        else:
            judgements.append(verdict(dossier, own, since, now))
    return Review(tuple(judgements), tuple(lost))


def _judge(frames: Sequence[Frame], context: Context, now: Instant) -> dict[int, list[FrameSpans]]:
    """Return the spans of every frame by the identity of its dossier, judged book by book in one batch each."""
    found: dict[int, list[FrameSpans]] = {}
    for book in context.books.books:
        own = [frame for frame in frames if frame.book is book]
        for frame, spans in zip(own, _judge_book(book, own, context, now), strict=True):
            found.setdefault(id(frame.dossier), []).append(spans)
    return found


def _judge_book(book: Rulebook, frames: Sequence[Frame], context: Context, now: Instant) -> list[FrameSpans]:
    facts: list[Fact] = []
    stepped: list[tuple[Frame, list[Instant], list[Instant], list[int]]] = []
    for frame in frames:
        steps = frame.steps()
        past = [at for at in steps if at <= now]
        coming = [at for at in steps if at > now]
        kept: list[Instant] = []
        places: list[int] = []
        last: Fact | None = None
        for at in past:
            fact = book.program.project(frame.group.name, frame.env(at))
            if fact != last:
                kept.append(at)
                places.append(len(facts))
                facts.append(fact)
                last = fact
        stepped.append((frame, kept, coming, places))
    outcome = context.engine.evaluate(book.program, facts, context.registers)
    result: list[FrameSpans] = []
    for frame, kept, coming, places in stepped:
        reason = next((outcome.lost[place] for place in places if place in outcome.lost), "")
        truths = [(outcome.true[place], outcome.undetermined[place]) for place in places]
        result.append(spans_of(frame, kept, truths, coming[0] if coming else None, now, reason))
    return result
