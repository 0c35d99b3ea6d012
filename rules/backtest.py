"""Back-test: who would have been carded, had this law judged these cases; and how another law would have differed.

Pass A judges cases, shard by shard, in worker processes; its cards are merged by (instant, case, rule); pass B judges
units and persons from the cards that count. A shard's cases follow from their identities alone, each is judged alone,
and everything is put in order before it is told: so the same input gives the same bytes with any number of workers.
A finished shard is kept under the digest of its content and of the law, so an interrupted back-test goes on.
"""

from __future__ import annotations

import gc
import heapq
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import msgspec
from msgspec import Struct

from rules.context import Context
from rules.facts import Case, CaseEvent, CaseId, Instant
from rules.hits import Carded
from rules.judgement import Judgement, Light, Lost
from rules.review import reviewed
from rules.shards import Shard, cases_of
from rules.subjects import Bench, is_subject, judge_subjects

BATCH: Final = 100
"""So few cases are judged together that what they leave behind is young when the collector comes by."""

Told: TypeAlias = Callable[[int], None]


class Law(Protocol):
    """A law as it is carried to a worker process: small, picklable, and equal to another of the same content."""

    @property
    def digest(self) -> str:
        """What tells this law from any other."""

    def open(self) -> Bench:
        """Return the law ready to judge."""

    def __hash__(self) -> int: ...


class Month(Struct, frozen=True, order=True):
    """Where a light or a card is counted: the unit, the rule, and the month (YYYY-MM) of its instant."""

    unit: str
    rule: str
    month: str


class Half(Struct, kw_only=True):
    """What one law says of one shard: how often each light began, each case's last light, the cards, the lost cases."""

    lit: list[tuple[Month, Light, int]] = []
    lights: list[tuple[str, Light, int]] = []
    cards: list[Carded] = []
    lost: list[Lost] = []


class Part(Struct, kw_only=True):
    """What came of one shard: a half per law, and the cases whose light at the end differs between the first two.

    ``facts`` are what was gathered about units and persons, which are judged when all shards are.
    """

    cases: int
    events: int
    halves: list[Half]
    differing: list[tuple[CaseId, Light, Light]] = []
    facts: list[CaseEvent] = []


