"""What has changed between two states of the catalogue, version by version and field by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from rules.facts import Value
from rules.itementries import Entry
from rules.quantities import Quantity


class ItemChange(NamedTuple):
    """One field of one version that was added, removed or changed; ``field`` is empty where it is the whole version."""

    code: str
    name: str
    from_on: dt.date
    kind: Literal["added", "removed", "changed"]
    field: str = ""
    before: Value = None
    after: Value = None

    @property
    def direction(self) -> str:
        """Whether a limit became ``shorter`` or ``longer``; empty where that cannot be said."""
        if not self.field.startswith("limits.") or not isinstance(self.before, str) or not isinstance(self.after, str):
            return ""
        before, after = Quantity.parse(self.before), Quantity.parse(self.after)
        if before.unit is not after.unit or before.amount == after.amount:
            return ""
        return "shorter" if after.amount < before.amount else "longer"


def diff(old: Sequence[Entry], new: Sequence[Entry]) -> list[ItemChange]:
    """Return the changes in the order of item codes and dates; a draft stands beside what it is to replace."""
    before, after = _by_key(old), _by_key(new)
    found: list[ItemChange] = []
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            entry = was or now
            assert entry is not None  # noqa: S101  # the key comes from one of the two
            kind: Literal["added", "removed"] = "added" if was is None else "removed"
            found.append(ItemChange(entry.item.code, entry.item.name, entry.item.from_on, kind))
            continue
        found += _fields(was, now)
    return found


Key = tuple[str, dt.date, str, bool]


def _by_key(entries: Sequence[Entry]) -> dict[Key, Entry]:
    """Return the versions by code, date and, where one date has several, their version and state."""
    seen: dict[tuple[str, dt.date], int] = {}
    for entry in entries:
        one = (entry.item.code, entry.item.from_on)
        seen[one] = seen.get(one, 0) + 1
    found: dict[Key, Entry] = {}
    for entry in entries:
        item = entry.item
        alone = seen[item.code, item.from_on] == 1
        found[item.code, item.from_on, "" if alone else item.version, not alone and entry.draft] = entry
    return found


def _fields(was: Entry, now: Entry) -> list[ItemChange]:
    before, after = _flat(was), _flat(now)
    changed = [name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)]
    item = now.item
    return [
        ItemChange(item.code, item.name, item.from_on, "changed", name, before.get(name), after.get(name))
        for name in changed
    ]


def _flat(entry: Entry) -> Mapping[str, Value]:
    item = entry.item
    said: dict[str, Value] = {
        "name": item.name, "version": item.version, "until": str(item.until_on) if item.until_on else None,
        **{f"limits.{name}": text for name, text in item.limits.items()},
        **{f"data.{name}": value for name, value in item.data.items()},
        "approved_by": entry.approved_by or None,
    }  # fmt: skip
    return said
