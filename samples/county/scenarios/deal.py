"""Deals a county with its planted scenarios from a seed, and writes feeds and truth file."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

from samples.county.scenarios import (
    acceptance,
    batches,
    cards,
    deliveries,
    endings,
    feeds,
    meetings,
    money,
    ordinary,
    procedure,
    suspensions,
)  # fmt: skip
from samples.county.scenarios.desk import Desk
from samples.county.scenarios.dossier import Dossier, Role
from samples.county.scenarios.products import Product, catalogue, write
from samples.county.scenarios.scenario import Scenario, plant
from samples.county.scenarios.script import Script
from samples.county.workdays import instant

PLANTED: Final[tuple[Scenario, ...]] = (
    acceptance.DEEMED, acceptance.SECOND_NOTICE, suspensions.UNAPPROVED, suspensions.NEAR_LIMIT,
    suspensions.OVERLAPPING, suspensions.EXTENDED, procedure.SKIPPED, procedure.EARLY, batches.BATCH, acceptance.BACK_DATED,
    money.OVERCHARGED, money.FREE, endings.RETURNED, endings.UNCERTIFIED, meetings.PING_PONG, meetings.UNSIGNED,
    endings.IN_FLIGHT, deliveries.IN_UTC,
)  # fmt: skip
"""The scenarios that are read from the rows of the feeds."""

PLAYED: Final[tuple[tuple[str, Callable[[Desk], list[Script]]], ...]] = (
    (deliveries.SILENT, deliveries.silent), (cards.CORRECTED, cards.calendar_corrected),
    (deliveries.TWICE, deliveries.delivered_twice), (deliveries.BACKWARDS, deliveries.delivered_backwards),
    (cards.UNSIGNED, cards.unsigned_over_a_holiday), (cards.NO_CONSEQUENCE, cards.without_consequence),
)  # fmt: skip
"""The scenarios that need time to pass: they are played on a ledger of their own."""

TRUTH: Final = "truth.json"
JUDGED_AT: Final = instant(dt.date(2026, 11, 2), 36_000)
"""A working day on which the slowest case has long ended."""


class Expected(NamedTuple):
    """What one case owes the inspector: the codes with the instants at which they begin; empty for an innocent."""

    case_no: str
    scenario: str
    role: Role
    variant: str
    owed: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Dealt:
    """A county that was dealt: its catalogue and the dossiers of its cases."""

    products: tuple[Product, ...]
    dossiers: tuple[Dossier, ...]
    scripts: tuple[Script, ...] = ()


def deal(seed: int, cases: int, instances: int = 1) -> Dealt:
    """Return the county of a seed: every scenario with its look-alikes, and ordinary cases up to ``cases``."""
    products, numbers = catalogue(random.Random(f"{seed}/catalogue")), count(1)
    dossiers: list[Dossier] = []
    for scenario in PLANTED:
        dice = random.Random(f"{seed}/{scenario.name}")
        dossiers += plant(scenario, Desk(dice, products, numbers), instances)
    dice = random.Random(f"{seed}/ordinary")
    rest = max(0, cases - len(dossiers))
    dossiers += ordinary.day_in_day_out(Desk(dice, products, numbers), rest)
    scripts: list[Script] = []
    for name, made in PLAYED:
        scripts += made(Desk(random.Random(f"{seed}/{name}"), products, numbers))
    return Dealt(products, tuple(dossiers), tuple(scripts))


def make(folder: Path, seed: int, cases: int, instances: int = 1) -> Dealt:
    """Write the feeds, the catalogue, the mappings and the truth file of a county into a folder."""
    dealt = deal(seed, cases, instances)
    feeds.furnish(folder, write(dealt.products))
    feeds.deliver(folder, dealt.dossiers)
    for script in dealt.scripts:
        script.write(folder)
    played = [dossier for script in dealt.scripts for dossier in script.dossiers]
    told = [_expected(dossier)._asdict() for dossier in (*dealt.dossiers, *played)]
    said = {"seed": seed, "cases": len(told), "at": JUDGED_AT, "truth": told}
    (folder / TRUTH).write_text(json.dumps(said, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    return dealt


def judged_at(folder: Path) -> int:
    """Return the instant as of which the truth file speaks: after everything that the departments wrote down."""
    at: int = json.loads((folder / TRUTH).read_text(encoding="utf-8"))["at"]
    return at


def read_truth(folder: Path) -> tuple[Expected, ...]:
    """Return what the truth file of a county says; raise ``OSError`` or ``ValueError`` where there is none."""
    said = json.loads((folder / TRUTH).read_text(encoding="utf-8"))
    return tuple(
        Expected(row["case_no"], row["scenario"], row["role"], row["variant"], tuple((c, at) for c, at in row["owed"]))
        for row in said["truth"]
    )


def _expected(dossier: Dossier) -> Expected:
    owed = tuple((each.code, each.at) for each in sorted(set(dossier.owed)))
    return Expected(dossier.case_no, dossier.scenario, dossier.role, dossier.variant, owed)


def scenarios() -> tuple[str, ...]:
    """Return the names of all scenarios, planted and played."""
    return (*(scenario.name for scenario in PLANTED), *(name for name, _ in PLAYED))