class Outcome(Struct, frozen=True, kw_only=True):
    """A whole back-test: cases and events judged, per law its counts and cards in order, and where two laws differ."""

    cases: int
    events: int
    halves: tuple[Half, ...]
    differing: tuple[tuple[CaseId, Light, Light], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked: one or two laws over the same cases, judged as of ``to_at``; what began from ``from_at`` on counts."""

    laws: tuple[Law, ...]
    from_at: Instant
    to_at: Instant

    @property
    def digest(self) -> str:
        """What tells this question from any other."""
        text = "\x1f".join((*(law.digest for law in self.laws), str(self.from_at), str(self.to_at)))
        return blake2b(text.encode(), digest_size=16).hexdigest()


_encode: Final = msgspec.json.Encoder(order="deterministic").encode
_decode: Final = msgspec.json.Decoder(Part).decode


def backtest(plan: Plan, shards: Sequence[Shard], kept: Path, workers: int = 1, told: Told = lambda _: None) -> Outcome:
    """Judge the shards under every law of the plan; ``told`` is called with the number of shards that are finished.

    Finished shards lie in the folder ``kept`` and are not judged again; an interrupt loses those in work only.
    """
    kept.mkdir(parents=True, exist_ok=True)
    results = [kept / f"{_name(plan, shard)}.part.json" for shard in shards]
    missing = [(plan, s.path, result) for s, result in zip(shards, results, strict=True) if not result.exists()]
    done = len(shards) - len(missing)
    told(done)
    for finished in _each(missing, workers):
        told(done + finished)
    parts = [_decode(result.read_bytes()) for result in results]
    try:
        facts = [fact for part in parts for fact in part.facts]
        each = ([part.halves[index] for part in parts] for index in range(len(plan.laws)))
        halves = tuple(_whole(plan, index, own, facts) for index, own in enumerate(each))
    finally:
        _close(plan)
    return Outcome(
        cases=sum(part.cases for part in parts),
        events=sum(part.events for part in parts),
        halves=halves,
        differing=tuple(sorted(each for part in parts for each in part.differing)),
    )


def _name(plan: Plan, shard: Shard) -> str:
    return f"{shard.path.stem}-{blake2b(f'{plan.digest}{shard.digest}'.encode(), digest_size=12).hexdigest()}"


def _each(tasks: Sequence[tuple[Plan, Path, Path]], workers: int) -> Iterator[int]:
    """Do every task, here or in ``workers`` processes; yield how many are done."""
    if workers <= 1 or len(tasks) <= 1:
        for number, task in enumerate(tasks, start=1):
            judge_shard(*task)
            yield number
        return
    # Spawned, never forked: the parent may hold threads and database handles.
    pool = ProcessPoolExecutor(min(workers, len(tasks)), multiprocessing.get_context("spawn"))
    try:
        for number, future in enumerate(as_completed([pool.submit(judge_shard, *task) for task in tasks]), start=1):
            future.result()
            yield number
    finally:
        pool.shutdown(cancel_futures=True)


@lru_cache(maxsize=4)
def opened(law: Law) -> Bench:
    """Return the law ready to judge; each process opens it once."""
    bench = law.open()
    gc.freeze()  # it stays to the end: the collector shall not go through it after every few cases
    return bench


def _close(plan: Plan) -> None:
    """End the engines of this process."""
    for law in plan.laws:
        opened(law).close()
    opened.cache_clear()
    gc.unfreeze()


def judge_shard(plan: Plan, shard: Path, result: Path) -> None:
    """Judge one shard under every law and write what came of it; the file appears only when it is whole."""
    part = Part(cases=0, events=0, halves=[Half() for _ in plan.laws])
    lit = [Counter[tuple[Month, Light]]() for _ in plan.laws]
    last = [Counter[tuple[str, Light]]() for _ in plan.laws]
    for found in _batches(cases_of(shard, plan.to_at)):
        part.facts += [event for case in found if is_subject(case.case_id) for event in case.events]
        cases = [case for case in found if not is_subject(case.case_id)]
        part.cases += len(cases)
        part.events += sum(len(case.events) for case in cases)
        lights = [
            _judge(plan, opened(law), cases, half, began, at_end)
            for law, half, began, at_end in zip(plan.laws, part.halves, lit, last, strict=True)
        ]
        if len(lights) > 1:
            both = ((case_id, light, lights[1].get(case_id)) for case_id, light in lights[0].items())
            part.differing += [(i, one, other) for i, one, other in both if other is not None and one is not other]
    for half, began, at_end in zip(part.halves, lit, last, strict=True):
        half.lit = [(*key, count) for key, count in sorted(began.items())]
        half.lights = [(*key, count) for key, count in sorted(at_end.items())]
        half.cards.sort(key=lambda card: card.place)
    draft = result.with_suffix(".draft")
    draft.write_bytes(_encode(part))
    draft.replace(result)


def _judge(
    plan: Plan, bench: Bench, cases: Sequence[Case], half: Half,
    lit: Counter[tuple[Month, Light]], last: Counter[tuple[str, Light]],
) -> dict[CaseId, Light]:  # fmt: skip
    found, lost = reviewed(cases, bench.context, 0, plan.to_at, brief=True)
    half.lost += lost
    for judgement, dossier in found:
        last[judgement.unit, judgement.light] += 1
        for rule, at, light in lights_of(judgement, plan.from_at):
            lit[Month(judgement.unit, rule, month_of(bench.context, at)), light] += 1
        half.cards += bench.cards(judgement, dossier, plan.to_at)
    return {judgement.case_id: judgement.light for judgement, _ in found}


def _batches(cases: Iterator[Case]) -> Iterator[list[Case]]:
    while batch := list(islice(cases, BATCH)):
        yield batch


def month_of(context: Context, at: Instant) -> str:
    """Return the month of an instant in the zone of the calendar, as YYYY-MM."""
    return context.default_calendar.on(at).isoformat()[:7]


def lights_of(judgement: Judgement, from_at: Instant) -> Iterator[tuple[str, Instant, Light]]:
    """Yield (rule, instant, light) of every light of a judgement that began from an instant on."""
    for span in judgement.spans:
        if span.light is not None and span.from_at >= from_at:
            yield span.rule, span.from_at, span.light


def _whole(plan: Plan, index: int, halves: Sequence[Half], facts: Sequence[CaseEvent]) -> Half:
    """Join what one law says of all shards, and judge units and persons by the cards that count (pass B)."""
    bench = opened(plan.laws[index])
    lit: Counter[tuple[Month, Light]] = Counter()
    lights: Counter[tuple[str, Light]] = Counter()
    for half in halves:
        for month, light, count in half.lit:
            lit[month, light] += count
        for unit, light, count in half.lights:
            lights[unit, light] += count
    cards = list(heapq.merge(*(half.cards for half in halves), key=lambda card: card.place))
    judged = judge_subjects(bench, cards, plan.to_at, facts)
    for judgement in judged.judgements:
        for rule, at, light in lights_of(judgement, plan.from_at):
            lit[Month(judgement.unit, rule, month_of(bench.context, at)), light] += 1
    every = heapq.merge(cards, judged.cards, key=lambda card: card.place)
    return Half(
        lit=[(*key, count) for key, count in sorted(lit.items())],
        lights=[(*key, count) for key, count in sorted(lights.items())],
        cards=[card for card in every if card.at >= plan.from_at],
        lost=sorted((*(each for half in halves for each in half.lost), *judged.lost), key=lambda each: each.case_id),
    )
