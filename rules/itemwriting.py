"""Writes a catalogue as the YAML file that is read again, compared and approved: one version on each line."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator

from rules.itementries import Entry


def as_yaml(entries: Iterable[Entry], title: str) -> str:
    """Return the text of a catalogue file whose versions need the approval of a second person."""
    head = [
        f"# {title}",
        "# A version judges once a second person has added approved_by and approved_on to its line.",
        "approval: required",
        "items:",
    ]
    return "\n".join([*head, *_lines(entries)]) + "\n"


def _lines(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in sorted(entries, key=lambda one: (one.item.code, one.item.from_on, one.draft)):
        item = entry.item
        said: dict[str, object] = {"code": item.code, "name": item.name, "version": item.version}
        if item.from_on > dt.date.min:
            said["from"] = str(item.from_on)
        if item.until_on is not None:
            said["until"] = str(item.until_on)
        said |= {"limits": dict(item.limits), "data": dict(item.data)}
        if entry.entered_by:
            said["entered_by"] = entry.entered_by
        if entry.approved_by:
            said |= {"approved_by": entry.approved_by, "approved_on": str(entry.approved_on)}
        yield f"  - {json.dumps({name: value for name, value in said.items() if value != {}}, ensure_ascii=False)}"
