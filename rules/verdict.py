"""The verdict on one case: its state and light, its spans with what they say, its clocks, and when to look again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from rules.clocks import ClockState
from rules.doubts import doubt
from rules.facts import Instant, Value
from rules.frames import Dossier, Frame
from rules.judgement import CaseState, ClockReading, Judgement, Light, Pin, Span, Truth
from rules.policy import Colour
from rules.rule import Rule
from rules.shown import at_fault, evidence, figure, missing, shown
from rules.spans import FrameSpans, Stretch
from rules.view import View
from rules.windows import window_ordinal

STATES: Final = {
    ClockState.RUNNING: CaseState.RUNNING,
    ClockState.SUSPENDED: CaseState.SUSPENDED,
    ClockState.STOPPED: CaseState.FINISHED,
}

_FINISHED, _SUSPENDED = CaseState.FINISHED, CaseState.SUSPENDED
_TRUE, _UNDETERMINED = Truth.TRUE, Truth.UNDETERMINED
_UNTOLD = frozenset({None, Colour.REMINDER})
"""Cards of which nobody is told once their reason is over."""


def verdict(
    dossier: Dossier, judged: Sequence[FrameSpans], since: Instant, now: Instant, *, brief: bool = False
) -> Judgement:
    """Return the judgement of a case from its judged frames.

    The light is the gravest of the lights of the spans that are open at ``now``: red > yellow > grey > green. A case of
    which no rule could be asked anything is grey, never green.
    """
    view = dossier.history.view(now)
    spans = _in_doubt([(f, s, _span(f.frame, s, now)) for f in judged for s in f.stretches])
    standing = [(frame, span) for frame, span in spans if span.from_at <= now and span.until_at is None]
    clocks = [] if brief else readings(dossier, now)
    light, because, deciding = _light(standing, judged, view)
    clock, ordinal = _deciding_clock(deciding, judged, clocks)
    item = dossier.item(dossier.history.instants[0]) if dossier.case.events else None
    coming = [frame.next_at for frame in judged if frame.next_at is not None]
    coming += [at for at in dossier.history.instants if at > now]
    attributes = view.attributes
    return Judgement(
        case_id=dossier.case.case_id,
        revision=dossier.case.revision,
        unit=str(attributes.get("unit") or (item.data.get("unit") if item else None) or ""),
        item=str(attributes.get("item") or ""),
        item_name=item.name if item else "",
        person=str(attributes.get("officer") or ""),
        state=_state(view, clocks),
        light=light,
        because=because,
        clock=clock,
        ordinal=ordinal,
        spans=tuple(span for _, span in spans if span.until_at is None or span.until_at > since),
        clocks=tuple(clocks),
        figures={} if brief else _figures(judged, now),
        versions=_versions(dossier),
        next_review_at=min(coming, default=None),
    )


def _span(frame: Frame, stretch: Stretch, now: Instant) -> Span:
    """Return the span of a stretch; a breach of a provisional due instant waits as undetermined (the calendar).

    A reminder that is over needs no words: nobody will be told of it any more.
    """
    rule, policy = stretch.rule, stretch.rule.policy
    clock, ordinal = frame.clock, frame.ordinal
    if not clock and frame.plan.windows:
        window = frame.plan.windows[0]
        clock, ordinal = window, window_ordinal(window, stretch.from_at, frame.dossier.history.zone)
    at = now if stretch.until_at is None else min(now, stretch.until_at - 1)
    phase = frame.run.phase(stretch.from_at) if frame.run is not None else None
    provisional = phase is not None and phase.provisional and stretch.truth is _TRUE
    truth = _UNDETERMINED if provisional else stretch.truth
    unknown = truth is _UNDETERMINED
    env, later = frame.env(stretch.from_at), frame.env(at)
    because = doubt("calendar") if provisional else missing(rule, env, frame) if unknown else _doubt(rule)
    told = stretch.until_at is None or policy.card not in _UNTOLD
    return Span(
        rule=rule.id,
        family=policy.family,
        clock=clock,
        ordinal=ordinal,
        truth=truth,
        from_at=stretch.from_at,
        until_at=stretch.until_at,
        light=(Light.GREY if policy.light is not None or policy.card is not None else None)
        if unknown
        else policy.light,
        pin=_pin(frame),
        provisional=provisional,
        because=because,
        unit=at_fault(rule, env),
        values={name: shown(name, later) for name in rule.placeholders} if told and not unknown else {},
        evidence=evidence(rule, env) if told else {},
    )


def _doubt(rule: Rule) -> str:
    """Return why a light is grey that a rule itself makes grey: the rule."""
    return doubt("rule", rule.id) if rule.policy.light is Light.GREY else ""


def _in_doubt(told: Sequence[tuple[FrameSpans, Stretch, Span]]) -> list[tuple[FrameSpans, Span]]:
    """Return the spans; where a rule that casts doubt stands, nothing is held against anybody by another rulebook.

    Facts that contradict themselves make every finding on them unknown, until they are corrected.
    """
    doubts = {
        frame.frame.book.name: span.because
        for frame, stretch, span in told
        if stretch.rule.part.casts_doubt and span.truth is Truth.TRUE and span.until_at is None
    }
    because = next(iter(doubts.values()), "")
    return [
        (frame, span)
        if not doubts or frame.frame.book.name in doubts or span.truth is not Truth.TRUE
        else (frame, replace(span, truth=Truth.UNDETERMINED, light=span.light and Light.GREY, because=because))
        for frame, _, span in told
    ]


def _versions(dossier: Dossier) -> tuple[str, ...]:
    """Return what judged: every rulebook, the calendars of the clocks that run, and the item's versions."""
    context, code = dossier.context, str(dossier.history.said.get("item") or "")
    terms = [run.terms for runs in dossier.runs.values() for own in runs.values() for run in own]
    calendars = {id(each): each for each in (context.default_calendar, *(agreed.calendar for agreed in terms))}
    named = sorted({f"{each.name}@{each.version}" for each in calendars.values()})
    items = (f"{item.code}@{item.version}" for item in context.catalogue.versions.get(code, ()))
    return (*(book.label for book in context.books.books), *named, *items)


