"""Plays the script of a scenario that is about time passing: deliveries, corrections, deeds to cards, silence."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from alerts.model import Deed
from daemon.law import Law
from daemon.rehearsal.found import Found
from daemon.rehearsal.house import House
from rules.engine import Engine
from rules.facts import Instant

SCRIPT = "play.json"
STOCK = "stock"
WRITTEN = "录入时间"


class Act(msgspec.Struct, frozen=True):
    """One act: at its instant everything that is due up to then was judged, then ``do`` is done.

    ``read`` delivers what was written by then and reads it; ``again`` delivers everything a second time; ``remember``
    keeps the state under ``name``; ``off`` declares ``day`` a holiday; ``deed`` does ``name`` to the card of ``case_no``.
    """

    at: Instant
    do: Literal["read", "again", "remember", "off", "deed", "wait"]
    name: str = ""
    case_no: str = ""
    day: str = ""


class Script(msgspec.Struct, frozen=True):
    """A play: its registers, and its acts in the order of time. ``same`` names states that have to be equal; ``feeds``
    says whether the feeds themselves are looked at, which elsewhere are read days apart."""

    scenario: str
    registers: tuple[str, ...]
    acts: tuple[Act, ...]
    same: tuple[str, ...] = ()
    feeds: bool = False


@dataclass
class Played:
    """What a play brought to light: findings, and the states that were remembered."""

    script: Script
    found: list[Found] = field(default_factory=list)
    states: dict[str, object] = field(default_factory=dict)
    quarantined: int = 0


def read_script(folder: Path) -> Script:
    """Return the script that lies in a folder."""
    return msgspec.json.decode((folder / SCRIPT).read_bytes(), type=Script)


def play(folder: Path, stage: Path, law: Law, engine: Engine) -> Played:
    """Play the script of ``folder`` on an empty stage."""
    script = read_script(folder)
    for register in script.registers:
        (stage / register).mkdir(parents=True)
        shutil.copy(folder.parent.parent / f"{register}.yaml", stage)
    played, house = Played(script), House(stage, law, engine, script.registers)
    now = script.acts[0].at
    try:
        for act in script.acts:
            house.judge_until(now, act.at)
            now = act.at
            _do(act, folder, stage, house, played)
        house.judge_until(now, now)
        played.found = house.found(now, feeds=script.feeds)
    finally:
        house.close()
    return played


def _do(act: Act, folder: Path, stage: Path, house: House, played: Played) -> None:
    match act.do:
        case "read":
            for register in played.script.registers:
                _deliver(folder / STOCK / f"{register}.csv", stage / register / f"{register}.csv", act.at)
            played.quarantined += sum(each.quarantined for each in house.read(act.at))
        case "again":
            for register in played.script.registers:
                file = stage / register / f"{register}.csv"
                shutil.copy(file, file.with_name("again.csv"))
            played.quarantined += sum(each.quarantined for each in house.read(act.at))
        case "remember":
            house.judge_until(act.at, act.at)
            played.states[act.name] = house.state()
        case "off":
            house.declare_off(dt.date.fromisoformat(act.day), act.at)
        case "deed":
            house.judge_until(act.at, act.at)
            side = "inspector" if act.name in {"uphold", "verify", "close", "record_consequence"} else "clerk"
            house.do(act.case_no, Deed(act.name), f"{side}-{act.name}" if side == "inspector" else side, act.at)
        case "wait":
            pass


def _deliver(stock: Path, live: Path, now: Instant) -> None:
    """Let the department's file grow by what was written down since, in the order in which it lies in stock."""
    until = dt.datetime.fromtimestamp(now, dt.timezone(dt.timedelta(hours=8))).strftime("%Y-%m-%d %H:%M:%S")
    with stock.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows, names = [row for row in reader if row[WRITTEN] <= until], list(reader.fieldnames or ())
    part = live.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    part.replace(live)
