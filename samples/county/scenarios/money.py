"""Fees to the fen: what the tariff of the day allows, and what is free."""

from __future__ import annotations

import datetime as dt

from samples.county.scenarios.application import Application, accepted
from samples.county.scenarios.desk import Desk
from samples.county.scenarios.dossier import Dossier
from samples.county.scenarios.products import Product
from samples.county.scenarios.scenario import Scenario
from samples.county.scenarios.worktime import DAY, advance
from samples.county.workdays import instant, is_workday


def _priced(product: Product) -> bool:
    return product.fee > 0 and product.promised >= 5


def _free(product: Product) -> bool:
    return product.fee == 0 and product.promised >= 5


def one_fen_over(desk: Desk) -> list[Dossier]:
    """One fen more than the tariff."""
    case = accepted(desk, desk.product(_priced))
    return [_charged(case, "F02", case.product.fee + 1)]


def one_fen_over_in_parts(desk: Desk) -> list[Dossier]:
    """Two charges that together are one fen over the tariff."""
    case = accepted(desk, desk.product(_priced))
    part = desk.rng.randrange(100, case.product.fee)
    case.charge(case.accepted_at + 120, part)
    return [_charged(case, "F02", case.product.fee - part + 1)]


def exactly_the_tariff(desk: Desk) -> list[Dossier]:
    """The tariff, also in two parts or for a quantity."""
    case = accepted(desk, desk.product(_priced))
    fee, part = case.product.fee, desk.rng.randrange(100, case.product.fee)
    kind = desk.rng.randrange(3)
    if kind == 0:
        case.charge(case.accepted_at + 120, part)
        return [_charged(case, "", fee - part)]
    quantity = desk.rng.randint(2, 5) if kind == 1 else 1
    return [_charged(case, "", fee * quantity, quantity=quantity)]


def reduced_with_a_basis(desk: Desk) -> list[Dossier]:
    """One fen less than the tariff, or half of it, on a published basis."""
    case = accepted(desk, desk.product(_priced))
    less = desk.rng.choice((case.product.fee - 1, case.product.fee // 2))
    return [_charged(case, "", less, reduction="小微企业减免")]


def tariff_of_the_day(desk: Desk) -> list[Dossier]:
    """The old tariff on its last day, the new one from its first day on."""
    product = desk.rng.choice([each for each in desk.products if each.later is not None])
    new = desk.rng.random() < 0.5
    day = product.changes_on
    day = day if new else day - dt.timedelta(days=1)
    while not is_workday(day):
        day += dt.timedelta(days=1 if new else -1)
    case = accepted(desk, product, instant(day, desk.rng.randint(32_400, 58_000)))
    return [_charged(case, "", case.product.fee)]


def free_item_charged(desk: Desk) -> list[Dossier]:
    """Money for what is free, be it one fen."""
    case = accepted(desk, desk.product(_free))
    return [_charged(case, "F01", desk.rng.choice((1, 100, desk.rng.randrange(1, 50_000))))]


def nothing_charged(desk: Desk) -> list[Dossier]:
    """A receipt over nothing for a free item."""
    case = accepted(desk, desk.product(_free))
    return [_charged(case, "", 0)]


def testing_charged(desk: Desk) -> list[Dossier]:
    """A free item, and a test during a suspension that is charged on a published basis."""
    case = accepted(desk, desk.product(_free))
    return [_charged(case, "", desk.rng.randrange(100, 9_000), purpose="特别程序", basis="省价费〔2024〕1号")]


def _charged(case: Application, code: str, fen: int, **said: str | int) -> Dossier:
    at = case.accepted_at + case.desk.rng.randint(180, 900)
    case.charge(at, fen, **said)
    if code:
        case.dossier.owe(code, at)
    end = advance(case.accepted_at, int(0.4 * case.product.promised * DAY))
    case.handle(end)
    case.complete(end)
    return case.finish(end)


OVERCHARGED = Scenario(
    "over-charge by 1 fen", "多收一分", ("F02",), (one_fen_over, one_fen_over_in_parts),
    (exactly_the_tariff, reduced_with_a_basis, tariff_of_the_day),
)  # fmt: skip
FREE = Scenario("free item charged", "免费事项收费", ("F01",), (free_item_charged,), (nothing_charged, testing_charged))
