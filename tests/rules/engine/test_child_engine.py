"""The engine's process may be killed, crash, hang or lose facts: what broke it is named, and the rest is judged."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from rules.engine import ChildEngine, DirectEngine, EngineUnusable, Outcome
from rules.engine.batches import Rows, batch
from rules.engine.messages import frame
from rules.engine.process import COMMAND, Process
from tests.rules.engine.programs import facts, poisoned, program

POISONED = (sys.executable, str(Path(__file__).with_name("poisoned_child.py")))


@pytest.fixture
def engine() -> Iterator[ChildEngine]:
    with ChildEngine(memo=0) as child:
        yield child


def same_but(outcome: Outcome, expected: Outcome, lost: dict[int, str]) -> bool:
    """Say whether all facts but the lost ones are judged as expected, and the lost ones for these reasons."""
    kept = [index for index in range(len(expected.true)) if index not in lost]
    return outcome.lost == lost and all(
        (outcome.true[i], outcome.undetermined[i]) == (expected.true[i], expected.undetermined[i]) for i in kept
    )


def test_the_child_judges_as_the_engine_in_this_process_does(engine: ChildEngine) -> None:
    judged = program()
    asked = facts(judged, 1_700)
    outcome = engine.evaluate(judged, asked, {})
    assert outcome == DirectEngine().evaluate(judged, asked, {})
    assert {"R0", "R1"} in outcome.true


def test_no_facts_need_no_child(engine: ChildEngine) -> None:
    assert engine.evaluate(program(), [], {}) == Outcome((), ())
    assert engine.pid is None


def test_a_child_killed_in_the_middle_of_batches_loses_nothing(engine: ChildEngine) -> None:
    judged = program(*[f"contact.hops >= {n} and case.result == late" for n in range(60)])
    asked = facts(judged, 12_000)
    expected = DirectEngine().evaluate(judged, asked, {})
    engine.evaluate(judged, asked[:1], {})
    kills: list[int] = []
    done = threading.Event()

    def kill() -> None:
        while len(kills) < 3 and not done.wait(0.5):
            pid = engine.pid
            if pid is not None and pid not in kills:
                os.kill(pid, signal.SIGKILL)
                kills.append(pid)

    killer = threading.Thread(target=kill)
    killer.start()
    outcomes = []
    try:
        while len(kills) < 3:
            outcomes.append(engine.evaluate(judged, asked, {}))
    finally:
        done.set()
        killer.join()
    assert all(outcome == expected for outcome in outcomes)
    assert engine.restarts >= 2


def test_a_child_killed_between_two_calls_is_replaced(engine: ChildEngine) -> None:
    judged = program()
    engine.evaluate(judged, facts(judged, 3), {})
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)
    assert engine.evaluate(judged, facts(judged, 1, 7), {}) == DirectEngine().evaluate(judged, facts(judged, 1, 7), {})
    assert engine.restarts == 1


@pytest.mark.parametrize("deaths", [1, 2, 5])
def test_children_killed_while_they_load_are_replaced_and_nothing_is_lost(deaths: int, tmp_path: Path) -> None:
    judged, left = program(), tmp_path / "deaths"
    left.write_text("\n".join(["death"] * deaths), encoding="utf-8")
    with ChildEngine(memo=0, command=(*POISONED, "weak", str(left)), pause=lambda _seconds: None) as engine:
        assert engine.evaluate(judged, facts(judged, 9), {}) == DirectEngine().evaluate(judged, facts(judged, 9), {})
        assert engine.restarts == deaths


def test_a_program_whose_loading_always_ends_the_child_is_given_up(tmp_path: Path) -> None:
    judged, left = program(), tmp_path / "deaths"
    left.write_text("\n".join(["death"] * 99), encoding="utf-8")
    pauses: list[float] = []
    with ChildEngine(memo=0, command=(*POISONED, "weak", str(left)), pause=pauses.append) as engine:
        with pytest.raises(EngineUnusable, match=r"6 processes of the rule engine ended .SIGKILL. while loading"):
            engine.evaluate(judged, facts(judged, 9), {})
        assert pauses == sorted(pauses)
        assert len(pauses) == 4


@pytest.mark.parametrize(
    ("poison", "reason"),
    [("SIGSEGV", "SIGSEGV"), ("SIGFPE", "SIGFPE"), ("SIGKILL", "SIGKILL"), ("exit", "exit 3"), ("hang", "hang")],
)
def test_the_fact_that_breaks_the_child_is_named_and_the_rest_is_judged(poison: str, reason: str) -> None:
    judged = program("contact.hops >= 3", "case.unit != 'a'")
    clean = facts(judged, 40)
    asked = poisoned(clean, {17: poison})
    with ChildEngine(memo=0, command=POISONED, timeout=1.0) as engine:
        outcome = engine.evaluate(judged, asked, {})
        assert same_but(outcome, DirectEngine().evaluate(judged, clean, {}), {17: outcome.lost[17]})
        assert outcome.lost[17].startswith(reason)
        assert engine.evaluate(judged, clean[:9], {}) == DirectEngine().evaluate(judged, clean[:9], {})


def test_a_number_that_the_c_core_cannot_parse_loses_its_fact_alone(engine: ChildEngine) -> None:
    judged = program("contact.hops >= 3", "case.result == late")
    clean = facts(judged, 600)
    asked = poisoned(clean, {5: 1e-07, 333: 1e22}, "v_number_contact_hops")
    outcome = engine.evaluate(judged, asked, {})
    assert same_but(outcome, DirectEngine().evaluate(judged, clean, {}), {5: outcome.lost[5], 333: outcome.lost[333]})
    assert outcome.lost[5].startswith("truncated")
    assert engine.restarts == 0


def test_a_division_by_zero_in_the_c_core_is_bisected_to_the_fact_and_the_rule(engine: ChildEngine) -> None:
    judged = program("contact.hops >= 3", "case.result == late", "contact.rank < 2")
    clean = facts(judged, 64)
    shards = []
    for shard in judged.plan.shards:
        ruleset = json.loads(shard.ruleset)
        if "1.T.0" in ruleset:
            divided = {
                "$eq": {"v_number_contact_hops": {"$div": {"$l": {"$m": "v_number_contact_hops"}, "$r": {"$m": "d"}}}}
            }
            ruleset["1.T.0"]["all"][0]["s"]["$and"].append(divided)
        shards.append(msgspec.structs.replace(shard, ruleset=json.dumps(ruleset)))
    broken = replace(judged, plan=msgspec.structs.replace(judged.plan, version="divided", shards=tuple(shards)))
    asked = [{**fact, "d": 0 if index == 21 else 1} for index, fact in enumerate(clean)]
    outcome = engine.evaluate(broken, asked, {})
    assert outcome.lost == {21: "SIGFPE in rule R1"}
    assert engine.evaluate(judged, clean, {}) == DirectEngine().evaluate(judged, clean, {})


def test_a_stopped_child_counts_as_hanging_and_is_replaced() -> None:
    judged = program()
    with ChildEngine(memo=0, timeout=1.0) as engine:
        engine.evaluate(judged, facts(judged, 3), {})
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGSTOP)
        assert engine.evaluate(judged, facts(judged, 9), {}) == DirectEngine().evaluate(judged, facts(judged, 9), {})


def test_a_child_that_does_not_come_up_is_tried_with_growing_pauses() -> None:
    pauses: list[float] = []
    with ChildEngine(command=(*POISONED, "refuse"), pause=pauses.append) as engine, pytest.raises(EngineUnusable):
        engine.evaluate(program(), facts(program(), 1), {})
    assert len(pauses) == 5
    assert all(later == 2 * earlier for earlier, later in pairwise(pauses))


def test_the_child_ends_when_its_parent_is_gone() -> None:
    process = Process(COMMAND, 1.0)
    process._input.close()
    assert process._popen.wait(10) == 0
    process.close()


def test_a_child_without_parent_does_not_loop_for_ever() -> None:
    judged = program("case.unit != 'a'")
    ask = batch(judged, poisoned(facts(judged, 1), {0: "hang"}), Rows(judged, {}))
    process = Process(POISONED, 0.3)
    process._send(frame(msgspec.json.encode(msgspec.structs.replace(ask, plan=judged.plan))), time.monotonic() + 1)
    process._input.close()
    assert process._popen.wait(20) == -signal.SIGALRM
    process.close()


def test_a_program_that_breaks_the_engine_while_it_is_loaded_is_reported(engine: ChildEngine) -> None:
    judged = program()
    shards = tuple(msgspec.structs.replace(shard, ruleset='{"0.T.0": {"all": 7}}') for shard in judged.plan.shards)
    broken = replace(judged, plan=msgspec.structs.replace(judged.plan, version="broken", shards=shards))
    with pytest.raises(EngineUnusable, match="program broken"):
        engine.evaluate(broken, facts(judged, 2), {})
    assert engine.evaluate(judged, facts(judged, 2), {}).lost == {}


def test_more_programs_than_the_child_keeps_take_turns(engine: ChildEngine) -> None:
    programs = [program(f"contact.hops >= {n}") for n in range(7)]
    for turn in (*range(7), 0, 6, 2, 5, 5, 1):
        asked = facts(programs[turn], 8)
        assert engine.evaluate(programs[turn], asked, {}) == DirectEngine().evaluate(programs[turn], asked, {})
    assert engine.restarts == 0


def test_callers_in_many_threads_take_turns(engine: ChildEngine) -> None:
    judged = program()
    wrong: list[int] = []

    def call(first: int) -> None:
        asked = facts(judged, 50, first)
        if engine.evaluate(judged, asked, {}) != DirectEngine().evaluate(judged, asked, {}):
            wrong.append(first)

    threads = [threading.Thread(target=call, args=(50 * n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
