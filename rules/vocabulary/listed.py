"""Lists as sources and catalogues write them: one text with commas, Chinese or Western."""

from __future__ import annotations

import re
from typing import Final

from rules.facts import Value

_SEPARATOR: Final = re.compile(r"[,，;；、|]")


def listed(value: Value) -> tuple[str, ...]:
    """Return the entries of a list written as one text, in order; none for a missing or empty value."""
    if value is None or isinstance(value, bool):
        return ()
    return tuple(entry for part in _SEPARATOR.split(str(value)) if (entry := part.strip()))
