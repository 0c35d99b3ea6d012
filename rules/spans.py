"""From truths at steps to spans: stretches of time in which a rule holds for one frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from rules.facts import Instant
from rules.frames import Frame
from rules.judgement import Truth
from rules.rule import Rule

Truths: TypeAlias = tuple[frozenset[str], frozenset[str]]
"""The rules that are true, and those that are undetermined, at one step."""

_TRUE, _UNDETERMINED = Truth.TRUE, Truth.UNDETERMINED


class Stretch(Struct, frozen=True, gc=False):
    """One rule's condition over [``from_at``, ``until_at``); None means until further notice."""

    rule: Rule
    truth: Truth
    from_at: Instant
    until_at: Instant | None


class FrameSpans(Struct, frozen=True, gc=False):
    """A judged frame: its stretches, and the next instant at which it has to be judged again."""

    frame: Frame
    stretches: tuple[Stretch, ...]
    next_at: Instant | None
    lost: str = ""


def spans_of(
    frame: Frame, steps: Sequence[Instant], truths: Sequence[Truths], next_at: Instant | None, now: Instant,
    lost: str = "",
) -> FrameSpans:  # fmt: skip
    """Join equal truths of successive steps into stretches, rule by rule in the order of the rulebook.

    A rule that asks for something says nothing before that is reported.
    """
    if lost:
        return FrameSpans(frame, (), next_at, lost)
    found: list[Stretch] = []
    for rule in frame.rules:
        asked = frame.asked_from(rule)
        if asked is None or asked > now:
            continue
        begun: Instant | None = None
        held: Truth | None = None
        for at, (true, undetermined) in zip(steps, truths, strict=True):
            truth = _TRUE if rule.id in true else _UNDETERMINED if rule.id in undetermined else None
            if truth is held:
                continue
            if held is not None and begun is not None and at > asked:
                found.append(Stretch(rule, held, max(begun, asked), at))
            begun, held = (at, truth) if truth is not None else (None, None)
        if held is not None and begun is not None:
            found.append(Stretch(rule, held, max(begun, asked), None))
    return FrameSpans(frame, tuple(found), next_at)
