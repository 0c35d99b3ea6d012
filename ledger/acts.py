"""Writes what people did into the audit chain."""

from __future__ import annotations

from typing import Final

from ledger import chain
from ledger.access_tables import acts
from ledger.engine import Store, insertion
from rules.facts import Instant

LONGEST: Final = 2_000

_INSERT: Final = insertion(acts)


def note_act(
    store: Store, now: Instant, *, who: str, act: str, target: str = "", detail: str = "", address: str = ""
) -> None:
    """Append one act; returns only when it is on disk, so that what cannot be noted is not done."""
    row: dict[str, object] = {
        "at": now, "who": _plain(who), "act": act, "target": _plain(target), "detail": _plain(detail),
        "address": _plain(address),
    }  # fmt: skip
    with store.writing() as connection:
        chain.lock(store, connection)
        chain.extend(store, connection, acts.name, [row])
        store.many(connection, _INSERT, [row])


def _plain(text: str) -> str:
    """Return text that every database takes: bounded, without what UTF-8 or PostgreSQL cannot hold."""
    return text[:LONGEST].replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
