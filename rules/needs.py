"""What a source has to report before a rule can speak: what the rule asks for and what its condition cannot do without.

Broader than ``asks``: it also counts the events that start the rule's clock and those without which the condition is
false of every case, so that a point which is silent for want of data can be told from one that nobody breaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from rules.asking import Asks, Need, reported
from rules.facts import CaseEvent, ItemVersion
from rules.language.nodes import And, Call, Compare, Holds, Node, Or, Subject, Word, path_of
from rules.rule import ClockDef, Rule
from rules.rulebook import Rulebooks

ALWAYS: Final = frozenset({"item", "unit", "no", "kind"})
"""Attributes that every mapping gives to every case."""

Told: TypeAlias = Mapping[str, frozenset[Need]]
"""What is reported, by kind of case."""


@dataclass(frozen=True, slots=True)
class Silent:
    """A rule without data: ``lacks`` are the needs that nothing meets, each by its alternatives; none if the whole kind is missing."""

    rule: Rule
    lacks: Asks


def counted_by(rule: Rule, clocks: Mapping[str, ClockDef]) -> ClockDef | None:
    """Return the clock whose time decides: the only one that the condition reads, else the one that the rule is about."""
    read = {path[1] for _, subject in rule.reads if (path := path_of(subject))[0] == "clock"}
    return clocks.get(read.pop() if len(read) == 1 else rule.clock)


def needs_of(rule: Rule, clock: ClockDef | None) -> Asks:
    """Return what has to be reported for a rule to be able to hold, each need by its alternatives."""
    found: list[tuple[Need, ...]] = list(rule.asks)
    if clock is not None:
        found += clock.asks
        found.append(tuple(dict.fromkeys((start.event,) for start in clock.starts)))
        found.append(_limits(clock))
    found += _demanded(rule.when)
    return tuple(need for need in dict.fromkeys(found) if need)


def _limits(clock: ClockDef) -> tuple[Need, ...]:
    """Return what the clock's limit may come from; nothing if the rulebook itself gives one, or the source a due instant."""
    stated = [limit.split(".") for limit in clock.part.limit if limit.startswith(("item.", "event."))]
    if clock.part.due is not None or len(stated) < len(clock.part.limit):
        return ()
    return tuple(
        need
        for where, name in stated
        for need in ([("item", name)] if where == "item" else [(start.event, name) for start in clock.starts])
    )


def silent(books: Rulebooks, told: Told) -> tuple[Silent, ...]:
    """Return the rules that cannot hold of any case that is reported, in the order of the books."""
    return tuple(found for book in books.books for rule in book.rules
                 if (found := _silence(rule, counted_by(rule, book.clocks), told)))  # fmt: skip


def told_by(events: Iterable[CaseEvent], catalogue: Iterable[ItemVersion] = ()) -> Told:
    """Return what events and the catalogue report, by kind of case; a value that is empty is reported all the same."""
    by_kind: dict[str, list[CaseEvent]] = {}
    for event in events:
        by_kind.setdefault(event.kind, []).append(event)
    names: set[str] = set()
    for item in catalogue:
        names.update(item.data, item.limits)
    items = frozenset(("item", name) for name in names)
    return {kind: frozenset(reported(found)) | items for kind, found in by_kind.items()}


def of_mingdeng(rule: Rule) -> bool:
    """Say whether a rule lives by what Mingdeng itself writes down: cards, feeds, decisions and what is counted of them."""
    if rule.part.of == "supervisor":
        return True
    counts = any(name.startswith("tally(") for name, _ in rule.reads)
    return not rule.asks and (counts or rule.part.of in {"card", "feed"})


def _silence(rule: Rule, clock: ClockDef | None, told: Told) -> Silent | None:
    if of_mingdeng(rule):
        return None
    known = told.get(rule.part.of)
    if not known:
        return Silent(rule, ())
    lacks = tuple(need for need in needs_of(rule, clock) if not _met(need, known))
    return Silent(rule, lacks) if lacks else None


def _met(alternatives: tuple[Need, ...], known: frozenset[Need]) -> bool:
    return any(need in known or (need[0] == "case" and need[-1] in ALWAYS) for need in alternatives)


def _demanded(node: Node) -> Iterator[tuple[Need, ...]]:
    """Yield what the condition cannot be true without."""
    if isinstance(node, And):
        for part in node.parts:
            yield from _demanded(part)
    elif isinstance(node, Or):
        ways = [list(_demanded(part)) for part in node.parts]
        if all(len(way) == 1 for way in ways):
            yield tuple(dict.fromkeys(need for way in ways for need in way[0]))
    elif isinstance(node, Holds):
        yield from _of(node.of)
    elif isinstance(node, Compare) and node.op in {"==", ">", ">="}:
        yield from _of(node.left)


def _of(subject: Subject) -> Iterator[tuple[Need, ...]]:
    match subject:
        case Call("happened", (event,)):
            yield ((event,),)
        case Call("event", (event,), (attribute,)):
            yield ((event,) if attribute == "at" else (event, attribute),)
        case Word() | Call():
            return
