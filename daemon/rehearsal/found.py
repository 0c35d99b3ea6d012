"""What a rehearsal finds, as plain rows that the truth file of a sample county is held against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rules.facts import Instant
from rules.judgement import Judgement, Truth


class Found(NamedTuple):
    """One finding: the rule that was broken in a case, from when on."""

    case_no: str
    rule: str
    at: Instant


def found_in(judgement: Judgement, case_no: str = "", until: Instant | None = None) -> Iterator[Found]:
    """Yield what a judgement says of its case up to ``until``, under another case's number where one is given."""
    for span in judgement.spans:
        if span.truth is Truth.TRUE and (until is None or span.from_at <= until):
            yield Found(case_no or judgement.case_id.case_no, span.rule, span.from_at)