def _pin(frame: Frame) -> Pin:
    calendar = frame.run.terms.calendar if frame.run is not None else frame.dossier.context.default_calendar
    item = f"{frame.item.code}@{frame.item.version}" if frame.item is not None else ""
    return Pin(frame.book.label, f"{calendar.name}@{calendar.version}", item)


def _light(
    standing: Sequence[tuple[FrameSpans, Span]], judged: Sequence[FrameSpans], view: View
) -> tuple[Light, str, tuple[FrameSpans, Span] | None]:
    lit = [(frame, span, span.light) for frame, span in standing if span.light is not None]
    if lit:
        frame, span, light = max(lit, key=lambda entry: (entry[2].gravity, -entry[1].from_at))
        if light is not Light.GREEN:
            return light, span.because, (frame, span)
    if not view.count:
        return Light.GREY, doubt("nothing_happened"), None
    if not judged:
        return Light.GREY, doubt("no_rule_asked"), None
    return Light.GREEN, "", None


def readings(dossier: Dossier, now: Instant) -> list[ClockReading]:
    """Return every clock of the case as it stands at ``now``, in the order of their starts."""
    found: dict[tuple[str, int], ClockReading] = {}
    for runs in dossier.runs.values():
        for clock, instances in runs.items():
            for run in instances:
                reading = run.reading(now)
                if reading is None:
                    continue
                found[(clock, run.ordinal)] = ClockReading(
                    clock=clock,
                    ordinal=run.ordinal,
                    state=STATES[reading.state],
                    started_at=reading.started_at,
                    due_at=reading.due_at,
                    stopped_at=reading.stopped_at,
                    used=reading.used,
                    left=reading.left,
                    limit=str(reading.limit) if reading.limit is not None else "",
                    over=reading.over,
                    provisional=reading.provisional,
                    because=reading.because,
                )
    return sorted(found.values(), key=lambda clock: (clock.started_at, clock.clock, clock.ordinal))


def _deciding_clock(
    deciding: tuple[FrameSpans, Span] | None, judged: Sequence[FrameSpans], clocks: Sequence[ClockReading]
) -> tuple[str, int]:
    """Return the clock that decided the light, else the running one that is due first, else the one that was.

    A clock that rules only compare with, and none is about, comes last.
    """
    if deciding is not None and deciding[0].frame.clock:
        return deciding[0].frame.clock, deciding[0].frame.ordinal
    about = {each.frame.clock for each in judged}
    clocks = [clock for clock in clocks if clock.clock in about] or clocks
    running = [clock for clock in clocks if clock.state is not _FINISHED]
    due = [clock for clock in running or clocks if clock.due_at is not None] or list(running or clocks)
    if not due:
        return "", 0
    first = min(due, key=lambda clock: (clock.due_at or 0, clock.started_at))
    return first.clock, first.ordinal


def _state(view: View, clocks: Sequence[ClockReading]) -> CaseState:
    if view.finished:
        return _FINISHED
    suspended = any(clock.state is _SUSPENDED for clock in clocks)
    return _SUSPENDED if suspended else CaseState.RUNNING


def _figures(judged: Sequence[FrameSpans], now: Instant) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for frame in judged:
        for name, path in frame.frame.book.show.items():
            if name not in found:
                found[name] = figure(path, frame.frame.env(now))
    return found
