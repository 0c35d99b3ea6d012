"""The tables of documents: the days of a clock, the changes of a card, its source rows, its papers, its links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from alerts.documents.cardfile import CardFile
from alerts.documents.facts import LANGUAGES, instant, labelled, listed, same, story
from alerts.documents.model import Listing, Said
from alerts.model import CardChange, Done
from alerts.moves import BY_DEED
from rules.explanation import DayStory
from rules.glossary import label
from rules.placeholders import neutral

Cells = tuple[Said, ...]


def listing(name: str, file: CardFile) -> Listing:
    """Return the table of this name; raise ``KeyError`` if there is none."""
    columns, rows = LISTINGS[name]
    return Listing(
        tuple(labelled("document_columns", each) for each in columns), tuple(rows(file)), labelled("documents", "none")
    )


def _arithmetic(file: CardFile) -> list[Cells]:
    told = story(file)
    return [_day(day) for day in told.days] if told is not None else []


def _day(day: DayStory) -> Cells:
    week = labelled("weekdays", str(day.on.isoweekday()))
    on = Said(*(f"{day.on.isoformat()} {week.of(each)}" for each in LANGUAGES))
    why = Said(*(neutral(f"{day.why.get(each, '')} {day.paper.get(each, '')}") for each in LANGUAGES))
    return same(str(day.number) if day.number is not None else "–"), on, why


def _story(file: CardFile) -> list[Cells]:
    return [(instant(file, change.at), _what(change), _who(change), _said(change)) for change in listed(file)]


def _what(change: CardChange) -> Said:
    group, key = ("deeds", change.done.deed) if change.done is not None else ("change_kinds", change.kind)
    return Said(*(f"{label(group, key, each)} · {label('colours', change.card.colour, each)}" for each in LANGUAGES))


def _who(change: CardChange) -> Said:
    """Say which side acted; which person it was stays in the ledger (domain.md 10)."""
    if change.done is None:
        return labelled("documents", "system")
    move = BY_DEED.get(change.done.deed)
    return labelled("sides", move.side.value if move is not None else "supervision")


def _said(change: CardChange) -> Said:
    done = change.done
    if done is None:
        return labelled("reasons", change.card.reason) if change.card.reason else Said()
    ground = labelled("grounds", done.ground) if done.ground else Said()
    measure = labelled("measures", done.measure) if done.measure else Said()
    parts = [
        (
            ground.of(each), measure.of(each), neutral(_against(done)),
            neutral(done.document), *same(done.text).of(each).splitlines(),
        )
        for each in LANGUAGES
    ]  # fmt: skip
    return Said(*("\n".join(part for part in each if part) for each in parts))


def _against(done: Done) -> str:
    """Return post and name of whom a measure was taken against, "" of what names nobody."""
    return f"{done.to_post} {done.to_name or done.to}".strip() if done.measure else ""


def _rows(file: CardFile) -> list[Cells]:
    rows = file.explanation.rows if file.explanation is not None else ()
    return [
        (
            instant(file, row.at), labelled("events", row.name),
            same(f"{row.source} {row.event_id}" + (f" v{row.version}" if row.version and row.version > 1 else "")),
            instant(file, row.received_at),
        )
        for row in rows
    ]  # fmt: skip


def _papers(file: CardFile) -> list[Cells]:
    found = {
        paper.sha256: (
            same(paper.name), same(paper.dated_on.isoformat() if paper.dated_on else "—"), same(paper.sha256),
        )
        for change in file.changes if change.done is not None for paper in change.done.evidence
    }  # fmt: skip
    return list(found.values())


def _bearers(file: CardFile) -> list[Cells]:
    """Return whose share of the overdue time the trace-back found, the largest first."""
    shares = sorted(file.card.shares.items(), key=lambda each: (-each[1], each[0]))
    return [(same(person), same(f"{points / 100:g} %")) for person, points in shares]


def _custody(file: CardFile) -> list[Cells]:
    return [(same(f"card_changes #{each.position}"), same(str(each.serial)), same(each.hash)) for each in file.joints]


LISTINGS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[CardFile], list[Cells]]]]] = {
    "arithmetic": (("day_no", "day", "day_why"), _arithmetic),
    "story": (("at", "what", "side", "said"), _story),
    "rows": (("at", "event", "source_row", "received_at"), _rows),
    "papers": (("paper", "dated_on", "sha256"), _papers),
    "bearers": (("person", "share"), _bearers),
    "custody": (("link", "serial", "hash"), _custody),
}
"""The tables that a template may name: their columns, and how their rows are told."""
