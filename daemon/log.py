"""The daemon's log: one line per deed, a machine word and its bound subject; secrets and personal data never appear.

JSON lines for machines, readable text on a terminal. What libraries log goes the same way.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TextIO

import structlog
from pydantic import SecretBytes, SecretStr
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

MASK: Final = "***"

PRIVATE_KEYS: Final = re.compile(
    r"""(^|_)(
        password | passwd | secret | secrets | token | authorization | cookie | api_?key | signing_key | credential s?
      | applicant | applicant_name | phone | mobile | telephone | id_?number | id_?card | address | email | person_name
    )($|_)""",
    re.IGNORECASE | re.VERBOSE,
)
"""Names of fields whose values are secrets or personal data."""

SUBJECTS: Final = frozenset({"case", "case_no", "card", "key", "event", "timestamp", "level", "logger"})
"""Fields that identify; a case number may look like an identity number and is shown as it is."""

QUIET: Final = {
    "apscheduler.scheduler": logging.ERROR,  # says at each skipped tick what the loop counts by itself
    "apscheduler.executors": logging.CRITICAL,  # says again what the loop said of a failed duty
    "alembic": logging.WARNING,
    "httpx2": logging.WARNING,
    "uvicorn.error": logging.WARNING,
}
"""Libraries that talk more than they tell, and the least serious line that is taken from each."""

PRIVATE_TEXTS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"(://[^\s:/@]*):[^\s/@]+@"), rf"\1:{MASK}@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), rf"\1 {MASK}"),
    (re.compile(r"(?i)\b(password|passwd|secret|token|api_?key)(['\"]?\s*[=:]\s*)[^\s,;&'\"]+"), rf"\1\2{MASK}"),
    (re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"), MASK),
    (re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"), MASK),
)
"""Credentials in a URL, a header or an assignment; identity numbers; mobile numbers."""


def configure(
    level: str = "info", form: Literal["auto", "json", "text"] = "auto", stream: TextIO | None = None
) -> None:
    """Send everything that is logged to ``stream`` (standard error if None), masked, at ``level`` and above."""
    out = stream if stream is not None else sys.stderr
    readable = form == "text" or (form == "auto" and out.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        mask,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(readable, out)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for library, least in QUIET.items():
        logging.getLogger(library).setLevel(max(least, root.level))


def _renderer(readable: bool, out: TextIO) -> Processor:
    if readable:
        return structlog.dev.ConsoleRenderer(colors=out.isatty())
    return structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True)


def get(**subject: object) -> FilteringBoundLogger:
    """Return a logger with its subject bound once, such as ``get(duty="ingest", source="water")``."""
    logger: FilteringBoundLogger = structlog.get_logger(**subject)
    return logger


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace secrets and personal data in a log line: by the name of the field, and by the look of the text."""
    return {key: _masked(key, value) for key, value in event.items()}


def _masked(key: str, value: object) -> object:
    if key.startswith("_"):  # what structlog hands to its own formatter
        return value
    if isinstance(value, SecretStr | SecretBytes) or PRIVATE_KEYS.search(key):
        return MASK
    if isinstance(value, str):
        return value if key in SUBJECTS and key != "event" else masked_text(value)
    if isinstance(value, Mapping):
        return {name: _masked(str(name), inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_masked(key, inner) for inner in value]
    return value if isinstance(value, int | float | bool | None) else masked_text(str(value))


def masked_text(text: str) -> str:
    """Return the text with everything that looks like a credential, an identity or a mobile number masked."""
    for pattern, instead in PRIVATE_TEXTS:
        text = pattern.sub(instead, text)
    return text
