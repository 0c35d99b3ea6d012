"""When to try a delivery again: twice as late each time up to an hour, shifted so that not all come at once."""

from __future__ import annotations

import hashlib
from typing import Final

from rules.facts import Instant

FIRST: Final = 5
LONGEST: Final = 3_600
MOST_ATTEMPTS: Final = 100
"""About four days: a mail server that fails on the eve of a long weekend is still waited for."""


def next_attempt_at(attempts_made: int, now: Instant, key: str, retry_after: int | None = None) -> Instant | None:
    """Return the instant of the next try after ``attempts_made`` of them, None when it is time to give up.

    ``retry_after`` is what the provider asked for, in seconds: it is waited for, though never longer than a day. The
    same key and number of attempts always give the same rest.
    """
    if attempts_made >= MOST_ATTEMPTS:
        return None
    rest = min(LONGEST, FIRST << min(max(attempts_made - 1, 0), 20))
    shifted = round(rest * (0.8 + 0.4 * _share(key, attempts_made)))
    return now + max(1, shifted, min(retry_after or 0, 86_400))


def _share(key: str, attempts_made: int) -> float:
    """Return a number in [0, 1) that depends on nothing but its arguments."""
    digest = hashlib.sha256(f"{key}\x1f{attempts_made}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32
