"""Arguments that several commands share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

import typer

from daemon.settingsfile import DEFAULT_FILE
from rules.facts import Instant
from rules.problems import refuse

Config: TypeAlias = Annotated[Path, typer.Option("--config", "-c", help="Settings file.")]
CONFIG: Path = DEFAULT_FILE


def instant(text: str, zone: str, option: str) -> Instant:
    """Return the instant written in ISO 8601; without a zone of its own it is in ``zone``."""
    try:
        at = dt.datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise refuse(
            "cli/instant", option,
            f"'{text}' is not an instant.", f"“{text}”不是时刻。",
            mend_en="Write it like 2024-09-24T10:00 or 2024-09-24T10:00:00+08:00.",
            mend_zh="请写成 2024-09-24T10:00 或 2024-09-24T10:00:00+08:00。",
        ) from error  # fmt: skip
    return int((at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).timestamp())


def iso(at: Instant, zone: str) -> str:
    """Return an instant in ISO 8601 with the offset of ``zone``."""
    return dt.datetime.fromtimestamp(at, ZoneInfo(zone)).isoformat()
