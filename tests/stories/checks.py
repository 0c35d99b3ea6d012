"""What must be true after any number of crashes. Each check takes plain records and returns the faults as sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tests.stories.receiver import Received


class Told(NamedTuple):
    """An event, as the source wrote it or as the ledger holds it: its identity, case, name and instant in seconds."""

    event_id: str
    version: int
    case: str
    name: str
    occurred_at: int
    unit: str
    item: str


class CardFace(NamedTuple):
    """What a card says: the rule, the colour, the unit, since when, until when; no trace of when it was issued."""

    case: str
    rule: str
    colour: str
    state: str
    unit: str
    raised_at: int
    ended_at: int | None


class Change(NamedTuple):
    """One change of a card: which one it is by number, what happened, and the colour since."""

    card: str
    serial: int
    kind: str
    colour: str


class Tried(NamedTuple):
    """One attempt as the ledger holds it."""

    key: str
    attempt: int
    marked: bool
    outcome: str | None


class Part(NamedTuple):
    """A message that waits for a digest until ``digest_at``, or that the message ``bundle`` has carried."""

    key: str
    digest_at: int | None
    bundle: str | None


class Cut(NamedTuple):
    """An attempt without outcome in the ledger of a daemon that is dead: a crash has cut it off."""

    key: str
    attempt: int


def lost_or_doubled_events(source: Sequence[Told], ledger: Sequence[Told]) -> list[str]:
    """Every row of the source is one event of the ledger, and nothing else is."""
    wanted, found = Counter(source), Counter(ledger)
    return [
        *(f"the event {event.event_id} is lost" for event in (wanted - found)),
        *(f"the event {event.event_id} is there too often or unlike its row" for event in (found - wanted)),
    ]


def cards_unlike(wanted: Mapping[str, CardFace], found: Mapping[str, CardFace]) -> list[str]:
    """The cards that stand are those of a run without crashes, and say the same."""
    return [
        *(f"the card {card} ({wanted[card]}) is missing" for card in sorted(wanted.keys() - found.keys())),
        *(f"the card {card} ({found[card]}) is one too many" for card in sorted(found.keys() - wanted.keys())),
        *(
            f"the card {card} says {found[card]} instead of {wanted[card]}"
            for card in sorted(wanted.keys() & found.keys())
            if wanted[card] != found[card]
        ),
    ]


def broken_lives(changes: Sequence[Change], serials: Mapping[str, int]) -> list[str]:
    """Each card's changes are numbered from 1 to its serial without gap, and none tells a colour twice."""
    numbers: dict[str, list[int]] = {}
    for change in changes:
        numbers.setdefault(change.card, []).append(change.serial)
    issues = Counter((c.card, c.colour) for c in changes if c.kind in {"issued", "risen", "proposed"})
    return [
        *(
            f"the changes of card {card} are {sorted(found)}, its serial is {serials.get(card)}"
            for card, found in sorted(numbers.items())
            if sorted(found) != list(range(1, serials.get(card, 0) + 1))
        ),
        *(f"the card {card} has no change at all" for card in sorted(serials.keys() - numbers.keys())),
        *(f"the card {card} became {colour} {n} times" for (card, colour), n in sorted(issues.items()) if n > 1),
    ]


def undelivered(planned: Iterable[str], deliveries: Mapping[str, str], received: Sequence[Received]) -> list[str]:
    """What the changes of the cards call for is in the outbox and nothing else is; all of it was taken by the receiver."""
    wanted = set(planned)
    taken = {each.key for each in received if each.status == 200}
    return [
        *(f"the delivery {key} was planned and is not in the outbox" for key in sorted(wanted - deliveries.keys())),
        *(f"the delivery {key} was never planned" for key in sorted(deliveries.keys() - wanted)),
        *(f"the delivery {key} is {state}" for key, state in sorted(deliveries.items()) if state != "delivered"),
        *(f"the receiver never took {key}" for key in sorted(wanted - taken)),
        *(f"the receiver took {key}, which was never planned" for key in sorted(taken - wanted)),
    ]


