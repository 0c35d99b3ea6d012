"""A rule is proved by tests: one in which it holds, one in which it does not, and one at its very boundary.

The boundary is a second: one test expects the rule to hold and not to hold at instants that are at most a second apart.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final

from rules.draft import Draft
from rules.problems import Problem
from rules.schema import TestPart
from rules.trials import AGAINST

_AT: Final = re.compile(r"at\s+(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)")
_WANTED: Final = (
    ("holds", "a test in which it holds", "成立的测试"),
    ("not", "a test in which it does not hold", "不成立的测试"),
    (
        "boundary",
        "a test in which it turns from one second to the next",
        "前后一秒之间由不成立变为成立（或相反）的边界测试",
    ),
)


def check(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for each rule that lacks one of the three proofs."""
    proved: dict[str, set[str]] = {rule.id: set() for rule in draft.rules}
    for test in draft.part.tests:
        for rule, seen in _expected(test).items():
            if rule in proved:
                proved[rule] |= _proofs(seen)
    for rule, proofs in proved.items():
        lacking = [(en, zh) for kind, en, zh in _WANTED if kind not in proofs]
        if lacking:
            en, zh = "; ".join(each[0] for each in lacking), "；".join(each[1] for each in lacking)
            yield Problem(
                "lint/proof", draft.rule_place(rule), f"Rule {rule} lacks {en}.", f"规则 {rule} 缺少：{zh}。",
                f"Add to a test: 'at ...: not {rule}', and a second later 'at ...: {rule}'.",
                f"请在测试中写“at …: not {rule}”，并在一秒之后写“at …: {rule}”。", "warning",
            )  # fmt: skip


def _expected(test: TestPart) -> dict[str, list[tuple[dt.datetime, bool]]]:
    """Return by rule at which instants a test expects it to hold (True) or not (False)."""
    found: dict[str, list[tuple[dt.datetime, bool]]] = {}
    for entry in test.expect:
        for key, wanted in entry.items():
            at = _instant(key)
            for word in wanted.split(",") if isinstance(wanted, str) else wanted:
                first, _, rule = word.partition(f" {AGAINST} ")[0].strip().rpartition(" ")
                if at is not None and first in {"", "not"}:
                    found.setdefault(rule, []).append((at, not first))
    return found


def _instant(key: str) -> dt.datetime | None:
    match = _AT.fullmatch(key.strip())
    try:
        return dt.datetime.fromisoformat(f"{match[1]} {match[2]}") if match is not None else None
    except ValueError:
        return None


def _proofs(seen: list[tuple[dt.datetime, bool]]) -> set[str]:
    yes, no = [at for at, holds in seen if holds], [at for at, holds in seen if not holds]
    found = ({"holds"} if yes else set()) | ({"not"} if no else set())
    close = any(abs(one - other) <= dt.timedelta(seconds=1) for one in yes for other in no)
    return found | ({"boundary"} if close else set())
