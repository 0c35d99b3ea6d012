"""The language of messages: what ``--lang`` says, else the environment, else English."""

from __future__ import annotations

import os
from contextvars import ContextVar
from typing import Final, cast

from rules.problems import Language

_CHOSEN: Final[ContextVar[Language]] = ContextVar("language", default="en")


def choose(asked: str | None) -> None:
    """Set the language for this run: the one asked for, else that of the environment."""
    _CHOSEN.set(cast("Language", asked) if asked in {"zh", "en"} else of_environment())


def chosen() -> Language:
    """Return the language of this run."""
    return _CHOSEN.get()


def of_environment() -> Language:
    """Return the language that the environment asks for, as other programs read it."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def say(en: str, zh: str) -> str:
    """Return the sentence in the language of this run."""
    return zh if chosen() == "zh" else en
