"""Makes batches for the engine: facts as JSON with their index, and of each register only the rows they can meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from rules.engine.messages import Ask
from rules.facts import Value
from rules.language.program import Program
from rules.language.projection import GAP, Fact, row_type
from rules.language.values import Plain

_encode = msgspec.json.Encoder().encode


class Rows:
    """The registers as one program sees them: projected once, found by the columns that its bindings use as keys."""

    def __init__(self, program: Program, registers: Mapping[str, Sequence[Mapping[str, Value]]]) -> None:
        self.program = program
        self.facts: dict[str, list[Fact]] = {}
        for name in {fetch.register for fetch in program.fetches}:
            self.facts[name] = [program.project_row(name, row) for row in registers.get(name, ())]
        self._index: dict[tuple[str, str], dict[Plain, list[int]]] = {}
        for fetch in program.fetches:
            found: dict[Plain, list[int]] = defaultdict(list)
            for number, row in enumerate(self.facts[fetch.register]):
                if fetch.column in row:
                    found[row[fetch.column]].append(number)
            self._index[fetch.register, fetch.column] = found

    def digest(self) -> bytes:
        """Return the rows as bytes, to tell whether two sets of registers judge alike."""
        return _encode(self.facts) if self.facts else b""

    def for_facts(self, facts: Sequence[Fact]) -> dict[str, msgspec.Raw]:
        """Return the rows that the bindings of these facts can meet, as JSON arrays by register."""
        met: dict[str, set[int]] = defaultdict(set)
        keys: dict[tuple[str, str], set[Plain]] = defaultdict(set)
        for fetch in self.program.fetches:
            wanted = keys[fetch.source, fetch.source_column]
            wanted |= {
                fact[fetch.source_column] for fact in facts if fact["t"] == fetch.source and fetch.source_column in fact
            }
        grown = True
        while grown:
            before = sum(map(len, met.values()))
            for fetch in self.program.fetches:
                wanted = set(keys[fetch.source, fetch.source_column])
                rows = next((n for n in self.facts if row_type(n) == fetch.source), None)
                if rows is not None:
                    found = (self.facts[rows][i] for i in met[rows])
                    wanted |= {row[fetch.source_column] for row in found if fetch.source_column in row}
                index = self._index[fetch.register, fetch.column]
                met[fetch.register].update(number for key in wanted for number in index.get(key, ()))
            grown = sum(map(len, met.values())) > before
        return {name: msgspec.Raw(self._json(name, numbers)) for name, numbers in met.items() if numbers}

    def _json(self, name: str, numbers: set[int]) -> bytes:
        register = sorted(self.facts).index(name)
        rows = (b'{"id":"r%d.%d",' % (register, n) + _encode(self.facts[name][n])[1:] for n in sorted(numbers))
        return b"[" + b",".join(rows) + b"]"


def batch(program: Program, facts: Sequence[Fact], rows: Rows) -> Ask:
    """Return the batch of these facts; the index of a fact is its identity."""
    by_group: dict[str, list[bytes]] = defaultdict(list)
    short: dict[str, list[bytes]] = defaultdict(list)
    members: dict[str, list[int]] = defaultdict(list)
    lacking: dict[str, list[int]] = defaultdict(list)
    for index, fact in enumerate(facts):
        group = str(fact["t"])
        written = b'{"id":"%d","n":%d,' % (index, index) + _encode(fact)[1:]
        by_group[group].append(written)
        members[group].append(index)
        if GAP in fact:
            short[group].append(written)
            lacking[group].append(index)
    return Ask(program.version, _arrays(by_group), _arrays(short), members, lacking, rows.for_facts(facts))


def _arrays(parts: Mapping[str, Sequence[bytes]]) -> dict[str, msgspec.Raw]:
    return {group: msgspec.Raw(b"[" + b",".join(facts) + b"]") for group, facts in parts.items()}


def outcome_sets(
    program: Program, count: int, true: Mapping[int, Sequence[int]], undetermined: Mapping[int, Sequence[int]]
) -> tuple[list[frozenset[str]], list[frozenset[str]]]:
    """Return the rule ids per fact; equal sets are one object."""
    return _sets(program, count, true), _sets(program, count, undetermined)


def _sets(program: Program, count: int, found: Mapping[int, Sequence[int]]) -> list[frozenset[str]]:
    by_fact: list[list[str]] = [[] for _ in range(count)]
    for number, indexes in found.items():
        rule_id = program.plan.rules[number].id
        for index in indexes:
            by_fact[index].append(rule_id)
    known: dict[tuple[str, ...], frozenset[str]] = {}
    return [known.setdefault(tuple(ids), frozenset(ids)) for ids in by_fact]
