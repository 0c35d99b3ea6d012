"""The queue of those who follow cards: which are open, whose turn it is, and until when (domain.md 6.4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import text

from alerts.model import Card, Stage
from alerts.moves import Side
from ledger.ledger import Ledger
from ledger.rows import card_of
from ledger.views.within import ALL, Within
from rules.facts import Instant
from rules.judgement import Light
from rules.policy import Colour

FOLLOWED: Final = (Colour.YELLOW, Colour.RED)
"""Colours that people follow to the end; a reminder needs nobody."""

OPEN: Final = tuple(stage for stage in Stage if stage not in {Stage.CLOSED, Stage.REVOKED})

TURN: Final[Mapping[Side, tuple[Stage, ...]]] = {
    Side.UNIT: (Stage.ISSUED, Stage.SIGNED, Stage.RETURNED, Stage.UPHELD),
    Side.SUPERVISION: tuple(stage for stage in OPEN if stage not in {Stage.ISSUED, Stage.SIGNED, Stage.RETURNED, Stage.UPHELD}),
}  # fmt: skip
"""In which stages the next step is whose."""


class Wanted(Struct, frozen=True, kw_only=True):
    """Which cards of the queue: an empty choice stands for all. ``text`` is looked for in case number, item and unit.

    ``lateness`` is ``late`` (the card's own clock is over), ``soon`` (due within ``soon_seconds``) or "" for all.
    """

    stages: tuple[Stage, ...] = OPEN
    colours: tuple[Colour, ...] = FOLLOWED
    unit: str = ""
    rule: str = ""
    assignee: str = ""
    person: str = ""
    text: str = ""
    lateness: str = ""
    soon_seconds: int = 86_400


class QueueLine(Struct, frozen=True, kw_only=True):
    """A card in the queue: when the step that is next is due (None: no clock runs), and the light of that clock."""

    card: Card
    changed_at: Instant
    due_at: Instant | None
    clock: str
    light: Light | None

    @property
    def turn(self) -> Side:
        """Whose turn it is."""
        return Side.UNIT if self.card.stage in TURN[Side.UNIT] else Side.SUPERVISION


class Queue(Struct, frozen=True, kw_only=True):
    """A page of the queue, the earliest due first; ``next`` is where the following page begins, "" at the end."""

    lines: tuple[QueueLine, ...]
    next: str = ""


_FROM: Final = """
from cards c left join cases k on k.case_id = 'mingdeng/card/' || c.card_id
where c.stage in (select value from {stages} as s) and c.colour in (select value from {colours} as o)
and (:unit = '' or c.unit = :unit) and (:rule = '' or c.rule = :rule) and (:assignee = '' or c.assignee = :assignee)
and (:person = '' or c.person = :person)
and (:text = '' or c.case_id like :like escape '!' or c.item like :like escape '!' or c.unit like :like escape '!')
and (:lateness <> 'late' or k.due_at < :now)
and (:lateness <> 'soon' or (k.due_at >= :now and k.due_at <= :soon))
and {within}
"""
_LINES: Final = (
    "select c.card_json, c.changed_at, c.card_id, k.due_at, k.clock, k.light, coalesce(k.due_at, :never) as place"
    + _FROM
    + " and (coalesce(k.due_at, :never) > :at or (coalesce(k.due_at, :never) = :at and c.card_id > :after))"
    " order by place, c.card_id limit :limit"
)
_COUNTS: Final = (
    "select c.stage, count(*) as cards, sum(case when k.due_at < :now then 1 else 0 end) as late"
    + _FROM
    + " group by c.stage"
)
_NEVER: Final = 1 << 40


_TALLY: Final = (
    "select c.stage, c.assignee, case when k.due_at < :now then 'late' when k.due_at <= :soon then 'soon' else '' end"
    " as lateness, count(*) as cards" + _FROM + " group by c.stage, c.assignee, lateness"
)


class Tally(Struct, frozen=True):
    """So many cards of one stage, assignee and lateness (as in ``Wanted``)."""

    stage: Stage
    assignee: str
    lateness: str
    cards: int


class StageCount(Struct, frozen=True):
    """How many cards are in a stage, and of how many the next step is late."""

    cards: int
    late: int


def queue(
    ledger: Ledger, wanted: Wanted, now: Instant, within: Within = ALL, limit: int = 50, after: str = ""
) -> Queue:
    """Return a page of the queue; ``after`` is the ``next`` of the page before."""
    at, _, card_id = after.partition(":")
    known = {**_values(wanted, now, within), "never": _NEVER, "limit": limit + 1}
    place = {"at": int(at) if at.lstrip("-").isdigit() else -1, "after": card_id}
    with ledger.store.reading() as connection:
        rows = connection.execute(text(_built(_LINES, ledger, within)), {**known, **place}).all()
    page, more = rows[:limit], len(rows) > limit
    return Queue(lines=tuple(map(_line, page)), next=f"{page[-1].place}:{page[-1].card_id}" if more else "")


def queue_counts(ledger: Ledger, wanted: Wanted, now: Instant, within: Within = ALL) -> Mapping[Stage, StageCount]:
    """Return how many cards there are in each stage, and how many of them are late."""
    with ledger.store.reading() as connection:
        rows = connection.execute(text(_built(_COUNTS, ledger, within)), _values(wanted, now, within))
        return {Stage(row.stage): StageCount(int(row.cards), int(row.late or 0)) for row in rows}


def queue_tally(ledger: Ledger, wanted: Wanted, now: Instant, within: Within = ALL) -> tuple[Tally, ...]:
    """Return how the cards divide by stage, assignee and lateness: one look for all the tabs of a queue."""
    with ledger.store.reading() as connection:
        rows = connection.execute(text(_built(_TALLY, ledger, within)), _values(wanted, now, within))
        return tuple(Tally(Stage(row.stage), row.assignee, row.lateness, int(row.cards)) for row in rows)


class Choices(Struct, frozen=True, kw_only=True):
    """What can be filtered by: the units, rules and assignees of the cards that are open."""

    units: tuple[str, ...]
    rules: tuple[str, ...]
    assignees: tuple[str, ...]


_CHOICES: Final = (
    "select c.unit, c.rule, c.assignee from cards c where c.stage in (select value from {stages} as s)"
    " and c.colour in (select value from {colours} as o) and {within} group by c.unit, c.rule, c.assignee"
)


def queue_choices(ledger: Ledger, within: Within = ALL) -> Choices:
    """Return what the open cards that may be seen can be filtered by."""
    values = {"stages": _listed(OPEN), "colours": _listed(FOLLOWED), **within.values()}
    with ledger.store.reading() as connection:
        rows = connection.execute(text(_built(_CHOICES, ledger, within)), values).all()
    units, rules, assignees = ({str(row[column]) for row in rows} - {""} for column in range(3))
    return Choices(units=tuple(sorted(units)), rules=tuple(sorted(rules)), assignees=tuple(sorted(assignees)))


def _built(query: str, ledger: Ledger, within: Within) -> str:
    each = "json_each({})" if ledger.store.is_sqlite else "json_array_elements_text(cast({} as json))"
    return query.format(
        stages=each.format(":stages"), colours=each.format(":colours"),
        within=within.sql("c.unit", sqlite=ledger.store.is_sqlite),
    )  # fmt: skip


def _values(wanted: Wanted, now: Instant, within: Within) -> dict[str, object]:
    like = wanted.text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return {
        "stages": _listed(wanted.stages), "colours": _listed(wanted.colours), "unit": wanted.unit,
        "rule": wanted.rule, "assignee": wanted.assignee, "person": wanted.person,
        "text": wanted.text, "like": f"%{like}%",
        "lateness": wanted.lateness, "now": now, "soon": now + wanted.soon_seconds, **within.values(),
    }  # fmt: skip


def _listed(chosen: Collection[Stage] | Collection[Colour]) -> str:
    return "[" + ",".join(f'"{each.value}"' for each in chosen) + "]"


def _line(row: Any) -> QueueLine:
    return QueueLine(
        card=card_of(row.card_json),
        changed_at=row.changed_at,
        due_at=row.due_at,
        clock=row.clock or "",
        light=Light(row.light) if row.light is not None else None,
    )
