"""Words about figures of a unit, window or feed beside its peers: ``compared(return_rate).deviation``.

The figures are facts that plain code works out over many cases and reports as an event ``compared`` with ``figure``,
``value``, ``mean``, ``sigma`` and ``cases`` (how many cases the value rests on).
"""

from __future__ import annotations

from collections.abc import Mapping

from rules.facts import Value
from rules.language import Type, WordInfo
from rules.view import View
from rules.vocabulary.base import call

FIGURE = WordInfo(
    Type.RECORD,
    fields={
        "value": WordInfo(Type.SHARE),
        "mean": WordInfo(Type.SHARE),
        "deviation": WordInfo(Type.NUMBER),
        "cases": WordInfo(Type.NUMBER),
    },
)


def _describe(args: tuple[str, ...]) -> WordInfo | None:
    return FIGURE if len(args) == 1 else None


@call("compared", _describe)
def compared(view: View, args: tuple[str, ...], rest: tuple[str, ...]) -> Value:
    """``compared(return_rate).deviation``: by how many sigma the latest value lies above the mean of the peers."""
    for event in reversed(view.events):
        if event.name == "compared" and event.data.get("figure") == args[0]:
            return _deviation(event.data) if rest[0] == "deviation" else event.data.get(rest[0])
    return None


def _deviation(said: Mapping[str, Value]) -> Value:
    """Return the distance from the mean in sigma; where all peers are equal, anything above them has no measure."""
    value, mean, sigma = (_number(said.get(name)) for name in ("value", "mean", "sigma"))
    if value is None or mean is None or sigma is None:
        return None
    if sigma == 0:
        return 0 if value <= mean else None
    return round((value - mean) / sigma, 4)


def _number(value: Value) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
