"""Turns values as read into values that the rule engine compares rightly, or into nothing (unknown) with a reason.

The engine's JSON has no exponents and its texts no escapes: numbers stay within [1e-4, 1e15), texts are written without
quotes, backslashes and control characters (one to one), long texts as their digest. Sources: engine.md, Never.
"""

from __future__ import annotations

import hashlib
import math
import re
from fractions import Fraction
from typing import Final, TypeAlias

from rules.language.types import Read, Type
from rules.quantities import Quantity, Unit

Plain: TypeAlias = int | float | str

LARGEST: Final = 10**15
SMALLEST: Final = Fraction(1, 10_000)
BASIS_POINTS: Final = 10_000
MAX_PLAIN_TEXT: Final = 120

PLAIN_TYPES: Final = frozenset({Type.BOOL, Type.NUMBER, Type.SHARE, Type.MONEY, Type.TEXT, Type.CODE, Type.INSTANT})
"""Types whose values go to the engine as they are; the others become truths in the projection."""

_UNSAFE: Final = re.compile(r"[\x00-\x1f\"'\\%\x7f]|[\ud800-\udfff]")
_SECONDS: Final = {Unit.MINUTE: 60, Unit.HOUR: 3600}
_MONTHS: Final = {Unit.MONTH: 1, Unit.YEAR: 12}


def exact(value: float | Fraction) -> int | Fraction:
    """Return a number without rounding: a float stands for the decimal that is written for it."""
    if isinstance(value, float):
        value = Fraction(repr(value))
    return int(value) if value.denominator == 1 else value


def number(type_: Type, value: Read) -> int | Fraction | None:
    """Return a number in the engine's unit (a share in basis points), None if it is none or out of range."""
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    found = exact(value)
    if type_ is Type.SHARE:
        found = exact(found * BASIS_POINTS)
    if not -LARGEST < found < LARGEST:
        return None
    if isinstance(found, Fraction) and (abs(found) < SMALLEST or type_ in {Type.MONEY, Type.INSTANT}):
        return None
    return found


def plain(type_: Type, value: Read) -> Plain | None:
    """Return the value as the engine gets it, None if it is missing, of another type or out of range."""
    if type_ is Type.BOOL:
        return int(value) if isinstance(value, bool) else None
    if type_ in {Type.TEXT, Type.CODE}:
        return text(value) if isinstance(value, str) else None
    if type(value) is int and type_ is not Type.SHARE:
        return value if -LARGEST < value < LARGEST else None
    found = number(type_, value)
    return float(found) if isinstance(found, Fraction) else found


def text(value: str) -> str:
    """Return a text without any sign that the engine's parser treats specially; different texts stay different."""
    if len(value) > MAX_PLAIN_TEXT:
        return "%#" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return _UNSAFE.sub(lambda sign: f"%{ord(sign.group()):x};", value)


def comparable(type_: Type, value: Read) -> Plain | Fraction | Quantity | None:
    """Return the value for a comparison in the projection; unknown in the same cases as ``plain``."""
    if type_ is Type.DURATION:
        return value if isinstance(value, Quantity) else None
    if type_ is Type.BOOL:
        return int(value) if isinstance(value, bool) else None
    if type_ in {Type.TEXT, Type.CODE}:
        return value if isinstance(value, str) else None
    return number(type_, value)


def compare(
    left: Plain | Fraction | Quantity | None, op: str, right: Plain | Fraction | Quantity | None
) -> bool | None:
    """Say whether two values of one type stand so; None if one is missing or their units cannot be compared."""
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        return _quantities(left, op, right)
    if left is None or right is None or isinstance(left, Quantity) or isinstance(right, Quantity):
        return None
    if isinstance(left, str) or isinstance(right, str):
        return None if type(left) is not type(right) or op not in {"==", "!="} else (left == right) is (op == "==")
    return _numbers(left, op, right)


def _quantities(left: Quantity, op: str, right: Quantity) -> bool | None:
    """Compare lengths of time; workdays and natural days, days and hours have no common measure."""
    if left.unit is right.unit:
        return _numbers(left.amount, op, right.amount)
    for measure in (_SECONDS, _MONTHS):
        if left.unit in measure and right.unit in measure:
            return _numbers(left.amount * measure[left.unit], op, right.amount * measure[right.unit])
    return None


def _numbers(left: float | Fraction, op: str, right: float | Fraction) -> bool:
    match op:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right
