"""A small law and a small past for back-tests: licences of two units, some late, with an office's own rulebook."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from pathlib import Path

LAW = """\
rulebook: licences
title: {zh: 许可, en: Licences}
version: 1
in_force: {from: 2018-01-01}
calendar: cn
basis:
  promise: {text: 本中心承诺}
parameters:
  limit: [{value: 5 workdays, from: 2018-01-01}]
clocks:
  promise:
    title: {zh: 承诺时限, en: promised limit}
    of: application
    starts: accepted
    stops: completed
    limit: param.limit
    counting: rolling
  step:
    title: {zh: 环节时限, en: step limit}
    of: application
    starts: step_started
    stops: [step_finished, completed]
    by: step
    limit: 2 workdays
    counting: rolling
rules:
  - id: L01
    title: {zh: 临近, en: near}
    of: application
    family: promise
    clock: promise
    when: clock.promise.used >= 80%
    light: yellow
    card: reminder
    tell: R0
    basis: promise
  - id: L02
    title: {zh: 超期, en: overdue}
    of: application
    family: promise
    clock: promise
    when: clock.promise.over
    light: red
    card: CARD
    tell: R2
    basis: promise
  - id: L03
    title: {zh: 季度内三张黄牌, en: three yellow cards}
    of: unit
    when: tally(yellow_cards, quarter) >= 3
    light: red
    card: red
    issue: confirm
    tell: R3
    basis: promise
  - id: L04
    title: {zh: 个人两次, en: twice for one person}
    of: person
    when: tally(yellow_cards, rolling_365_days) >= 2
    light: yellow
    proposes: self_criticism
    issue: confirm
    tell: R3
    basis: promise
"""

MAPPING = """\
source: licences
kind: files
namespace: licences
of: application
zone: Asia/Shanghai
read:
  path: licences.csv
rows: events
case_no: number
event_id: id
sequence: order
event: {column: event, as_is: true}
at: at
common:
  unit: unit
  officer: officer
data:
  step: step
"""


def law(folder: Path, name: str = "law.yaml", card: str = "yellow", limit: str = "5 workdays") -> Path:
    """Write the rulebook and return its file."""
    path = folder / name
    path.write_text(LAW.replace("CARD", card).replace("value: 5 workdays", f"value: {limit}"), encoding="utf-8")
    return path


def rows(cases: int = 40) -> list[str]:
    """Return the events of licences as lines; every third case is late, unit b only has late ones in March."""
    made: list[str] = []
    dice = random.Random(7)
    for number in range(cases):
        at = dt.datetime.fromisoformat("2024-01-08 09:00:00") + dt.timedelta(days=number * 2, minutes=number)
        late = number % 3 == 0
        unit, officer = f"unit-{number % 2}", f"o{number % 4}"
        steps = [("accepted", "", 0), ("step_started", "1", 1), ("step_finished", "1", 20)]
        steps += [("step_started", "2", 1), ("step_finished", "2", 300 if late else 10), ("completed", "", 1)]
        for index, (event, step, hours) in enumerate(steps):
            at += dt.timedelta(hours=hours, seconds=dice.randrange(60))
            made.append(
                f"N{number:03},N{number:03}-{index},{index},{event},{at:%Y-%m-%d %H:%M:%S},{unit},{officer},{step}"
            )
    return made


def source(folder: Path, lines: Sequence[str]) -> Path:
    """Write mapping and file; return the mapping."""
    text = "\n".join(("number,id,order,event,at,unit,officer,step", *lines)) + "\n"
    (folder / "licences.csv").write_text(text, encoding="utf-8")
    path = folder / "licences.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return path
