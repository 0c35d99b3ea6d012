"""Short lengths of time as administrators write them in settings: ``500ms``, ``30s``, ``5m``, ``1h``, ``1d``."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0}
_WRITTEN: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)\s*", re.ASCII)


def seconds(text: str) -> float:
    """Return the seconds written in ``text``; raise ``ValueError`` with a sentence if it is no length of time."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a length of time such as 30s, 5m or 1h")
    return float(match[1]) * _UNITS[match[2]]
