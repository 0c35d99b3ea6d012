"""What happens to people who ask (首问): first contacts answered, handed over, bounced or forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from samples.county.departments import MATTERS
from samples.county.scenario import HOUR, over
from samples.county.story import Happening, Stage, Story, owes
from samples.county.truth import Truth
from samples.county.workdays import later

FEEDBACK_DAYS = 3


def _contact(
    stage: Stage, scenario: str, arrived_at: int, units: list[str], told: list[Happening], *owed: Truth
) -> Story:
    said = {
        "unit": units[0], "officer": stage.officer(units[0]), "matter": stage.rng.choice(MATTERS),
        "channel": stage.rng.choice(("window", "phone", "web")),
    }  # fmt: skip
    return stage.story("contacts", units[0], "", [Happening(arrived_at, "arrived", said), *told], scenario, *owed)


def _chosen(stage: Stage, count: int) -> list[str]:
    return [unit.code for unit in stage.units(count)]


def _hop(stage: Stage, at: int, units: Sequence[str], signed_at: int) -> list[Happening]:
    sender, receiver = units
    handed = {"from_unit": sender, "to_unit": receiver, "officer": stage.officer(sender)}
    signed = {"unit": receiver, "officer": stage.officer(receiver)}
    return [Happening(at, "transferred", handed), Happening(signed_at, "signed", signed)]


def _settled(stage: Stage, at: int, unit: str) -> list[Happening]:
    said = {"unit": unit, "officer": stage.officer(unit)}
    times = zip((at, at + 600, at + 660), ("answered", "feedback_given", "closed"), strict=True)
    return [Happening(when, what, said) for when, what in times]


def _chain(stage: Stage, at: int, units: list[str], gap: int) -> list[Happening]:
    """Tell a chain of hand-overs, each signed for after a third of the gap."""
    hops = enumerate(pairwise(units))
    return [h for n, pair in hops for h in _hop(stage, at + n * gap, pair, at + n * gap + gap // 3)]


def _hop_too_many(begun_at: int, hop: int, gap: int) -> Truth:
    """Return the bounce that a hop makes: when it is handed over for some, when it is signed for in any case."""
    handed_at = begun_at + (hop - 1) * gap
    return owes("Q04", handed_at, handed_at + gap // 3)


def answered_at_once(stage: Stage) -> Story:
    """The first officer answers on the spot."""
    units, at = _chosen(stage, 1), stage.office(stage.rng.randint(1, 20))
    return _contact(stage, "answered_at_once", at, units, _settled(stage, at + stage.rng.randint(120, 1_500), units[0]))


def handed_over(stage: Stage) -> Story:
    """Handed over once, signed for within hours, answered the next working day."""
    units, at = _chosen(stage, 2), stage.office(stage.rng.randint(2, 20))
    told = _hop(stage, at + 600, units, at + 600 + stage.rng.randint(600, 2 * HOUR))
    return _contact(stage, "handed_over", at, units, told + _settled(stage, later(at, 1), units[1]), owes("Q04"))


def signed_in_the_last_minutes(stage: Stage) -> Story:
    """Look-alike: signed for ten minutes before one working day is over."""
    units, at = _chosen(stage, 2), stage.office(stage.rng.randint(4, 20))
    told = _hop(stage, at + 600, units, later(at + 600, 1) - 600)
    return _contact(
        stage, "signed_in_the_last_minutes", at, units, told + _settled(stage, later(at, 2), units[1]), owes("Q02")
    )


def unsigned_transfer(stage: Stage) -> Story:
    """Handed over and not signed for within a working day; the person hears in time all the same."""
    units, at = _chosen(stage, 2), stage.office(stage.rng.randint(2, 15))
    settled = _settled(stage, later(at, 2) + 2 * HOUR, units[0])
    told = _hop(stage, at + 600, units, later(at, stage.rng.choice((2, 6))) + HOUR)
    if told[-1].at > settled[-1].at:
        settled[-1] = settled[-1]._replace(at=told[-1].at + HOUR)
    return _contact(stage, "unsigned_transfer", at, units, told + settled, over("Q02", at + 600, 1), owes("Q04"))


def two_hops(stage: Stage) -> Story:
    """Look-alike: two hand-overs between three different units."""
    units, at = _chosen(stage, 3), stage.office(stage.rng.randint(3, 20))
    told = _chain(stage, at + 300, units, HOUR)
    return _contact(stage, "two_hops", at, units, told + _settled(stage, later(at, 1), units[-1]), owes("Q04"))


def bounced(stage: Stage) -> Story:
    """Three hand-overs or more: the person is sent from door to door."""
    units, at = _chosen(stage, stage.rng.randint(4, 5)), stage.office(stage.rng.randint(3, 20))
    told = _chain(stage, at + 300, units, HOUR) + _settled(stage, later(at, 1) + 5 * HOUR, units[-1])
    return _contact(stage, "bounced", at, units, told, _hop_too_many(at + 300, 3, HOUR))


def ping_pong(stage: Stage) -> Story:
    """Handed over and handed back to the unit that it came from."""
    first, second = _chosen(stage, 2)
    at = stage.office(stage.rng.randint(3, 20))
    told = _chain(stage, at + 300, [first, second, first], HOUR) + _settled(stage, later(at, 1), first)
    return _contact(stage, "ping_pong", at, [first], told, _hop_too_many(at + 300, 2, HOUR))


def forgotten(stage: Stage) -> Story:
    """Registered, and no word to the person by the due day."""
    units, at = _chosen(stage, 1), stage.office(stage.rng.randint(FEEDBACK_DAYS + 1, 20))
    settled = _settled(stage, later(at, 25), units[0])
    return _contact(stage, "forgotten", at, units, settled, over("Q07", at, FEEDBACK_DAYS))


def told_on_the_last_day(stage: Stage) -> Story:
    """Look-alike: the person gets word minutes before the limit ends."""
    units, at = _chosen(stage, 1), stage.office(stage.rng.randint(FEEDBACK_DAYS + 1, 20))
    settled = _settled(stage, later(at, FEEDBACK_DAYS) - 1_500, units[0])
    return _contact(stage, "told_on_the_last_day", at, units, settled, owes("Q07"))


def asks_now(stage: Stage) -> Story:
    """Someone asks now and is answered in a few minutes."""
    units = _chosen(stage, 1)
    return _contact(
        stage, "asks_now", stage.now, units, _settled(stage, stage.now + stage.rng.randint(60, 900), units[0])
    )


def bounced_now(stage: Stage) -> Story:
    """Someone asks now and is sent on every three minutes."""
    units, at = _chosen(stage, 4), stage.now
    told = _chain(stage, at + 60, units, 180) + _settled(stage, at + 1_200, units[-1])
    return _contact(stage, "bounced_now", at, units, told, _hop_too_many(at + 60, 3, 180))
