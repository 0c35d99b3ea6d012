"""The product's verdicts on random rulebooks and batches equal the oracle's, in every production of the grammar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from rules.engine import ChildEngine
from tests.fuzz.differential import REFUSED, differences

PAIRS, MANY, LEAST = 400, 10_000, 100


@pytest.fixture
def engine() -> Iterator[ChildEngine]:
    with ChildEngine(memo=0) as child:
        yield child


def test_the_product_says_what_the_source_says_on_random_rulebooks(engine: ChildEngine) -> None:
    hits: Counter[str] = Counter()
    found = next(differences(engine, 2018, PAIRS, hits), None)
    assert found is None, str(found)
    assert hits["join verdict True"] > 100
    assert hits["chain on None"] > 100


@pytest.mark.fuzz
def test_ten_thousand_rulebooks_hit_every_production_a_hundred_times(engine: ChildEngine) -> None:
    hits: Counter[str] = Counter()
    found = next(differences(engine, 31, MANY, hits), None)
    print("\n".join(f"{count:>8}  {name}" for name, count in sorted(hits.items())))
    assert found is None, str(found)
    hits.pop(REFUSED, None)
    assert {name: count for name, count in hits.items() if count < LEAST} == {}
