"""The organisation directory in its versions: the last imported one is in force, no former one is lost."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import text

from alerts.directory import Directory
from ledger import chain
from ledger.engine import Store, insertion
from ledger.routingtables import directories
from ledger.rows import digest, encode
from rules.facts import Instant

_decode: Final = msgspec.json.Decoder(Directory).decode

_INSERT: Final = insertion(directories)
_VERSION: Final = text("select coalesce(max(version), 0) from directories")
_ONE: Final = text("select directory_json from directories where version = :version")
_LAST: Final = text("select version, content from directories order by version desc limit 1")
_ALL: Final = text("select version, imported_at, imported_by, note from directories order by version")


class DirectoryVersion(Struct, frozen=True):
    """One import: its number, when and by whom, and what was noted."""

    version: int
    imported_at: Instant
    imported_by: str
    note: str


def import_directory(store: Store, directory: Directory, by: str, now: Instant, note: str = "") -> int:
    """Put a directory in force and return its version; one that says what the last one says stays that version."""
    content = digest(directory)
    with store.writing() as connection:
        chain.lock(store, connection)
        last = connection.execute(_LAST).first()
        if last is not None and bytes(last.content) == content:
            return int(last.version)
        version = int(last.version) + 1 if last is not None else 1
        row = {
            "version": version, "imported_at": now, "imported_by": by, "note": note, "content": content,
            "directory_json": encode(directory),
        }  # fmt: skip
        store.many(connection, _INSERT, [row])
    return version


def directory_version(store: Store) -> int:
    """Return the number of the version in force, 0 if none was imported."""
    with store.reading() as connection:
        return int(connection.execute(_VERSION).scalar_one())


def directory(store: Store, version: int | None = None) -> Directory | None:
    """Return a version, the one in force if none is named; None if there is none."""
    with store.reading() as connection:
        wanted = version if version is not None else int(connection.execute(_VERSION).scalar_one())
        row = connection.execute(_ONE, {"version": wanted}).first()
    return _decode(row.directory_json) if row is not None else None


def directory_history(store: Store) -> tuple[DirectoryVersion, ...]:
    """Return every import, the earliest first."""
    with store.reading() as connection:
        rows = connection.execute(_ALL).all()
    return tuple(DirectoryVersion(row.version, row.imported_at, row.imported_by, row.note) for row in rows)
