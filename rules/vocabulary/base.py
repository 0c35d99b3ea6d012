"""How a word of the rule language is made: a path, a type, and a function that reads it from a case at an instant."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from rules.asking import Need, parse_asks
from rules.facts import Value
from rules.language import Type, WordInfo

if TYPE_CHECKING:
    from rules.view import View

Reader: TypeAlias = "Callable[[View], Value]"
Rows: TypeAlias = "Callable[[View], Sequence[Mapping[str, Value]]]"
Describe: TypeAlias = "Callable[[tuple[str, ...]], WordInfo | None]"
Call: TypeAlias = "Callable[[View, tuple[str, ...], tuple[str, ...]], Value]"
Hearing: TypeAlias = tuple[Need, ...]
"""What a word listens to: in a case that reports none of it the word is what it is in a case without events."""
HearingOf: TypeAlias = Callable[[tuple[str, ...], tuple[str, ...]], Hearing]


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its type; exactly one of ``read`` and ``rows`` is set.

    ``hears`` is None where it listens to all, ``turns`` where anything may change it.
    """

    info: WordInfo
    read: Reader | None = None
    rows: Rows | None = None
    hears: Hearing | None = None
    turns: Hearing | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Every word and call that the folder defines."""

    words: dict[tuple[str, ...], Word] = field(default_factory=dict)
    calls: dict[str, tuple[Describe, Call]] = field(default_factory=dict)
    hearings: dict[str, HearingOf] = field(default_factory=dict)


_FOUND = Words()


def word(
    path: str, kind: Type, codes: Iterable[str] | None = None, *, hears: str | None = None, turns: str | None = None
) -> Callable[[Reader], Reader]:
    """Make the decorated function the meaning of ``path``; None from it means that the value is missing.

    ``hears`` names all that it listens to, as ``asks`` does (``complained or rated.text``), so that it need not be read
    in a case that reports nothing of it. ``turns`` names all that may change it in the course of a case, "" for nothing,
    so that it need not be read anew at other events.
    """

    def keep(read: Reader) -> Reader:
        info = WordInfo(kind, frozenset(codes) if codes is not None else None)
        _FOUND.words[tuple(path.split("."))] = Word(info, read, hears=_needs(hears), turns=_needs(turns))
        return read

    return keep


def collection(path: str, fields: Mapping[str, Type], *, hears: str | None = None) -> Callable[[Rows], Rows]:
    """Make the decorated function the rows of ``path`` for ``any`` and ``all``; ``hears`` as of a word."""

    def keep(rows: Rows) -> Rows:
        info = WordInfo(Type.COLLECTION, fields={name: WordInfo(kind) for name, kind in fields.items()})
        _FOUND.words[tuple(path.split("."))] = Word(info, rows=rows, hears=_needs(hears))
        return rows

    return keep


def call(name: str, describe: Describe, *, hears: HearingOf | None = None) -> Callable[[Call], Call]:
    """Make the decorated function the meaning of ``name(...)``; ``describe`` gives its type for these arguments.

    ``hears`` gives what it listens to with these arguments and what is asked of it, None where that is all.
    """

    def keep(read: Call) -> Call:
        _FOUND.calls[name] = (describe, read)
        if hears is not None:
            _FOUND.hearings[name] = hears
        return read

    return keep


def _needs(text: str | None) -> Hearing | None:
    return None if text is None else parse_asks(text) if text else ()


@cache
def all_words() -> Words:
    """Return every word, importing each module of this folder once."""
    package = importlib.import_module("rules.vocabulary")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"rules.vocabulary.{module.name}")
    return _FOUND


@cache
def reader_of(path: tuple[str, ...]) -> Reader:
    """Return how a word is read from a case: as it is defined, else as the attribute of that name."""
    found = all_words().words.get(path)
    if found is not None and found.read is not None:
        return found.read
    name = path[-1]
    return lambda view: view.attributes.get(name)


@cache
def rows_of(path: tuple[str, ...]) -> Rows | None:
    """Return how the rows of a collection word are read, None if the word has none."""
    found = all_words().words.get(path)
    return None if found is None else found.rows


@cache
def hearing_of_word(path: tuple[str, ...]) -> Hearing | None:
    """Return what a word listens to, None if to everything; an attribute of the case listens to those who report it."""
    if path[0] in {"clock", "param", "item"}:
        return None
    found = all_words().words.get(path)
    return (("case", path[-1]),) if found is None else found.hears


@cache
def turns_of_word(path: tuple[str, ...]) -> Hearing | None:
    """Return what alone may change a word in the course of a case, None if anything may."""
    found = all_words().words.get(path)
    return (("case", path[-1]),) if found is None else found.turns


@cache
def hearing_of_call(name: str, args: tuple[str, ...], rest: tuple[str, ...]) -> Hearing | None:
    """Return what a call listens to, None if to everything; nothing else changes it."""
    hears = all_words().hearings.get(name)
    return None if hears is None else hears(args, rest)
