"""The tables of the ledger, in SQLAlchemy Core.

Instants are whole seconds UTC; columns in ``*_json`` hold what msgspec wrote of a Struct. What is due stands in partial
indexes, so that looking for it costs the same whatever is open. Only ``cases``, ``subjects``, ``cards``, ``sources``,
``deliveries``, ``duties`` and the counters change in place; every other row is written once (attempts and spans are
closed once).
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

metadata: Final = MetaData()

KEY: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text of an identity: compared by code point in both databases, so that rows are locked in one order everywhere."""

WHOLE: Final = BigInteger().with_variant(Integer, "sqlite")
"""A whole number; SQLite numbers its rows only in a column that is called INTEGER."""


def _under_review(identity: str) -> list[Column[Any]]:
    """Return the columns of whatever is claimed, judged and recorded: cases and subjects alike.

    ``stale_since`` is set exactly while ``revision`` is ahead of ``judged_revision``; it and ``next_review_at`` make
    the row due. ``lease_token`` grows with every claim, so that a worker that was overtaken is recognised.
    """
    return [
        Column(identity, KEY, primary_key=True),
        Column("namespace", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("case_no", Text, nullable=False),
        Column("revision", WHOLE, nullable=False, server_default="0"),
        Column("judged_revision", WHOLE, nullable=False, server_default="0"),
        Column("stale_since", WHOLE),
        Column("next_review_at", WHOLE),
        Column("lease_until", WHOLE),
        Column("lease_token", WHOLE, nullable=False, server_default="0"),
        Column("unit", Text, nullable=False, server_default=""),
        Column("state", Text),
        Column("light", Text),
        Column("clock", Text, nullable=False, server_default=""),
        Column("ordinal", WHOLE, nullable=False, server_default="0"),
        Column("due_at", WHOLE),
        Column("judged_at", WHOLE),
        Column("judgement_json", LargeBinary),
        Column("person", Text, nullable=False, server_default=""),
    ]


def _due_indexes(table: Table) -> None:
    """Index what is due, and what is leased, and nothing else."""
    columns = table.c
    for column in (columns.stale_since, columns.next_review_at, columns.lease_until):
        Index(
            f"{table.name}_{column.name}",
            column,
            sqlite_where=column.is_not(None),
            postgresql_where=column.is_not(None),
        )


events = Table(
    "events",
    metadata,
    Column("arrival", WHOLE, primary_key=True, autoincrement=True),
    Column("source", KEY, nullable=False),
    Column("event_id", KEY, nullable=False),
    Column("version", WHOLE, nullable=False),
    Column("case_id", KEY, nullable=False),
    Column("name", Text, nullable=False),
    Column("occurred_at", WHOLE),
    Column("inserted_at", WHOLE),
    Column("received_at", WHOLE, nullable=False),
    Column("sequence", WHOLE),
    Column("data_json", LargeBinary, nullable=False),
    Column("retracted", Boolean, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""Every version of every event ever received, append-only; ``content`` is a digest of what it says."""

Index("events_version", events.c.source, events.c.event_id, events.c.version, unique=True)
Index("events_case", events.c.case_id)
FLOW: Final = (
    "name in ('accepted', 'refused_accept', 'completed', 'returned', 'withdrawn', 'voided', 'deleted', 'forwarded')"
)
"""The events by which cases come and go; queries say it word for word, so that they are answered from the index."""

_flowing: Final = text(FLOW)
Index("events_flow", events.c.name, events.c.occurred_at, sqlite_where=_flowing, postgresql_where=_flowing)

RATED: Final = "name = 'rated'"
_rated: Final = text(RATED)
Index("events_rated", events.c.occurred_at, sqlite_where=_rated, postgresql_where=_rated)

cases = Table("cases", metadata, *_under_review("case_id"))
"""One row per case: how far it was judged, when to look again, who holds it, and its judgement as it stands."""

_due_indexes(cases)
Index(
    "cases_due_at",
    cases.c.due_at,
    sqlite_where=cases.c.state == text("'running'"),
    postgresql_where=cases.c.state == text("'running'"),
)

ASKED: Final = "kind in ('complaint', 'enquiry')"
"""The few cases in which somebody asks or complains; queries say it word for word, as with ``FLOW``."""

_asking: Final = text(ASKED)
Index("cases_asked", cases.c.case_id, sqlite_where=_asking, postgresql_where=_asking)

subjects = Table("subjects", metadata, *_under_review("case_id"))
"""One row per unit: the subject of pass B, due when a card of the unit changes or its next instant comes."""

_due_indexes(subjects)

Index(
    "cases_unit_due",
    cases.c.unit,
    cases.c.due_at,
    sqlite_where=cases.c.state == text("'running'"),
    postgresql_where=cases.c.state == text("'running'"),
)
_handled: Final = text("person <> ''")
Index("cases_person", cases.c.person, cases.c.due_at, sqlite_where=_handled, postgresql_where=_handled)
Index("cases_number", cases.c.case_no, cases.c.case_id)
"""Numbers are looked for by any part of them, in this index alone."""

spans = Table(
    "spans",
    metadata,
    Column("span", WHOLE, primary_key=True, autoincrement=True),
    Column("case_id", KEY, nullable=False),
    Column("rule", Text, nullable=False),
    Column("from_at", WHOLE, nullable=False),
    Column("until_at", WHOLE),
    Column("content", LargeBinary, nullable=False),
    Column("span_json", LargeBinary, nullable=False),
    Column("revision", WHOLE, nullable=False),
    Column("recorded_at", WHOLE, nullable=False),
    Column("superseded_at", WHOLE),
)
"""What each review found, append-only: a changed span gets a new row and the former is marked as superseded."""

_standing = spans.c.superseded_at.is_(None)
Index("spans_standing", spans.c.case_id, sqlite_where=_standing, postgresql_where=_standing)

judgements = Table(
    "judgements",
    metadata,
    Column("position", WHOLE, primary_key=True, autoincrement=False),
    Column("case_id", KEY, nullable=False),
    Column("unit", Text, nullable=False),
    Column("revision", WHOLE, nullable=False),
    Column("from_state", Text),
    Column("from_light", Text),
    Column("state", Text, nullable=False),
    Column("light", Text, nullable=False),
    Column("clock", Text, nullable=False),
    Column("ordinal", WHOLE, nullable=False),
    Column("because", Text, nullable=False),
    Column("at", WHOLE, nullable=False),
    Column("recorded_at", WHOLE, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""The transitions of lights, append-only and chained: ``at`` is the true instant, ``recorded_at`` when it was seen."""

Index("judgements_case", judgements.c.case_id)

cards = Table(
    "cards",
    metadata,
    Column("card_id", KEY, primary_key=True),
    Column("case_id", KEY, nullable=False),
    Column("unit", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("colour", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("serial", WHOLE, nullable=False),
    Column("issued_at", WHOLE, nullable=False),
    Column("ended_at", WHOLE),
    Column("counts_at", WHOLE),
    Column("changed_at", WHOLE, nullable=False),
    Column("card_json", LargeBinary, nullable=False),
    Column("stage", Text, nullable=False, server_default="issued"),
    Column("assignee", Text, nullable=False, server_default=""),
    Column("item", Text, nullable=False, server_default=""),
    Column("person", Text, nullable=False, server_default=""),
)
"""The cards as they stand now; how they came to it is in ``card_changes``."""

Index("cards_case", cards.c.case_id)
Index("cards_unit", cards.c.unit)
Index("cards_changed", cards.c.changed_at)
Index("cards_issued_at", cards.c.issued_at)
Index("cards_person", cards.c.person, sqlite_where=_handled, postgresql_where=_handled)
Index("cards_stage", cards.c.stage, cards.c.colour, cards.c.unit)
_open = text("state = 'issued' and ended_at is null")
Index("cards_open", cards.c.unit, cards.c.colour, sqlite_where=_open, postgresql_where=_open)

card_changes = Table(
    "card_changes",
    metadata,
    Column("position", WHOLE, primary_key=True, autoincrement=False),
    Column("card_id", KEY, ForeignKey("cards.card_id"), nullable=False),
    Column("serial", WHOLE, nullable=False),
    Column("at", WHOLE, nullable=False),
    Column("recorded_at", WHOLE, nullable=False),
    Column("change_json", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Every change of every card, append-only and chained."""

Index("card_changes_serial", card_changes.c.card_id, card_changes.c.serial, unique=True)

urges = Table(
    "urges",
    metadata,
    Column("key", KEY, primary_key=True),
    Column("case_id", KEY, nullable=False),
    Column("rule", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("due_at", WHOLE, nullable=False),
    Column("told_at", WHOLE, nullable=False),
    Column("urge_json", LargeBinary, nullable=False),
)
"""Every step of escalation that ran, written once: which finding on which card or feed, due since when, told when."""

Index("urges_case", urges.c.case_id, urges.c.rule, urges.c.due_at, unique=True)

papers = Table(
    "papers",
    metadata,
    Column("card_id", KEY, primary_key=True),
    Column("sha256", KEY, primary_key=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("received_at", WHOLE, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""What people attached to a card; the chained change of the card names the digest of each."""

chain_heads = Table(
    "chain_heads",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("position", WHOLE, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""The last link of each hash chain: what the next link is joined to, and what an anchor off the host should copy."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("key", KEY, primary_key=True),
    Column("card_id", KEY, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", WHOLE),
    Column("attempts", WHOLE, nullable=False, server_default="0"),
    Column("unknowns", WHOLE, nullable=False, server_default="0"),
    Column("lease_token", WHOLE, nullable=False, server_default="0"),
    Column("delivery_json", LargeBinary, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("digest_at", WHOLE),
    Column("bundle", KEY),
)
"""The outbox: one row per message and recipient, written with the card change that it tells of.

``due_at`` is set while there is something left to do: the next try, or, while a worker holds it, the end of its lease.
``digest_at`` is set instead while it waits for a digest, ``bundle`` names the message that carried it then.
"""

Index(
    "deliveries_due_at",
    deliveries.c.due_at,
    sqlite_where=deliveries.c.due_at.is_not(None),
    postgresql_where=deliveries.c.due_at.is_not(None),
)
Index("deliveries_card", deliveries.c.card_id)
Index(
    "deliveries_digest_at",
    deliveries.c.digest_at,
    sqlite_where=deliveries.c.digest_at.is_not(None),
    postgresql_where=deliveries.c.digest_at.is_not(None),
)
Index("deliveries_counted", deliveries.c.channel, deliveries.c.state)

attempts = Table(
    "attempts",
    metadata,
    Column("key", KEY, ForeignKey("deliveries.key"), primary_key=True),
    Column("number", WHOLE, primary_key=True),
    Column("token", WHOLE, nullable=False),
    Column("started_at", WHOLE, nullable=False),
    Column("possible_repeat", Boolean, nullable=False),
    Column("finished_at", WHOLE),
    Column("outcome", Text),
    Column("answer", Text, nullable=False, server_default=""),
)
"""Every try at a delivery, written before it is made; without an outcome it is running or was cut off by a crash."""

Index(
    "attempts_repeats",
    attempts.c.key,
    sqlite_where=text("possible_repeat"),
    postgresql_where=text("possible_repeat"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("quarantined", WHOLE, primary_key=True, autoincrement=True),
    Column("source", KEY, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("code", Text, nullable=False),
    Column("row_json", LargeBinary, nullable=False),
    Column("received_at", WHOLE, nullable=False),
)
"""Rows that did not fit, as they came; the same row with the same fault is kept once."""

Index("quarantine_content", quarantine.c.source, quarantine.c.content, unique=True)
Index("quarantine_counted", quarantine.c.source, quarantine.c.code)

sources = Table(
    "sources",
    metadata,
    Column("source", KEY, primary_key=True),
    Column("cursor_json", LargeBinary, nullable=False, server_default=text("''")),
    Column("runs", WHOLE, nullable=False, server_default="0"),
    Column("last_event_at", WHOLE),
    Column("last_success_at", WHOLE),
    Column("failing_since", WHOLE),
    Column("reason_en", Text, nullable=False, server_default=""),
    Column("reason_zh", Text, nullable=False, server_default=""),
)
"""One row per source: where it was read up to and how it fares; locked while a batch of it is appended."""

duties = Table(
    "duties",
    metadata,
    Column("duty", KEY, primary_key=True),
    Column("last_run_at", WHOLE, nullable=False),
    Column("last_success_at", WHOLE),
    Column("ok", Boolean, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)
"""When each duty of the daemon last ran and last succeeded."""

light_counts = Table(
    "light_counts",
    metadata,
    Column("unit", KEY, primary_key=True),
    Column("kind", KEY, primary_key=True),
    Column("state", KEY, primary_key=True),
    Column("light", KEY, primary_key=True),
    Column("cases", WHOLE, nullable=False),
)
"""How many judged cases have which light, kept by the recording transaction; ``views.recount`` counts them anew."""

card_counts = Table(
    "card_counts",
    metadata,
    Column("unit", KEY, primary_key=True),
    Column("rule", KEY, primary_key=True),
    Column("colour", KEY, primary_key=True),
    Column("cards", WHOLE, nullable=False),
)
"""How many cards were ever issued in, or rose to, a colour; it only grows, revoked cards included."""
