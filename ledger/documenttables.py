"""The table of documents, beside the other tables and in the same metadata."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from ledger.tables import KEY, WHOLE, metadata

documents: Final = Table(
    "documents",
    metadata,
    Column("position", WHOLE, primary_key=True, autoincrement=False),
    Column("organ", KEY, nullable=False),
    Column("year", WHOLE, nullable=False),
    Column("number", WHOLE, nullable=False),
    Column("kind", Text, nullable=False),
    Column("card_id", KEY, nullable=False),
    Column("serial", WHOLE, nullable=False),
    Column("made_at", WHOLE, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("code", KEY, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Every document that was made, append-only and chained; ``content`` is what its check code stands for."""

Index("documents_number", documents.c.organ, documents.c.year, documents.c.number, unique=True)
Index("documents_code", documents.c.code, unique=True)
Index("documents_card", documents.c.card_id)
