"""Whatever the order in which facts arrive, and however often, the judgement is that of the facts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from connectors.base import Batch
from ledger import Ledger
from rules.calendarbook import open_calendars
from rules.engine import ChildEngine
from rules.facts import Case, CaseEvent, fold
from rules.judgement import Judgement
from rules.loader import load_books
from rules.review import review
from rules.trials import Trial, trials_of
from tests.fuzz.histories import DAY, SOURCE, delivered, history

FEW, MANY = 60, 3_000
NOW = 1_900_000_000


@pytest.fixture(scope="module")
def engine() -> Iterator[ChildEngine]:
    with ChildEngine() as child:
        yield child


def test_any_order_and_any_repetition_of_the_facts_gives_the_same_judgement(
    tmp_path: Path, engine: ChildEngine
) -> None:
    assert agreeing(tmp_path, engine, seed=7, number=FEW) > FEW // 2


@pytest.mark.fuzz
def test_three_thousand_histories_in_any_order_give_the_same_judgement(tmp_path: Path, engine: ChildEngine) -> None:
    found = agreeing(tmp_path, engine, seed=20_180_501, number=MANY)
    print(
        f"{MANY} histories delivered in random order with repetitions, {found} of them with findings: the same judgement"
    )
    assert found > MANY // 2


def agreeing(folder: Path, engine: ChildEngine, seed: int, number: int) -> int:
    """Deliver random histories to a ledger in random order, hold every judgement against that of the ordered facts.

    Return how many of the histories had findings: a check that looks at nothing proves nothing.
    """
    dice = random.Random(seed)
    books, calendars = load_books(), open_calendars([])
    rules = [rule.id for book in books.books for rule in book.rules]
    trials = [trial for book in books.books for trial in trials_of(book, rules, calendars, "cn")]
    chosen = [dice.choice(trials) for _ in range(number)]
    told = [history(dice, trial, index) for index, trial in enumerate(chosen)]
    arrived = _through_a_ledger(folder, dice, [event for events in told for event in events])

    def judged(case: Case, trial: Trial) -> Judgement:
        until = max((event.occurred_at or 0 for event in case.events), default=0) + dice.randrange(90 * DAY)
        reviewed = review([case], trial.context(books, calendars, engine), 0, until)
        assert reviewed.lost == ()
        return replace(reviewed.judgements[0], revision=0)

    findings = 0
    for index, (trial, events) in enumerate(zip(chosen, told, strict=True)):
        if not events:
            continue
        case_id = events[0].case_id
        ordered = fold(case_id, sorted(events, key=lambda event: (event.version or 0, event.event_id)))
        state = dice.getstate()
        wanted = judged(ordered, trial)
        dice.setstate(state)
        assert judged(arrived[str(case_id)], trial) == wanted, f"history {index} of {trial.book}: {trial.part.name}"
        findings += bool(wanted.spans)
    return findings


def _through_a_ledger(folder: Path, dice: random.Random, events: list[CaseEvent]) -> dict[str, Case]:
    ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite3'}")
    ledger.upgrade()
    for batch in delivered(dice, events):
        ledger.append(Batch(source=SOURCE, events=batch, cursor={}), NOW)
    found: dict[str, Case] = {}
    while claimed := ledger.claim(NOW):
        found |= {str(each.case.case_id): each.case for each in claimed}
    ledger.close()
    return found
