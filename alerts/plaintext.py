"""The text of a notice for messengers and telephones: plain, bounded in bytes, with nothing that a client would obey.

Robots are sent text and no markup, so that a case's data can neither format, link nor call anybody (``@all``); the angle
brackets of the few tags that clients obey in plain text are shown as their wide siblings, and so is what would make a
link of an address, unless it leads to our own console. The light is said in words.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from alerts.letters import REPEAT_MARK
from alerts.model import Attempt
from rules.placeholders import neutral

KEY_DIGITS: Final = 12
_INERT: Final = str.maketrans({"<": "＜", ">": "＞", "@": "＠"})


_LEADS: Final = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]*(:)//|www(\.))")


def inert(text: str, own: str = "") -> str:
    """Return one line of text that no client obeys; of addresses in it only those that begin with ``own`` stay links."""
    shown = neutral(text).translate(_INERT)

    def led(found: re.Match[str]) -> str:
        if own and shown.startswith(own, found.start()):
            return found[0]
        return found[0].replace("://", "：//") if found[1] else f"{found[0][:-1]}．"

    return _LEADS.sub(led, shown)


def console_of(attempt: Attempt) -> str:
    """Return how addresses of our own console begin, "" where the message leads to none."""
    parts = urlsplit(attempt.delivery.facts.get("link", ""))
    return f"{parts.scheme}://{parts.netloc}/" if parts.scheme in {"http", "https"} and parts.netloc else ""


def subject_of(attempt: Attempt) -> str:
    """Return the heading, which says so where the message may be a repeat."""
    return inert(attempt.delivery.subject) + (REPEAT_MARK if attempt.possible_repeat else "")


def message_number(attempt: Attempt) -> str:
    """Return the line by which a repeat is known: the same for every attempt at one delivery."""
    return f"消息号 No.: {attempt.delivery.key[:KEY_DIGITS]}"


def body_of(attempt: Attempt, most_bytes: int) -> str:
    """Return the lines under the heading, cut to fit, the message's number last and never cut."""
    own = console_of(attempt)
    lines = [inert(line, own) for line in attempt.delivery.body.splitlines() if line.strip()]
    number = message_number(attempt)
    kept = cut("\n".join(lines), most_bytes - len(number.encode()) - 1)
    return f"{kept}\n{number}"


def message(attempt: Attempt, most_bytes: int, prefix: str = "") -> str:
    """Return heading and lines as one text of at most ``most_bytes`` in UTF-8."""
    heading = cut(f"{prefix}{subject_of(attempt)}", most_bytes // 2)
    return f"{heading}\n{body_of(attempt, most_bytes - len(heading.encode()) - 1)}"


def cut(text: str, most_bytes: int) -> str:
    """Return the text, or as much of it as fits with an ellipsis; no character is torn."""
    if len(text.encode()) <= most_bytes:
        return text
    return text.encode()[: max(0, most_bytes - 3)].decode("utf-8", "ignore").rstrip() + "…"
