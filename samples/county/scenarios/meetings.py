"""First contact (首问): people who are sent back and forth, hand-overs that nobody signs for."""

from __future__ import annotations

from samples.county.scenarios.desk import Desk
from samples.county.scenarios.dossier import Dossier
from samples.county.scenarios.scenario import Scenario
from samples.county.scenarios.worktime import DAY, advance, close_after
from samples.county.workdays import later

HOUR = 3_600


def ping_pong(desk: Desk) -> list[Dossier]:
    """A hands over to B, B hands back to A."""
    first, second = desk.units(2)
    contact, at = _arrives(desk, first)
    _hop(desk, contact, at + 300, first, second, at + 900)
    back = at + 1_800 + desk.rng.randint(0, HOUR)
    _hop(desk, contact, back, second, first, back + desk.rng.randint(60, HOUR))
    contact.owe("Q04", contact.acts[-1].at)
    return [_settled(contact, first, later(at, 1))]


def three_units(desk: Desk) -> list[Dossier]:
    """Two hand-overs between three units."""
    first, second, third = desk.units(3)
    contact, at = _arrives(desk, first)
    _hop(desk, contact, at + 300, first, second, at + 900)
    _hop(desk, contact, at + 1_800, second, third, at + 2_400)
    return [_settled(contact, third, later(at, 1))]


def objected_in_time(desk: Desk) -> list[Dossier]:
    """B objects in time and with a reason: that hand-over never was, A hands over to C."""
    first, second, third = desk.units(3)
    contact, at = _arrives(desk, first)
    contact.note(at + 300, "transferred", from_unit=first, to_unit=second, officer=_officer(desk, first))
    contact.note(at + 2_000, "objected", unit=second, officer=_officer(desk, second), reason="按三定方案由第三单位负责")
    _hop(desk, contact, at + 2_600, first, third, at + 3_600)
    return [_settled(contact, third, later(at, 1))]


def unsigned(desk: Desk) -> list[Dossier]:
    """Nobody signs within a working day; the first unit, which still owns the matter, answers in time."""
    first, second = desk.units(2)
    contact, at = _arrives(desk, first)
    handed = at + 600
    _hop(desk, contact, handed, first, second, later(handed, 2))
    contact.owe("Q02", close_after(handed, 1) + 1)
    return [_settled(contact, second, later(handed, 2) + HOUR)]


def never_signed(desk: Desk) -> list[Dossier]:
    """Nobody signs for two working days and more."""
    first, second = desk.units(2)
    contact, at = _arrives(desk, first)
    handed = at + 600
    _hop(desk, contact, handed, first, second, later(handed, 4))
    contact.owe("Q02", close_after(handed, 1) + 1)
    contact.owe("Q02Y", advance(close_after(handed, 1) + 1, DAY + 1))  # more than one whole working day late
    _told(desk, contact, first, later(at, 2))
    return [_closed(desk, contact, second, later(handed, 4) + HOUR)]


def signed_at_the_last_second(desk: Desk) -> list[Dossier]:
    """Signed for within the next working day, up to its last second."""
    first, second = desk.units(2)
    contact, at = _arrives(desk, first)
    handed = at + 600
    _hop(desk, contact, handed, first, second, close_after(handed, 1) - desk.rng.choice((0, 1, 20_000)))
    return [_settled(contact, second, later(at, 2))]


def _arrives(desk: Desk, unit: str) -> tuple[Dossier, int]:
    contact, at = desk.contact(unit), desk.moment()
    contact.note(at, "arrived", unit=unit, officer=_officer(desk, unit), channel="窗口", matter=desk.matter())
    return contact, at


def _officer(desk: Desk, unit: str) -> str:
    return desk.officers(unit, 1)[0]


def _hop(desk: Desk, contact: Dossier, at: int, sender: str, receiver: str, signed: int) -> None:
    contact.note(at, "transferred", from_unit=sender, to_unit=receiver, officer=_officer(desk, sender))
    contact.note(signed, "signed", unit=receiver, officer=_officer(desk, receiver))


def _told(desk: Desk, contact: Dossier, unit: str, at: int) -> None:
    contact.note(at, "feedback_given", unit=unit, officer=_officer(desk, unit))


def _closed(desk: Desk, contact: Dossier, unit: str, at: int) -> Dossier:
    contact.note(at, "closed", unit=unit, officer=_officer(desk, unit))
    return contact


def _settled(contact: Dossier, unit: str, at: int) -> Dossier:
    officer = str(contact.acts[-1].said["officer"])
    for offset, what in enumerate(("answered", "feedback_given", "closed")):
        contact.note(at + 60 * offset, what, unit=unit, officer=officer)
    return contact


PING_PONG = Scenario("ping-pong A->B->A", "踢皮球", ("Q04",), (ping_pong,), (three_units, objected_in_time))
UNSIGNED = Scenario(
    "unsigned transfer", "移交未签收", ("Q02", "Q02Y"), (unsigned, never_signed), (signed_at_the_last_second,)
)
