"""Holds what the product found against what the county knows about itself."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from samples.county.truth import CODES, Truth


class Score(NamedTuple):
    """How well one rule was judged; ``wrong`` lists ``+`` false findings and ``-`` missed ones by case number."""

    rule: str
    right: int
    false: int
    missed: int
    wrong: tuple[str, ...] = ()

    @property
    def precision(self) -> float:
        """The share of findings that were right, 1 if there were none."""
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def recall(self) -> float:
        """The share of breaches that were found, 1 if there were none."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def score(truth: Iterable[Truth], findings: Iterable[Mapping[str, object]], at: int) -> tuple[Score, ...]:
    """Return one score per rule for findings made at the instant ``at``.

    A finding is a row with ``case_no`` and ``rules`` (codes parted by anything, or a list); rules that the county
    plants no breaches of are left out.
    """
    found = {(str(row["case_no"]), code) for row in findings for code in codes(row["rules"]) if code in CODES}
    expected = {(t.case_no, t.rule): t.expected(at) for t in truth}
    owed = {key for key, answer in expected.items() if answer == "yes"}
    false = {key for key in found if expected.get(key, "no") == "no"}
    return tuple(_score(code, found & owed, false, owed - found) for code in CODES)


def _score(code: str, right: set[tuple[str, str]], false: set[tuple[str, str]], missed: set[tuple[str, str]]) -> Score:
    extra, lost = ([case for case, rule in sorted(keys) if rule == code] for keys in (false, missed))
    wrong = (*(f"+{case}" for case in extra), *(f"-{case}" for case in lost))
    return Score(code, sum(rule == code for _, rule in right), len(extra), len(lost), wrong)


def codes(written: object) -> frozenset[str]:
    """Return the rule codes in a cell or list, such as ``T04;T05``, ``["T04"]`` or ``time-limits/T04``."""
    text = " ".join(map(str, written)) if isinstance(written, list | tuple) else str(written or "")
    return frozenset(re.findall(r"\b[A-Z]\d\d\b", text))


def read_findings(path: Path) -> list[dict[str, object]]:
    """Read findings from a CSV file or a JSON list of objects."""
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".json":
        rows: list[dict[str, object]] = json.loads(text)
        return rows
    return [dict(row) for row in csv.DictReader(text.splitlines())]
