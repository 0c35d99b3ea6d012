"""The catalogue of the scenario county: each item with its limits, procedure and tariff, and versions by date."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import dataclass, replace

from samples.county.departments import ITEMS

STEPS = ("check", "review", "approve")
IN_FORCE = dt.date(2024, 1, 1)


@dataclass(frozen=True)
class Product:
    """One version of an item; limits in working days, the fee in fen. ``later`` is the version that follows."""

    code: str
    name: str
    unit: str
    promised: int
    statutory: int
    fee: int
    certificate: bool = True
    from_on: dt.date = IN_FORCE
    later: Product | None = None

    @property
    def changes_on(self) -> dt.date:
        """The day from which its next version is in force."""
        return self.later.from_on if self.later is not None else dt.date.max

    def step_limit(self, step: str) -> int:
        """Return the limit of a step in working days; they add up to the promise."""
        return self.promised - 2 if step == "review" else 1

    def at(self, day: dt.date) -> Product:
        """Return the version in force on a day."""
        return self.later if self.later is not None and self.later.from_on <= day else self


def catalogue(dice: random.Random) -> tuple[Product, ...]:
    """Return the items: the published ones, and four of them again with a version that changes in flight."""
    plain = [
        Product(
            item.code, item.name, item.unit, item.promised, item.statutory,
            fee=0 if dice.random() < 0.4 else dice.randrange(500, 90_000),
            certificate=dice.random() < 0.75,
        )
        for item in ITEMS
        if item.measure == "workdays" and not item.instant
    ]  # fmt: skip
    strict = replace(plain[0], code="YL001", name="限时核准", promised=20, statutory=20)
    return (*plain, strict, *(_changing(dice, plain, number) for number in range(8)))


def _changing(dice: random.Random, plain: list[Product], number: int) -> Product:
    """Return an item that changes on a working day of 2025: even numbers lengthen the promise, odd ones shorten it."""
    item = dice.choice([each for each in plain if each.statutory >= 20])
    short, long = dice.choice((5, 6, 7)), dice.choice((14, 15, 16))
    first, second = (short, long) if number % 2 == 0 else (long, short)
    from_on = dt.date(2025, 3, 3) + dt.timedelta(days=dice.randrange(400))
    fees = dice.sample(range(1_000, 90_000), 2)
    code = f"{item.code}-{number}"
    later = replace(item, code=code, promised=second, fee=fees[1], from_on=from_on)
    return replace(item, code=code, promised=first, fee=fees[0], later=later)


def write(products: tuple[Product, ...]) -> str:
    """Return the catalogue file as the county publishes it."""
    rows = []
    for product in products:
        until = product.later.from_on if product.later is not None else None
        rows += [_row(product, until), *([_row(product.later, None)] if product.later is not None else [])]
    return "\n".join(["# 事项目录", "items:", *(f"  - {json.dumps(row, ensure_ascii=False)}" for row in rows), ""])


def _row(product: Product, until: dt.date | None) -> dict[str, object]:
    days = {"promised": product.promised, "statutory": product.statutory, "delivery": 10, "e_certificate": 3}
    steps = {f"step.{step}": product.step_limit(step) for step in STEPS}
    return {
        "code": product.code, "name": product.name, "from": str(product.from_on),
        **({"until": str(until)} if until is not None else {}),
        "limits": {name: f"{value} workdays" for name, value in (days | steps).items()},
        "data": {
            "unit": product.unit, "instant": False, "steps": "check,review,approve", "optional_steps": "visit",
            "decisive_steps": "approve", "fee": product.fee, "free": product.fee == 0,
            "certificate_required": product.certificate, "materials": "form,plan,deed,photo,licence",
        },
    }  # fmt: skip
