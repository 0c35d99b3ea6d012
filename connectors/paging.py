"""How an interface hands out its records page by page: by number, by cursor, or by a link to the next page."""

from __future__ import annotations

from typing import Final, Literal

from httpx2 import Headers
from pydantic import Field

from connectors.mapping import Part


class Paging(Part):
    """Which way of paging, and how its parameters and fields are called."""

    by: Literal["page", "cursor", "link"]
    parameter: str | None = None
    first: int = 1
    size_parameter: str | None = None
    size: int = Field(default=500, ge=1, le=100_000)
    field: str | None = None
    keep: bool = False
    """The last cursor goes on being valid: the next fetch continues there (a change feed)."""


def first_parameters(paging: Paging | None, position: str | None) -> dict[str, str]:
    """Return the parameters that ask for the page at ``position`` (None: the first)."""
    if paging is None or paging.by == "link":
        return {}
    asked: dict[str, str] = {}
    if paging.size_parameter is not None:
        asked[paging.size_parameter] = str(paging.size)
    if paging.by == "page":
        asked[paging.parameter or "page"] = position or str(paging.first)
    elif position is not None:
        asked[paging.parameter or "cursor"] = position
    return asked


def next_position(
    paging: Paging | None, position: str | None, body: object, headers: Headers, count: int
) -> str | None:
    """Return where the page after one of ``count`` records is, None after the last; a link is returned as it stands."""
    if paging is None:
        return None
    if paging.by == "page":
        full = count >= paging.size if paging.size_parameter is not None else count > 0
        return str(int(position or paging.first) + 1) if full else None
    if paging.by == "link" and paging.field is None:
        return _link_header(headers)
    found = at_path(body, paging.field or "next")
    said = None if found is None or found is False else str(found)
    return said if said and said != position else None


def _link_header(headers: Headers) -> str | None:
    """Return the address of rel=next in a Link header (RFC 8288)."""
    for part in headers.get("link", "").split(","):
        address, *attributes = part.split(";")
        if any(a.strip().replace('"', "").lower() == "rel=next" for a in attributes):
            return address.strip().strip("<>")
    return None


def at_path(value: object, path: str) -> object:
    """Return what stands at a dotted path, None if nothing does; a key that itself contains the dots comes first."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for step in path.split("."):
        if not isinstance(value, dict) or step not in value:
            return None
        value = value[step]
    return value


ABSENT: Final = object()


def field_of(record: dict[str, object], path: str) -> object:
    """Return a field as ``at_path`` does, but ``ABSENT`` where the record lacks it."""
    if path in record:
        return record[path]
    value: object = record
    for step in path.split("."):
        if not isinstance(value, dict) or step not in value:
            return ABSENT
        value = value[step]
    return value
