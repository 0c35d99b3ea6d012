"""Tries a law over a bounded sample of the ledger's cases, in the background of the console."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from console.workshop import BackTest
from daemon.backtesting import LawFiles
from ledger import Ledger, views
from rules.facts import Case, CaseEvent, Instant, fold
from rules.hits import Carded
from rules.judgement import Light
from rules.review import reviewed
from rules.subjects import Bench, judge_subjects

SAMPLE: Final = 2_000
"""Cases that are judged at most: enough to see whom a rule hits, few enough to wait for."""

CHUNK: Final = 100

Going = Callable[[int, int], bool]


class _Seen(NamedTuple):
    cards: list[Carded]
    lights: dict[str, Light]


def sampled(
    ledger: Ledger, before: LawFiles, after: LawFiles, until: Instant, going: Going, limit: int = SAMPLE
) -> BackTest | None:  # fmt: skip
    """Judge every n-th case of the ledger by both laws as of ``until``; None if ``going`` says to stop.

    Units and persons, who are judged from the cards of all their cases, are judged only if the sample is the whole.
    """
    every = views.case_count(ledger)
    asked = min(every, limit)
    benches = [before.open(), after.open()]
    try:
        seen = [_Seen([], {}) for _ in benches]
        done = 0
        if not going(done, asked):
            return None
        for cases in _cases(views.sampled_events(ledger, limit, CHUNK), until):
            for bench, own in zip(benches, seen, strict=True):
                _judge(bench, cases, until, own)
            done += len(cases)
            if not going(done, asked):
                return None
        if every <= limit:
            for bench, own in zip(benches, seen, strict=True):
                own.cards.extend(judge_subjects(bench, own.cards, until).cards)
    finally:
        for bench in benches:
            bench.close()
    was, becomes = (_by_key(own.cards) for own in seen)
    lights = sum(light is not seen[1].lights.get(case) for case, light in seen[0].lights.items())
    return BackTest(done, every, (len(was), len(becomes)), _only(becomes, was), _only(was, becomes), lights)


def _cases(chunks: Iterable[Sequence[CaseEvent]], until: Instant) -> Iterator[list[Case]]:
    for events in chunks:
        cases = [
            fold(case_id, [e for e in own if e.occurred_at is None or e.occurred_at <= until])
            for case_id, own in groupby(events, key=lambda event: event.case_id)
        ]
        yield [case for case in cases if case.events]


def _judge(bench: Bench, cases: Sequence[Case], until: Instant, seen: _Seen) -> None:
    for judgement, dossier in reviewed(cases, bench.context, 0, until, brief=True)[0]:
        seen.lights[str(judgement.case_id)] = judgement.light
        seen.cards.extend(bench.cards(judgement, dossier, until))


def _by_key(cards: Iterable[Carded]) -> dict[tuple[str, str, str], Carded]:
    return {(str(card.case_id), card.rule, card.colour.value): card for card in cards}


def _only(
    some: dict[tuple[str, str, str], Carded], others: dict[tuple[str, str, str], Carded]
) -> tuple[Carded, ...]:  # fmt: skip
    return tuple(card for key, card in sorted(some.items()) if key not in others)
