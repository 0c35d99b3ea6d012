"""The tables of what is gathered from many cases: the gist of each, the windows it falls into, and what was told of them."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table

from ledger.tables import KEY, WHOLE, metadata

ungathered = Table(
    "ungathered",
    metadata,
    Column("case_id", KEY, primary_key=True),
    Column("changes", WHOLE, nullable=False),
)
"""Cases of which something arrived since their gist was taken; ``changes`` tells one arrival from a later one."""

gists = Table(
    "gists",
    metadata,
    Column("case_id", KEY, primary_key=True),
    Column("gist_json", LargeBinary, nullable=False),
)

gathered_in = Table(
    "gathered_in",
    metadata,
    Column("window_key", KEY, primary_key=True),
    Column("case_id", KEY, primary_key=True),
)
"""Which cases fall into which window."""

Index("gathered_in_case", gathered_in.c.case_id)

gathering_windows = Table(
    "gathering_windows",
    metadata,
    Column("window_key", KEY, primary_key=True),
    Column("gathering", KEY, nullable=False),
    Column("closes_at", WHOLE, nullable=False),
    Column("changes", WHOLE, nullable=False, server_default="0"),
    Column("due_at", WHOLE),
    Column("told_json", LargeBinary, nullable=False, server_default=""),
)
"""Every window with a case in it; ``due_at`` is set while it has to be looked at, ``told_json`` names its events."""

Index(
    "gathering_windows_due_at",
    gathering_windows.c.due_at,
    sqlite_where=gathering_windows.c.due_at.is_not(None),
    postgresql_where=gathering_windows.c.due_at.is_not(None),
)
