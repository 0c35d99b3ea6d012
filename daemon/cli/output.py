"""Where a command writes: standard output, or a file that appears only when it is whole; and cells that stay text."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from rules.facts import Value
from rules.problems import refuse

_FORMULA: Final = re.compile(r"[=@\t\r]|[+-](?!\d)")


@contextmanager
def writing(out: Path | None) -> Iterator[TextIO]:
    """Give standard output, or a file that appears only when it is whole."""
    if out is None:
        yield sys.stdout
        return
    part = out.with_name(out.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        part.replace(out)
    except OSError as error:
        raise refuse(
            "cli/out", out, f"The file cannot be written: {error.strerror}.", f"无法写入文件：{error.strerror}。"
        ) from error
    finally:
        part.unlink(missing_ok=True)


def cell(value: Value) -> Value:
    """Return a value that a spreadsheet takes as text, also where it begins like a formula."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
