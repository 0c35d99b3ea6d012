"""The ``read:`` block of kind ``files``: where the files are and how they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import Field, field_validator

from connectors.formats.listing import formats
from connectors.mapping import Part
from rules.documents import nearest

_DELIMITERS: Final = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|"}


class Read(Part):
    """Where the files are and how they are written; without ``format`` the ending of a file's name says it."""

    path: str = "."
    glob: str = "*.csv"
    format: str | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    columns: list[str] = Field(default_factory=list)
    header_row: int = Field(default=1, ge=1)
    sheet: str | None = None
    absent: Literal["refused", "empty"] = "refused"

    @field_validator("format")
    @classmethod
    def _known_format(cls, name: str | None) -> str | None:
        if name is not None and name not in formats():
            near = nearest(name, formats())
            hint = f"; did you mean '{near}'?" if near else ""
            raise ValueError(f"'{name}' is not a format; there are {', '.join(formats())}{hint}")
        return name

    @field_validator("encoding")
    @classmethod
    def _lines_by_newline(cls, name: str) -> str:
        try:
            if "a,\n".encode(name) == b"a,\n":
                return name
        except LookupError:
            raise ValueError(f"'{name}' is not a known encoding; write utf-8 or gb18030") from None
        raise ValueError(f"'{name}' text cannot be read line by line; have it converted to utf-8")

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, text: str) -> str:
        text = _DELIMITERS.get(text, text)
        if len(text) != 1 or text in '\r\n"':
            raise ValueError("a delimiter is one character, or one of the words tab, comma, semicolon, bar")
        return text

    @field_validator("quote")
    @classmethod
    def _one_quote(cls, text: str | None) -> str | None:
        if text is not None and len(text) != 1:
            raise ValueError("a quote is one character, or null where quotes mean nothing")
        return text

    @field_validator("glob")
    @classmethod
    def _stays_inside(cls, pattern: str) -> str:
        if not pattern or pattern.startswith("/") or ".." in Path(pattern).parts:
            raise ValueError("a glob stays inside the folder, such as '*.csv' or '**/*.csv.gz'")
        return pattern
