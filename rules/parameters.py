"""The parameters of a rulebook as constants of a condition, for each date from which one of them has another value."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from rules.draft import Draft
from rules.language.nodes import Constant
from rules.language.places import At, Origin
from rules.language.types import Type
from rules.problems import Place
from rules.quantities import Quantity
from rules.reasoning import Resolve
from rules.words import ParameterValue


def at_every_date(draft: Draft) -> tuple[Resolve, ...]:
    """Return how parameters are read on each date on which one of them changes while the rulebook is in force."""
    force = draft.part.in_force
    changes = {on for dated in draft.parameters.values() for on, _ in dated if on > force.from_on}
    return tuple(_at(draft, on) for on in sorted({force.from_on, *changes}))


def _at(draft: Draft, on: dt.date) -> Resolve:
    def resolve(name: str) -> Constant | None:
        held = [value for begins, value in draft.parameters.get(name, ()) if begins <= on]
        return constant(held[-1]) if held else None

    return resolve


def constant(value: ParameterValue) -> Constant:
    """Return a parameter's value as a constant that stands nowhere."""
    at = At(Origin("", Place("parameters")), 0, 0)
    match value:
        case Quantity():
            return Constant(Type.DURATION, value, str(value), at)
        case Fraction():
            return Constant(Type.SHARE, value, f"{float(value * 100):g}%", at)
        case str():
            return Constant(Type.CODE, value, value, at)
        case _:
            number = Fraction(repr(value))
            return Constant(Type.NUMBER, number, f"{float(number):g}", at)
