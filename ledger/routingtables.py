"""The tables of routing: the organisation directory in its versions, what each address was told a day, cards that wait."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, Table, Text

from ledger.tables import KEY, WHOLE, metadata

directories = Table(
    "directories",
    metadata,
    Column("version", WHOLE, primary_key=True, autoincrement=False),
    Column("imported_at", WHOLE, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("content", LargeBinary, nullable=False),
    Column("directory_json", LargeBinary, nullable=False),
)
"""Every version of the organisation directory, append-only; the highest one is in force since it was imported."""

told_counts = Table(
    "told_counts",
    metadata,
    Column("channel", KEY, primary_key=True),
    Column("address", KEY, primary_key=True),
    Column("day", KEY, primary_key=True),
    Column("messages", WHOLE, nullable=False),
    Column("deferred", WHOLE, nullable=False),
)
"""How many single messages an address gets on a civil day, and how many were put off to a digest beyond its budget."""

held_cards = Table(
    "held_cards",
    metadata,
    Column("case_id", KEY, primary_key=True),
    Column("source", KEY, nullable=False),
    Column("since_at", WHOLE, nullable=False),
    Column("cards", WHOLE, nullable=False),
)
"""Cases whose new cards wait because a source that tells of them is silent; the row goes when the case is judged anew."""
