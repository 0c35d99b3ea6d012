"""Finds the formats by listing this folder; only the one that a file needs is imported.

A file is a format if it says which names of files end so: ``ENDINGS: Final = (".xes",)``.
"""

from __future__ import annotations

import importlib
import re
from functools import cache
from pathlib import Path
from typing import Final, cast

from connectors.formats.base import Format
from rules.problems import refuse

DEFAULT: Final = "delimited"
"""What a file is whose name ends like no other format."""

_HERE: Final = Path(__file__).parent
_SAYS_ITS_ENDINGS: Final = re.compile(r"^ENDINGS: Final = \((.*)\)$", re.MULTILINE)


def formats() -> tuple[str, ...]:
    """Return the names of the formats in alphabetical order, without importing any."""
    return tuple(sorted(_endings()))


def format_of(path: Path, asked: str | None) -> Format:
    """Return the format that was asked for, else the one that the file's name says; a last ``.gz`` does not count."""
    name = path.name.lower().removesuffix(".gz")
    by_name = (word for word, endings in _endings().items() if name.endswith(endings))
    chosen = asked or next(by_name, DEFAULT)
    try:
        return cast("Format", importlib.import_module(f"connectors.formats.{chosen}"))
    except ModuleNotFoundError as error:
        raise refuse(
            "source/driver", path, f"The format '{chosen}' needs the package '{error.name}', which is not installed.",
            f"{chosen} 格式需要 {error.name}，但未安装。", mend_en=f"Install it: pip install {error.name}.",
            mend_zh=f"请安装：pip install {error.name}。",
        ) from error  # fmt: skip


@cache
def _endings() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(_HERE.glob("*.py")):
        said = _SAYS_ITS_ENDINGS.search(path.read_text("utf-8"))
        if said is not None:
            found[path.stem] = tuple(re.findall(r'"([^"]+)"', said[1]))
    return found
