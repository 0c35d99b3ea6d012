"""Pages of long lists: a bounded number of lines, and a cursor that says nothing to whoever carries it."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final, TypeAlias

from fastapi import Query
from fastapi.exceptions import RequestValidationError
from pydantic import Field

MOST: Final = 200

PLAIN: Final = r"^[^\x00-\x1f\x7f]*$"
"""Text of one line, without anything that controls a terminal or a database."""

Limit: TypeAlias = Annotated[int, Query(ge=1, le=MOST, description="每页条数 · lines on a page")]
After: TypeAlias = Annotated[
    str,
    Query(
        max_length=400, description="上一页的 next；首页不填 · the `next` of the page before, left out for the first"
    ),
]
Word: TypeAlias = Annotated[str, Query(max_length=200, pattern=PLAIN)]
Next: TypeAlias = Annotated[
    str | None, Field(description="下一页的位置，末页为空 · where the next page begins, null at the end")
]


def sealed(place: str) -> str | None:
    """Return the cursor of a place in a list, None for its end."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=") if place else None


def opened(cursor: str) -> str:
    """Return the place that a cursor stands for; raise ``RequestValidationError`` if it is none of ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise no_cursor() from None
    if sealed(place) != (cursor or None):
        raise no_cursor()
    return place


def split(cursor: str) -> tuple[int, str] | None:
    """Return the number and the name by which a list is ordered, None at its beginning."""
    if not cursor:
        return None
    number, colon, name = opened(cursor).partition(":")
    if not colon or not number.lstrip("-").isdecimal() or not number.isascii() or len(number) > 18 or "\0" in name:
        raise no_cursor()
    return int(number), name


def no_cursor() -> RequestValidationError:
    """Return what is said of a cursor that was not given out here."""
    return RequestValidationError([{"type": "cursor", "loc": ("query", "after"), "msg": "", "input": ""}])