def wrong_digests(parts: Sequence[Part], deliveries: Mapping[str, str], now: int) -> list[str]:
    """Nothing waits for a digest that is due; what was carried was carried by a message that exists, never alone."""
    carried = Counter(part.bundle for part in parts if part.bundle is not None)
    return [
        *(f"{each.key} waits for a digest that was due" for each in parts if (each.digest_at or now + 1) <= now),
        *(f"the digest {bundle} is not in the outbox" for bundle in sorted(carried.keys() - deliveries.keys())),
        *(f"the digest {bundle} carries one message only" for bundle, parts in sorted(carried.items()) if parts < 2),
    ]


def sent_as(planned: Iterable[str], parts: Sequence[Part]) -> set[str]:
    """Return the keys of what had to be sent by now: digests in the place of their parts, nothing that still waits."""
    bundle_of = {part.key: part.bundle for part in parts}
    sent = {bundle_of.get(key, key) for key in planned}
    return {key for key in sent if key is not None}


def wrong_repeats(received: Sequence[Received], cuts: Iterable[Cut]) -> list[str]:
    """A key arrives once; once more for each crash that cut an attempt at it off, and then marked as possible repeat.

    A request is marked exactly if an attempt before it was cut off. What the receiver turned away is tried again
    without a mark, and is no repeat.
    """
    cut = set(cuts)
    faults = [f"a request for {each.key} is not signed by us" for each in received if not each.signed]
    for (key, attempt), times in sorted(Counter((each.key, each.attempt) for each in received).items()):
        if times > 1:
            faults.append(f"attempt {attempt} at {key} arrived {times} times")
    for each in received:
        after_a_cut = any(other.key == each.key and other.attempt < each.attempt for other in cut)
        if each.marked and not after_a_cut:
            faults.append(f"attempt {each.attempt} at {each.key} is marked, though none before it was cut off")
        if after_a_cut and not each.marked:
            faults.append(f"attempt {each.attempt} at {each.key} follows a crash and is not marked")
    for key, taken in sorted(_taken(received).items()):
        faults += [
            f"{key} was taken by attempt {attempt}, which no crash cut off, and sent again"
            for attempt in taken[:-1]
            if Cut(key, attempt) not in cut
        ]
        allowed = 1 + sum(each.key == key for each in cut)
        if len(taken) > allowed:
            faults.append(f"{key} was taken {len(taken)} times, {allowed} at the most was to be expected")
    return faults


def wrong_unknowns(tried: Sequence[Tried], cuts: Iterable[Cut]) -> list[str]:
    """The ledger calls unknown exactly what the crashes cut off, and no attempt is left without an outcome."""
    cut = set(cuts)
    unknown = {Cut(each.key, each.attempt) for each in tried if each.outcome == "unknown"}
    return [
        *(f"attempt {a} at {key} was cut off, and the ledger does not know" for key, a in sorted(cut - unknown)),
        *(f"attempt {a} at {key} is unknown, though no crash cut it off" for key, a in sorted(unknown - cut)),
        *(f"attempt {t.attempt} at {t.key} has no outcome" for t in tried if t.outcome is None),
    ]


def unlike_the_ledger(tried: Sequence[Tried], received: Sequence[Received], cuts: Iterable[Cut]) -> list[str]:
    """Every attempt of the ledger arrived, but for some that were cut off; every request is an attempt of the ledger."""
    cut = set(cuts)
    noted = {(each.key, each.attempt, each.marked) for each in tried}
    arrived = {(each.key, each.attempt, each.marked) for each in received}
    return [
        *(f"attempt {a} at {key} never arrived" for key, a, _ in sorted(noted - arrived) if Cut(key, a) not in cut),
        *(f"attempt {a} at {key} arrived and is not in the ledger" for key, a, _ in sorted(arrived - noted)),
    ]


def _taken(received: Sequence[Received]) -> dict[str, list[int]]:
    """Return by key the attempts that the receiver took, the first one first."""
    taken: dict[str, list[int]] = {}
    for each in sorted(received, key=lambda each: each.attempt):
        if each.status == 200:
            taken.setdefault(each.key, []).append(each.attempt)
    return taken
