"""Names in a severity profile that no rulebook bears: what they were meant to change would silently stay as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from rules.documents import Document, load, nearest, validate
from rules.problems import Problem
from rules.schema import ProfilePart, RulebookPart

SHIPPED: Final = Path(__file__).parent / "books"

_KINDS: Final = {"rules": ("rule", "规则"), "clocks": ("clock", "时钟"), "parameters": ("parameter", "参数")}


def strangers(document: Document, part: ProfilePart, books: Iterable[RulebookPart]) -> list[Problem]:
    """Return a problem for each name that neither these rulebooks nor the shipped ones bear, with its place and nearest."""
    own = _names(books)
    named: dict[str, Iterable[str]] = {"rules": part.rules, "clocks": part.clocks, "parameters": part.parameters}
    odd = [(kind, name) for kind, names in named.items() for name in names if name not in own[kind]]
    if not odd:
        return []
    known = {kind: own[kind] | _shipped()[kind] for kind in own}
    return [_stranger(document, kind, name, known[kind]) for kind, name in odd if name not in known[kind]]


def _names(books: Iterable[RulebookPart]) -> dict[str, frozenset[str]]:
    parts = list(books)
    return {
        "rules": frozenset(rule.id for part in parts for rule in part.rules),
        "clocks": frozenset(name for part in parts for name in part.clocks),
        "parameters": frozenset(name for part in parts for name in part.parameters),
    }


@cache
def _shipped() -> Mapping[str, frozenset[str]]:
    return _names(validate(RulebookPart, load(path)) for path in sorted(SHIPPED.glob("*.yaml")))


def _stranger(document: Document, kind: str, name: str, known: frozenset[str]) -> Problem:
    (en, zh), near = _KINDS[kind], nearest(name, known)
    return Problem(
        "profile/unknown-name", document.key_place((kind, name)),
        f"No rulebook has a {en} '{name}'.", f"规则书中没有{zh}“{name}”。",
        f"Did you mean '{near}'?" if near else "Remove it.", f"是否应为“{near}”？" if near else "请删除。",
    )  # fmt: skip
