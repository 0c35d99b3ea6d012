"""One batch in one session of durable-rules' C core, used only as engine.md found it safe.

The session lives as long as the batch. Every ruleset gets a boot fact when it is made, and one before and a sentinel after
every assertion: if the sentinel does not come back, the engine dropped the end of the batch without a word. Without a
fact before it, a first fact that the engine cannot parse leaves the state unset that it then goes by, and it may crash.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Final, Self

import durable_rules_engine as core
import msgspec
from msgspec import Struct

from rules.engine.messages import Answer, Ask
from rules.plan import BOOT, FINDING, SUBJECT, Plan, Shard, finding_mark

_BOOT_RULE: Final = "boot"


class Truncated(Exception):
    """The engine dropped the end of a batch: some value could not be parsed."""


class _Fact(Struct):
    id: str


_MATCHES: Final = msgspec.json.Decoder(dict[str, list[dict[str, _Fact]] | dict[str, _Fact]])
Pair = tuple[str, ...]


class Ruleset:
    """One shard, loaded into the C core; close it to free it."""

    def __init__(self, name: str, shard: Shard) -> None:
        self.shard = shard
        self._told = 0
        self._handle = core.create_ruleset(name, shard.ruleset)
        self.tell([f'{{"t":"{BOOT}","id":"boot"}}'])
        self.forget()

    def tell(self, facts: Sequence[str]) -> list[tuple[str, dict[str, _Fact]]]:
        """Assert facts, written as JSON objects; return the matches; raise ``Truncated`` if the engine dropped any."""
        self._told += 1
        first, last = (f'{{"t":"{BOOT}","id":"{name}{self._told}"}}' for name in ("begin", "end"))
        _, state = core.assert_facts(self._handle, f"[{','.join([first, *facts, last])}]")
        found: list[tuple[str, dict[str, _Fact]]] = []
        ended = False
        result = core.start_action_for_state(self._handle, state)
        message = result[1] if result else None
        while message:
            for name, matches in _MATCHES.decode(message).items():
                own = matches if isinstance(matches, list) else [matches]
                if name == _BOOT_RULE:
                    ended = ended or any(fact.id == f"end{self._told}" for match in own for fact in match.values())
                    continue
                found += [(name, match) for match in own]
            message = core.complete_and_start_action(self._handle, state)
        if not ended:
            raise Truncated
        return found

    def forget(self) -> None:
        """Delete the session with everything that was asserted."""
        core.delete_state(self._handle, None)

    def close(self) -> None:
        """Free the ruleset."""
        core.delete_ruleset(self._handle)


class Judge:
    """A loaded plan: answers one batch after the other. After a failed batch it is of no use: close it, load anew."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rulesets: list[Ruleset] = []
        for number, shard in enumerate(plan.shards):
            self.rulesets.append(Ruleset(f"{plan.version}.{number}", shard))
        self._levels = 1 + max((rule.level for rule in plan.rules), default=-1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free every ruleset."""
        for ruleset in self.rulesets:
            ruleset.close()
        self.rulesets = []

    def answer(self, ask: Ask) -> Answer:
        """Judge one batch: assert, read the matches, and round after round the findings that other rules build on."""
        tally = _Tally(len(self.plan.rules))
        used = [ruleset for ruleset in self.rulesets if ruleset.shard.group in _asserted(ruleset.shard, ask)]
        for ruleset in used:
            tally.add(ruleset.tell(_opening(ruleset.shard, ask)))
        for level in range(self._levels):
            settled = self._settle(level, tally, ask)
            if level + 1 < self._levels:
                for ruleset in used:
                    marks = _marks(ruleset.shard, settled, ask)
                    if marks:
                        tally.add(ruleset.tell(marks))
        for ruleset in used:
            ruleset.forget()
        return Answer(
            {rule: sorted(found) for rule, found in tally.true.items() if found},
            {rule: sorted(found) for rule, found in tally.undetermined.items() if found},
        )

    def _settle(self, level: int, tally: _Tally, ask: Ask) -> dict[str, set[int]]:
        """Decide the rules of one level; return the subjects by finding mark."""
        settled: dict[str, set[int]] = {}
        for number, rule in enumerate(self.plan.rules):
            if rule.level != level:
                continue
            true, undetermined = tally.settle(number)
            settled[finding_mark(number, True)] = true
            settled[finding_mark(number, False)] = set(ask.members.get(rule.group, ())) - true - undetermined
        return settled


class _Tally:
    """The matches so far: for each rule who passed it, and which openings were not closed by a denial."""

    def __init__(self, rules: int) -> None:
        self.true: dict[int, set[int]] = {}
        self.undetermined: dict[int, set[int]] = {}
        self._passed: list[set[int]] = [set() for _ in range(rules)]
        self._open: list[set[Pair]] = [set() for _ in range(rules)]
        self._denied: list[set[Pair]] = [set() for _ in range(rules)]

    def add(self, matches: Iterable[tuple[str, dict[str, _Fact]]]) -> None:
        """Take in matches; a match of several facts is one combination of the subject with rows."""
        for name, match in matches:
            number, kind, _ = name.split(".")
            rule = int(number)
            if kind == "T":
                self._passed[rule].add(int(match[SUBJECT].id))
                continue
            pair = tuple(match[alias].id for alias in sorted(match) if not _is_finding(match[alias].id))
            subject = (match[SUBJECT].id, *pair)
            (self._open if kind == "O" else self._denied)[rule].add(subject)

    def settle(self, rule: int) -> tuple[set[int], set[int]]:
        """Return (true, undetermined) of a rule once all its findings are known."""
        true = self._passed[rule]
        left_open = {int(pair[0]) for pair in self._open[rule] - self._denied[rule]}
        self.true[rule], self.undetermined[rule] = true, left_open - true
        return true, self.undetermined[rule]


def _is_finding(identity: str) -> bool:
    return identity.startswith("f")


def _asserted(shard: Shard, ask: Ask) -> dict[str, msgspec.Raw]:
    return ask.short if shard.of_gaps else ask.facts


def _opening(shard: Shard, ask: Ask) -> list[str]:
    """Return what is asserted first: the rows that the shard joins with, then its facts."""
    rows = [_inside(ask.rows[name]) for name in shard.registers if name in ask.rows]
    return [text for text in (*rows, _inside(_asserted(shard, ask)[shard.group])) if text]


def _inside(array: msgspec.Raw) -> str:
    """Return a JSON array without its brackets."""
    return bytes(array)[1:-1].decode()


def _marks(shard: Shard, settled: dict[str, set[int]], ask: Ask) -> list[str]:
    """Return the finding facts that a shard joins with."""
    members = set((ask.lacking if shard.of_gaps else ask.members).get(shard.group, ()))
    return [
        f'{{"t":"{FINDING}","id":"f{mark}{subject}","is":"{mark}","of":{subject}}}'
        for mark in shard.needs
        for subject in sorted(settled.get(mark, set()) & members)
    ]
