"""The tables of the published law: who proposed and who decided which text, and how far each publication has come."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from ledger.tables import WHOLE, metadata

law_acts = Table(
    "law_acts",
    metadata,
    Column("position", WHOLE, primary_key=True, autoincrement=False),
    Column("law", WHOLE, nullable=False),
    Column("act", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", WHOLE, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("law_json", LargeBinary),
    Column("hash", LargeBinary, nullable=False),
)
"""What was done about a law, append-only and chained: proposed (with the whole text), published, rejected, withdrawn.

``law`` is the position of the proposal; ``sha256`` that of the text, so that an approval says what was approved.
"""

Index("law_acts_law", law_acts.c.law)

law_revisions = Table(
    "law_revisions",
    metadata,
    Column("revision", WHOLE, primary_key=True, autoincrement=False),
    Column("law", WHOLE, nullable=False, unique=True),
    Column("marked_at", WHOLE),
)
"""The publications in their order; ``marked_at`` is set once every case that one concerns was made due."""
