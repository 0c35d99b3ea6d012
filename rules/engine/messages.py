"""What goes over the pipe between the engine's client and its child, and how it is framed: length, then JSON."""

from __future__ import annotations

import struct
from typing import Final

import msgspec
from msgspec import Struct

from rules.plan import Plan

HEADER: Final = struct.Struct(">I")
READY: Final = b'"ready"'
"""The first frame of a child: it is up."""
KEPT: Final = 4
"""Programs that stay loaded, so that the judging of cases and of subjects can take turns."""
MAX_FRAME: Final = 256 * 1024 * 1024


class Ask(Struct, frozen=True):
    """One batch. ``facts`` are JSON arrays by group; ``short`` those facts again that lack something.

    ``members`` and ``lacking`` are the indexes of the facts in both. ``plan`` goes along when the child has no such
    version yet.
    """

    version: str
    facts: dict[str, msgspec.Raw]
    short: dict[str, msgspec.Raw]
    members: dict[str, list[int]]
    lacking: dict[str, list[int]]
    rows: dict[str, msgspec.Raw]
    plan: Plan | None = None


class Answer(Struct, frozen=True):
    """By rule number the indexes of the facts for which it is true, and undetermined; or why the batch failed."""

    true: dict[int, list[int]] = {}
    undetermined: dict[int, list[int]] = {}
    failure: str = ""


def frame(payload: bytes) -> bytes:
    """Return the payload with its length before it."""
    return HEADER.pack(len(payload)) + payload
