"""Named places at which a test may end the process as a power cut would: ``MINGDENG_FAILPOINT=name`` or ``name:3``."""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import Final

VARIABLE: Final = "MINGDENG_FAILPOINT"

NAMES: Final = (
    "after-claim", "after-attempt", "before-append", "before-record", "before-finish",
    "before-act", "before-document", "before-digest",
)  # fmt: skip
"""After the commit of claim and start; before the commit of append, record and finish, of a deed that a person does to
a card (or of a card by hand), of a document that is numbered, and of a digest that takes the place of its parts."""

_hits: Counter[str] = Counter()


def hit(name: str) -> None:
    """Kill this process, without any clean-up, if the environment asks for it at this hit of ``name``."""
    asked = os.environ.get(VARIABLE)
    if not asked:
        return
    wanted, _, count = asked.partition(":")
    if wanted == name:
        _hits[name] += 1
        if _hits[name] >= int(count or 1):
            os.kill(os.getpid(), signal.SIGKILL)
