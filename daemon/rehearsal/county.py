"""Reads and judges a whole sample county: the feeds once as of a day, and each play on a stage of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from connectors.registry import load_source, open_connector
from daemon.cli.judging import Read, judge, read_source
from daemon.law import Law, read_law
from daemon.rehearsal.found import Found, found_in
from daemon.rehearsal.play import SCRIPT, Played, play
from rules.engine import ChildEngine, Engine
from rules.facts import Instant, fold
from rules.gathering import KINDS, gathered, gist_of, terms_of

REGISTERS = ("applications", "contacts")
ABOUT = frozenset({"application", "contact", "batch"})
"""What a truth file speaks of; units and persons are compared and counted, which no single case owes."""


@dataclass
class Rehearsed:
    """What the product made of a county; ``faults`` are sentences about rows or cases that it could not take."""

    found: list[Found] = field(default_factory=list)
    plays: list[Played] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def unchanged(self) -> dict[str, bool]:
        """Say of each scenario whose states have to be equal whether they are."""
        states = {name: state for played in self.plays for name, state in played.states.items()}
        compared = {played.script.scenario: played.script.same for played in self.plays if played.script.same}
        return {name: len({repr(states.get(each, each)) for each in same}) == 1 for name, same in compared.items()}


def rehearse(folder: Path, at: Instant, told: Callable[[str], None]) -> Rehearsed:
    """Judge everything that the county in ``folder`` holds as of ``at``; ``told`` hears what is being done."""
    law, rehearsed = read_law(items=folder / "items.yaml"), Rehearsed()
    with ChildEngine() as engine:
        _judge_feeds(folder, law, engine, at, rehearsed, told)
        for script in sorted((folder / "plays").glob(f"*/{SCRIPT}")):
            told(script.parent.name)
            with tempfile.TemporaryDirectory() as stage:
                played = play(script.parent, Path(stage), law, engine)
            rehearsed.plays.append(played)
            rehearsed.found += played.found
            if played.quarantined:
                rehearsed.faults.append(f"{script.parent.name}: {played.quarantined} rows were put aside")
    return rehearsed


def _judge_feeds(
    folder: Path, law: Law, engine: Engine, at: Instant, rehearsed: Rehearsed, told: Callable[[str], None]
) -> None:
    """Read every register, gather what many cases tell together, and judge it all once."""
    whole = Read()
    for register in REGISTERS:
        told(register)
        connector = open_connector(load_source(folder / f"{register}.yaml"), {}, folder)
        try:
            read = read_source(connector, at, lambda _: None)
        finally:
            connector.close()
        rehearsed.faults += [f"{row.place}:{row.row}: {row.en}" for row in read.quarantined]
        whole.events |= read.events
    gists = [
        gist_of(fold(case_id, events)) for case_id, events in whole.events.items() if case_id.kind == "application"
    ]
    for event in gathered(gists, KINDS, terms_of(law.calendars, law.default_calendar, law.catalogue), at):
        whole.events.setdefault(event.case_id, []).append(replace(event, version=1))
    for judgements, lost in judge(whole, law.context(engine), at):
        for judgement in judgements:
            if judgement.case_id.kind in ABOUT:
                name = f"batch of {judgement.unit}" if judgement.case_id.kind == "batch" else ""
                rehearsed.found += found_in(judgement, name)
        rehearsed.faults += [f"{each.case_id}: {each.reason}" for each in lost]
