"""Why something is unknown: judgements keep a code with its parameters; ``rules.telling`` words it for its reader.

``no_limit``, ``rule:D01``, ``missing:case.unit + clock.promise.over``; several reasons stand side by side, ``; `` between
them. The codes and their sentences are those of the glossary (``doubts``).
"""

from __future__ import annotations

from typing import Final

BETWEEN: Final = "; "
AND: Final = " + "
LOST: Final = "lost"
"""The code of a fault in the program, whose text is never taken apart."""


def doubt(code: str, *said: str) -> str:
    """Return a reason as judgements keep it."""
    return f"{code}:{AND.join(said)}" if said else code


def both(*reasons: str) -> str:
    """Return several reasons as one; empty ones are left out."""
    return BETWEEN.join(reason for reason in reasons if reason)


def apart(because: str) -> tuple[tuple[str, str], ...]:
    """Return each reason as its code and what it names."""
    reasons = [because] if because.startswith(f"{LOST}:") else because.split(BETWEEN)
    return tuple((code, said) for code, _, said in (reason.partition(":") for reason in reasons))
