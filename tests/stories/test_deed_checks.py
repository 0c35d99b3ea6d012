"""The checks of people's deeds, of digests and of urges find what they are there for: each is broken once and is noticed."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
from msgspec.structs import replace

from alerts.life import follow
from alerts.model import CardChange
from alerts.moves import BY_DEED
from alerts.urging import Urge
from rules.facts import CaseId
from rules.judgement import Pin
from rules.policy import Rank
from tests.contracts.ledger_parts.builders import NOW, issued
from tests.stories import deeds
from tests.stories.checks import Part, sent_as, wrong_digests
from tests.stories.deeds import Kept, Numbered
from tests.stories.lives import LIVES, Planned, Task
from tests.stories.people import what_is_next
from tests.stories.verdict import doubled_urges

HASTE = Planned("L01-0", next(life for life in LIVES if life.name == "signed for in haste"))
WRITTEN = Planned("L03-0", next(life for life in LIVES if life.name == "issued by hand"))


def lived(tasks: Sequence[Task]) -> list[CardChange]:
    """Return the changes of a card to which these tasks were done."""
    changes = [issued(HASTE.case_id)]
    for number, task in enumerate(tasks):
        done = HASTE.deed(task)
        assert done is not None
        side = BY_DEED[done.deed].side
        changes.append(follow(changes[-1].card, done, side, NOW + number, "Asia/Shanghai", lambda _, at: at))
    return changes


WHOLE = lived(HASTE.life.tasks)
CARD = WHOLE[0].card.card_id


def with_hand(change: CardChange, hand: str) -> CardChange:
    """Return a change that somebody else did."""
    assert change.done is not None
    return replace(change, done=replace(change.done, by=hand))


def test_a_life_as_planned_is_no_fault_nor_is_one_in_which_somebody_came_too_late() -> None:
    in_haste, too_late = HASTE.courses()
    for changes in (lived(in_haste), lived(too_late)):
        assert deeds.wrong_deeds([HASTE], {HASTE.case: changes}) == []
        assert deeds.wrong_hands({HASTE.case: changes}) == []
        assert deeds.undone([HASTE], {HASTE.case: changes}, later=True) == []


@pytest.mark.parametrize(
    "changes",
    [
        [*WHOLE[:3], *WHOLE[4:]],
        [*WHOLE[:3], WHOLE[2], *WHOLE[3:]],
        [*WHOLE[:1], with_hand(WHOLE[1], "stranger"), *WHOLE[2:]],
        WHOLE[:-1],
        [],
    ],
)
def test_a_deed_that_is_missing_doubled_or_done_by_another_is_noticed(changes: list[CardChange]) -> None:
    (said, *_) = deeds.wrong_deeds([HASTE], {HASTE.case: changes})

    assert "was done, not" in said


def test_what_is_left_to_do_is_the_first_task_that_was_not_done() -> None:
    tasks = WRITTEN.life.tasks
    found = [task.done.deed for task in tasks if task.done is not None]

    assert [what_is_next(tasks, found[:done], made) for done, made in ((0, 0), (1, 0), (1, 1))] == list(tasks[:3])
    assert what_is_next(tasks, found, 1) is None
    assert what_is_next(tasks, found[1:], 1) is None


def test_a_hand_that_was_forgotten_is_noticed() -> None:
    last = WHOLE[-1]
    forgotten = replace(last, card=replace(last.card, hands={}))

    (said,) = deeds.wrong_hands({HASTE.case: [*WHOLE[:-1], forgotten]})
    assert said.startswith(f"{HASTE.case}: change {last.card.serial} names the hands")


def test_an_event_that_the_cards_own_case_lacks_or_has_too_often_is_noticed() -> None:
    events = [
        deeds.Told(CARD, c.card.serial, c.kind.value, c.done.deed.value if c.done else "", c.done.by if c.done else "")
        for c in WHOLE
    ]

    assert deeds.out_of_step(WHOLE, events) == []
    assert "does not know" in deeds.out_of_step(WHOLE, events[1:])[0]
    assert "which is no change" in deeds.out_of_step(WHOLE, [*events, events[0]])[0]
    assert len(deeds.out_of_step(WHOLE, [*events[:-1], events[-1]._replace(by="stranger")])) == 2


def test_a_paper_that_is_lost_stray_or_altered_is_noticed() -> None:
    papers = [
        Kept(CARD, each.sha256, sha256(each.content).hexdigest())
        for task in HASTE.life.tasks
        for each in HASTE.papers(task)
    ]

    assert deeds.wrong_papers(WHOLE, papers) == []
    assert "is lost" in deeds.wrong_papers(WHOLE, papers[1:])[0]
    assert "belongs to no deed" in deeds.wrong_papers(WHOLE, [*papers, papers[0]._replace(sha256="0")])[0]
    assert "was altered" in deeds.wrong_papers(WHOLE, [papers[0]._replace(content="0"), *papers[1:]])[0]


def test_a_document_that_is_missing_doubled_or_misnumbered_is_noticed() -> None:
    changes = {WRITTEN.case: WHOLE}
    made = Numbered(CARD, "监督", 2018, 1)

    assert deeds.wrong_documents([WRITTEN], changes, [made]) == []
    assert deeds.wrong_documents([WRITTEN], changes, []) == [f"1 documents of card {CARD} are missing"]
    assert "too many" in deeds.wrong_documents([WRITTEN], changes, [made, made._replace(number=2)])[0]
    assert "the numbers of" in deeds.wrong_documents([WRITTEN], changes, [made._replace(number=2)])[0]


def test_a_digest_that_is_late_lost_or_alone_is_noticed_and_stands_for_its_parts() -> None:
    carried = [Part("k1", None, "d"), Part("k2", None, "d")]
    waiting = Part("k3", 200, None)

    assert wrong_digests([*carried, waiting], {"d": "delivered"}, 100) == []
    assert sent_as(["k1", "k2", "k3", "k4"], [*carried, waiting]) == {"d", "k4"}
    assert wrong_digests([waiting], {}, 200) == ["k3 waits for a digest that was due"]
    assert wrong_digests(carried, {}, 100) == ["the digest d is not in the outbox"]
    assert wrong_digests(carried[:1], {"d": "delivered"}, 100) == ["the digest d carries one message only"]


def test_a_finding_that_is_urged_twice_is_noticed() -> None:
    about = CaseId("mingdeng", "card", CARD)
    first = Urge(
        key="1", case_id=about, rule="A01", unit="market", tell=Rank.R2, light=None, due_at=1, told_at=2, pin=Pin("")
    )

    assert [*doubled_urges([first, replace(first, key="2", due_at=2)])] == []
    assert len([*doubled_urges([first, replace(first, key="2", told_at=3)])]) == 1
