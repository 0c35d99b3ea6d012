"""What an honest inspector should find: written from the scenario script alone, never by judging the rows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

CODES = ("T02", "T03", "T04", "T05", "T06", "T10", "T17", "Q02", "Q04", "Q07")


class Truth(NamedTuple):
    """What one rule owes one case: a breach, or a look-alike (``yes_from`` None and ``may_from`` None: never).

    From ``may_from`` on the countings that are in use differ, so either answer is right; from ``yes_from`` to
    ``yes_until`` every one of them finds it; after ``yes_until`` either answer is right again. All are instants.
    """

    rule: str
    case_no: str
    unit: str
    scenario: str
    may_from: int | None = None
    yes_from: int | None = None
    yes_until: int | None = None

    def expected(self, at: int) -> Literal["yes", "may", "no"]:
        """Say what a review at the instant ``at`` should answer."""
        if self.yes_from is not None and self.yes_from <= at and (self.yes_until is None or at < self.yes_until):
            return "yes"
        return "no" if self.may_from is None or at < self.may_from else "may"


def write(path: Path, truths: Iterable[Truth], at: int) -> None:
    """Write the truth file: one object per line of a JSON list, with what is expected at the instant ``at``."""
    rows = (json.dumps({**t._asdict(), "expected": t.expected(at)}, ensure_ascii=False) for t in truths)
    part = path.with_suffix(".part")
    part.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")
    part.replace(path)


def append(path: Path, truths: Iterable[Truth]) -> None:
    """Add what lately arrived cases owe, one JSON object a line; a line that stands twice does no harm."""
    with path.open("a", encoding="utf-8") as lines:
        lines.writelines(json.dumps(t._asdict(), ensure_ascii=False) + "\n" for t in truths)


def read(home: Path) -> tuple[Truth, ...]:
    """Return what a county's cases owe: those of its first day and those that have arrived since."""
    rows: list[dict[str, object]] = json.loads((home / "truth.json").read_text(encoding="utf-8"))
    live = home / "truth-live.jsonl"
    if live.exists():
        rows += [json.loads(line) for line in live.read_text(encoding="utf-8").splitlines()]
    return tuple({_truth(row): None for row in rows})


def _truth(row: dict[str, object]) -> Truth:
    rule, case_no, unit, scenario = (str(row[name]) for name in Truth._fields[:4])
    instants = [value if isinstance(value := row[name], int) else None for name in Truth._fields[4:]]
    return Truth(rule, case_no, unit, scenario, *instants)
