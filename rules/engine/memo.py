"""Remembers outcomes: judging is a pure function of the program, the registers and the projected fact."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from typing import TypeAlias

import msgspec

from rules.language.projection import Fact

Truths: TypeAlias = tuple[frozenset[str], frozenset[str]]
"""The ids of the rules that are true, and of those that are undetermined."""

_encode = msgspec.json.Encoder().encode


class Memo:
    """The outcomes used last, at most ``size`` of them; 0 remembers nothing."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._known: OrderedDict[bytes, Truths] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def keys(self, scope: bytes, facts: list[Fact]) -> list[bytes]:
        """Return what identifies each fact within ``scope`` (a digest of program and registers, 32 bytes at most)."""
        return [blake2b(_encode(fact), digest_size=16, key=scope).digest() for fact in facts]

    def get(self, key: bytes) -> Truths | None:
        """Return the outcome if it is remembered."""
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
        return known

    def put(self, key: bytes, truths: Truths) -> None:
        """Remember an outcome and forget the one that was not used for longest."""
        if self.size <= 0:
            return
        self._known[key] = truths
        while len(self._known) > self.size:
            self._known.popitem(last=False)
