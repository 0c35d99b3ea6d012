"""What must be true of people's deeds after any number of crashes; each check returns the faults as sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

import msgspec

from alerts.documents.model import document_of
from alerts.model import CardChange, ChangeKind, Deed, Done, Stage
from tests.stories.lives import Planned, Task
from tests.stories.memory import Asked


class Told(NamedTuple):
    """An event in a card's own case."""

    card: str
    sequence: int
    name: str
    deed: str
    by: str


class Kept(NamedTuple):
    """A paper of a card as the ledger keeps it: the digest that it bears, and that of its content."""

    card: str
    sha256: str
    content: str


class Numbered(NamedTuple):
    """A document of a card."""

    card: str
    organ: str
    year: int
    number: int


def by_case(changes: Sequence[CardChange]) -> dict[str, list[CardChange]]:
    """Return the changes of each case's card in their order."""
    found: dict[str, list[CardChange]] = {}
    for change in changes:
        if change.card.case_id.kind == "application":
            found.setdefault(change.card.case_id.case_no, []).append(change)
    return found


def undone(plans: Sequence[Planned], changes: Mapping[str, Sequence[CardChange]], *, later: bool) -> list[str]:
    """Return the cases in which something is left to do; with ``later`` also what waits for the next week."""
    return [each.case for each in plans if not _is_done(each, changes.get(each.case, ()), later=later)]


def wrong_deeds(plans: Sequence[Planned], changes: Mapping[str, Sequence[CardChange]]) -> list[str]:
    """Every deed of the plan was done once, in its order, by the hand and in the words of the plan, and no other."""
    faults = []
    for each in plans:
        own = changes.get(each.case, ())
        found = [change.done for change in own if change.done is not None]
        wanted = [[done for task in course if (done := each.deed(task)) is not None] for course in each.courses()]
        if each.life.taken_back:
            wanted = [course[: len(found)] for course in wanted]
        if found not in wanted:
            faults.append(f"{each.case} ({each.life.name}): {_names(found)} was done, not {_names(wanted[0])}")
        if own and own[-1].card.stage is not each.life.ends:
            faults.append(f"{each.case} ({each.life.name}): the card is {own[-1].card.stage}, not {each.life.ends}")
        if len({change.card.card_id for change in own}) > 1:
            faults.append(f"{each.case} ({each.life.name}) has more than one card")
    return faults


def wrong_hands(changes: Mapping[str, Sequence[CardChange]]) -> list[str]:
    """Each change keeps the hands of the deeds before it and adds its own; a card that is issued anew begins without."""
    faults = []
    for case, own in changes.items():
        hands: dict[str, str] = {}
        for change in own:
            if change.done is not None:
                hands = {**hands, change.done.deed.value: change.done.by}
            elif change.kind in {ChangeKind.ISSUED, ChangeKind.RISEN, ChangeKind.PROPOSED} and not change.card.hands:
                hands = {}
            if dict(change.card.hands) != hands:
                faults.append(f"{case}: change {change.card.serial} names the hands {change.card.hands}, not {hands}")
    return faults


def out_of_step(changes: Sequence[CardChange], events: Sequence[Told]) -> list[str]:
    """A card's own case has one event for each of its changes, which says the same."""
    wanted = Counter(
        Told(
            each.card.card_id, each.card.serial, each.kind.value,
            each.done.deed.value if each.done is not None else "", each.done.by if each.done is not None else "",
        )
        for each in changes
    )  # fmt: skip
    found = Counter(events)
    return [
        *(f"the card's case does not know of {each}" for each in (wanted - found)),
        *(f"the card's case knows of {each}, which is no change" for each in (found - wanted)),
    ]


def wrong_papers(changes: Sequence[CardChange], papers: Sequence[Kept]) -> list[str]:
    """Every paper that a deed names is kept under its digest, its content is what it was, and there is no other."""
    named = {
        (change.card.card_id, each.sha256)
        for change in changes
        if change.done is not None
        for each in change.done.evidence
    }
    kept = {(each.card, each.sha256) for each in papers}
    return [
        *(f"the paper {digest} of card {card} is lost" for card, digest in sorted(named - kept)),
        *(f"the paper {digest} of card {card} belongs to no deed" for card, digest in sorted(kept - named)),
        *(f"the paper {each.sha256} was altered" for each in papers if each.content != each.sha256),
    ]


def wrong_documents(
    plans: Sequence[Planned], changes: Mapping[str, Sequence[CardChange]], made: Sequence[Numbered]
) -> list[str]:
    """Every document of the plan was made once, and the numbers of each organ and year run from 1 without a gap."""
    wanted = Counter(
        {
            own[-1].card.card_id: sum(task.done is None for task in each.life.tasks)
            for each in plans
            if (own := changes.get(each.case))
        }
    )
    found = Counter(each.card for each in made)
    runs: dict[tuple[str, int], list[int]] = {}
    for each in made:
        runs.setdefault((each.organ, each.year), []).append(each.number)
    return [
        *(f"{n} documents of card {card} are missing" for card, n in (wanted - found).items()),
        *(f"{n} documents of card {card} are too many" for card, n in (found - wanted).items()),
        *(f"the numbers of {run} are {sorted(n)}" for run, n in runs.items() if sorted(n) != [*range(1, len(n) + 1)]),
    ]


def told(connection: Asked) -> list[Told]:
    """Return what the cards' own cases hold."""
    query = (
        "select case_id, sequence, name, data_json from events"
        " where case_id >= 'mingdeng/card/' and case_id < 'mingdeng/card0' order by arrival"
    )
    found = []
    for case_id, sequence, name, data in connection.execute(query, {}):
        said = msgspec.json.decode(data)
        found.append(Told(case_id.rpartition("/")[2], sequence, name, said.get("deed", ""), said.get("by", "")))
    return found


def kept(connection: Asked) -> list[Kept]:
    """Return every paper."""
    rows = connection.execute("select card_id, sha256, content from papers", {})
    return [Kept(card, digest, sha256(content).hexdigest()) for card, digest, content in rows]


def numbered(connection: Asked) -> list[Numbered]:
    """Return every document; that a row says the same as its content is the chain's to prove."""
    rows = connection.execute("select card_id, organ, year, number, content from documents order by position", {})
    found = []
    for card, organ, year, number, content in rows:
        said = document_of(content)
        assert (said.card_id, said.organ, said.year, said.number) == (card, organ, year, number)
        found.append(Numbered(card, organ, year, number))
    return found


def _is_done(each: Planned, own: Sequence[CardChange], *, later: bool) -> bool:
    if each.life.taken_back:
        return bool(own) and own[-1].card.stage is Stage.REVOKED
    found = [change.done.deed for change in own if change.done is not None]
    return any(found == _deeds(course, later=later) for course in each.courses())


def _deeds(course: Sequence[Task], *, later: bool) -> list[Deed]:
    return [task.done.deed for task in course if task.done is not None and (later or not task.later)]


def _names(dones: Sequence[Done]) -> str:
    return ", ".join(f"{done.deed} by {done.by}" for done in dones) or "nothing"
