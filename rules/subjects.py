"""Pass B of a back-test: units and persons are judged from the cards that count, each subject alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from rules.context import Context
from rules.facts import Case, CaseEvent, CaseId, Instant, fold
from rules.frames import Dossier
from rules.hits import OURS, Carded, attributed, counted
from rules.judgement import Judgement, Lost
from rules.review import reviewed

ROUNDS: Final = 8
"""A subject's own card may make its next one count; after so many rounds the rules would set each other off for ever."""

BATCH: Final = 200

SUBJECTS: Final = frozenset({"unit", "person"})
"""The kinds of what pass B judges."""

CardsOf: TypeAlias = Callable[[Judgement, Dossier, Instant], Iterable[Carded]]


@dataclass(frozen=True, slots=True)
class Bench:
    """A law ready to judge: its context, the cards that follow from a judgement of a case by an instant, how to close."""

    context: Context
    cards: CardsOf
    close: Callable[[], None] = lambda: None


class JudgedSubjects(NamedTuple):
    """What pass B says: the judgements of units and persons, their cards in order, and who could not be judged."""

    judgements: tuple[Judgement, ...] = ()
    cards: tuple[Carded, ...] = ()
    lost: tuple[Lost, ...] = ()


def judge_subjects(
    bench: Bench, cards: Sequence[Carded], until: Instant, facts: Sequence[CaseEvent] = ()
) -> JudgedSubjects:
    """Return what follows for units and persons from the cards that count by an instant, and from gathered facts."""
    own: tuple[Carded, ...] = ()
    said: dict[CaseId, _Said] = {}
    for _ in range(ROUNDS):
        subjects = subjects_of((*cards, *own), until, facts)
        changed = {each: events for each, events in subjects.items() if each not in said or said[each].of != events}
        said = {**said, **_judged(bench, changed, until)}
        judged = _joined([said[each] for each in sorted(subjects)])
        if judged.cards == own:
            return judged
        own = judged.cards
    raise RuntimeError(f"rules about units set each other off: {sorted({card.rule for card in own})}")


def is_subject(case_id: CaseId) -> bool:
    """Say whether this is judged in pass B."""
    return case_id.kind in SUBJECTS and case_id.namespace == OURS


def subjects_of(
    cards: Iterable[Carded], until: Instant, facts: Iterable[CaseEvent] = ()
) -> dict[CaseId, list[CaseEvent]]:
    """Return the subjects with the events by ``until`` that the cards, each as it stands last, are to them, and facts."""
    found: dict[CaseId, list[CaseEvent]] = {}
    for fact in facts:
        found.setdefault(fact.case_id, []).append(fact)
    for card in {card.card_id: card for card in cards if card.counts_at is not None}.values():
        unit = CaseId(OURS, "unit", card.unit)
        events = [*(counted(card, unit) if card.unit else ()), *attributed(card)]
        for event in events:
            if event.occurred_at is not None and event.occurred_at <= until:
                found.setdefault(event.case_id, []).append(event)
    return found


class _Said(NamedTuple):
    """What was said of a subject, from which events; a subject is judged alone, so from the same ones it is the same."""

    of: Sequence[CaseEvent]
    judgement: Judgement | Lost
    cards: Sequence[Carded] = ()


def _judged(bench: Bench, subjects: Mapping[CaseId, Sequence[CaseEvent]], until: Instant) -> dict[CaseId, _Said]:
    found: dict[CaseId, _Said] = {}
    for cases in _batches([fold(subject, events) for subject, events in subjects.items()]):
        told, lost = reviewed(cases, bench.context, 0, until, brief=True)
        for judgement, dossier in told:
            cards = tuple(bench.cards(judgement, dossier, until))
            found[judgement.case_id] = _Said(subjects[judgement.case_id], judgement, cards)
        for each in lost:
            found[each.case_id] = _Said(subjects[each.case_id], each)
    return found


def _joined(said: Sequence[_Said]) -> JudgedSubjects:
    """Return what was said of all subjects together, the cards in their order."""
    judgements = tuple(each.judgement for each in said if isinstance(each.judgement, Judgement))
    lost = tuple(each.judgement for each in said if isinstance(each.judgement, Lost))
    cards = sorted((card for each in said for card in each.cards), key=lambda card: card.place)
    return JudgedSubjects(judgements, tuple(cards), lost)


def _batches(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    for begin in range(0, len(cases), BATCH):
        yield cases[begin : begin + BATCH]
