"""Holds what the product found against the truth file: per scenario what was found, missed, and falsely alarmed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from samples.county.scenarios.deal import Expected, scenarios

Finding = tuple[str, str, int]
"""Case number, rule, and the instant from which on it is broken."""

ORDINARY: Final = "ordinary cases"


class Row(NamedTuple):
    """One scenario: planted violations, how many were found whole, findings that were owed or should not be there.

    ``absent`` names owed codes for which the product has no mechanism yet: they count neither as found nor as missed.
    """

    scenario: str
    injected: int
    found: int
    missed: int
    look_alikes: int
    false_alarms: int
    absent: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


class Score(NamedTuple):
    """All rows, with findings counted: ``right`` were owed and found, ``false`` not owed, ``missed`` owed and not found."""

    rows: tuple[Row, ...]
    right: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        """The share of findings that were owed."""
        return self.right / (self.right + self.false) if self.right + self.false else 0.0

    @property
    def recall(self) -> float:
        """The share of owed findings that were found."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 0.0

    @property
    def perfect(self) -> bool:
        """Whether everything owed was found, nothing else was, and no scenario was planted in vain."""
        return not self.false and not self.missed and self.right > 0

    @property
    def absent(self) -> tuple[str, ...]:
        """The scenarios of which something is not supervised yet."""
        return tuple(row.scenario for row in self.rows if row.absent)


def score(
    truth: Sequence[Expected],
    findings: Iterable[Finding],
    same: Mapping[str, bool],
    absent: frozenset[str] = frozenset(),
) -> Score:
    """Return the score of findings; ``same`` says of scenarios whether states that had to be equal were.

    Findings of cases that the truth does not know are false alarms of the ordinary county.
    """
    found: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
    for case_no, rule, at in findings:
        found[case_no].add((rule, at))
    known: defaultdict[str, list[Expected]] = defaultdict(list)
    for expected in truth:
        known[expected.scenario or ORDINARY].append(expected)
    strangers = [Expected(case_no, ORDINARY, "ordinary", "", ()) for case_no in set(found) - {t.case_no for t in truth}]
    known[ORDINARY] += strangers
    right = false = missed = 0
    rows = []
    for name in (*scenarios(), ORDINARY):
        counts = [_compare(each, found[each.case_no], absent) for each in known[name]]
        right += sum(len(each.right) for each in counts)
        false += sum(len(each.false) for each in counts)
        missed += sum(len(each.missed) for each in counts) + (not same.get(name, True))
        rows.append(_row(name, known[name], counts, same.get(name)))
    return Score(tuple(rows), right, false, missed)


class _Compared(NamedTuple):
    right: set[tuple[str, int]]
    false: set[tuple[str, int]]
    missed: set[tuple[str, int]]
    absent: set[str]


def _compare(expected: Expected, found: set[tuple[str, int]], absent: frozenset[str]) -> _Compared:
    owed = {each for each in expected.owed if each[0] not in absent}
    return _Compared(owed & found, found - owed, owed - found, {code for code, _ in expected.owed} & absent)


def _row(name: str, cases: Sequence[Expected], counts: Sequence[_Compared], same: bool | None) -> Row:
    pairs = list(zip(cases, counts, strict=True))
    planted = [each for case, each in pairs if case.role == "violation"]
    whole = sum(not each.missed and bool(each.right) for each in planted)
    missed = sum(bool(each.missed) for _, each in pairs)
    wrong = [f"+{case.case_no} {code}" for case, each in pairs for code, _ in sorted(each.false)]
    wrong += [f"-{case.case_no} {code}" for case, each in pairs for code, _ in sorted(each.missed)]
    codes = sorted({code for each in counts for code in each.absent})
    injected, extra = len(planted), 0
    if same is not None:
        injected, whole, extra = 1, int(same and not missed), int(not same)
    return Row(
        name, injected, whole, missed + extra, sum(case.role == "look-alike" for case in cases),
        sum(len(each.false) for each in counts), tuple(codes), tuple(wrong),
    )  # fmt: skip
