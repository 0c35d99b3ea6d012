"""Words a digest (汇总): the messages that waited for one address, put together by unit into one message."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast
from urllib.parse import urlsplit

from msgspec.structs import replace

from alerts.model import Delivery
from rules.facts import Instant
from rules.glossary import label, moment
from rules.judgement import Moment
from rules.placeholders import fill, neutral
from rules.problems import Language

MOST_PARTS: Final = 100
"""Messages in one digest; more become several digests, for nobody reads on and channels cut what is long."""


def bundle(
    parts: Sequence[Delivery], now: Instant, zone: str, names: Mapping[str, Mapping[str, str]] | None = None
) -> Delivery:
    """Return the one message that carries these (at least two, of one channel and address); its key names its parts."""
    first = min(parts, key=lambda part: (part.created_at, part.key))
    language = cast(Language, first.facts.get("language", "zh"))
    key = hashlib.sha256("\x1f".join(sorted(part.key for part in parts)).encode()).hexdigest()[:32]
    said = {"count": str(len(parts)), "when": moment(Moment(now, zone), language)}
    lines = [fill(label("sentences", "digest", language), said), *_by_unit(parts, language, names or {})]
    return replace(
        first, key=key, card_id=f"digest/{key}", serial=0, rank="digest", digest=False, deferred=False, counted_on="",
        subject=neutral(fill(label("headings", "digest", language), said)), body="\n".join(lines) + "\n",
        facts={"change": "digest", "parts": str(len(parts)), "language": language, **_worst(parts), **_console(parts)},
        created_at=now, not_before_at=now,
    )  # fmt: skip


def _by_unit(parts: Sequence[Delivery], language: Language, names: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    units: dict[str, list[Delivery]] = {}
    for part in sorted(parts, key=lambda part: (part.created_at, part.card_id, part.serial, part.key)):
        units.setdefault(part.facts.get("unit", ""), []).append(part)
    number = 0
    for unit, told in sorted(units.items()):
        known = names.get(unit, {})
        yield ""
        yield neutral(f"■ {known.get(language) or known.get('zh') or unit or '—'}")
        for part in told:
            number += 1
            yield f"{number}. {neutral(part.subject)}"
            what, own, *_ = (*part.body.split("\n"), "")  # the subject says what happened, the rule's own sentence why
            said, link = own or what, part.facts.get("link", "")
            yield from (f"   {neutral(text)}" for text in (said, link) if text)


def _console(parts: Sequence[Delivery]) -> dict[str, str]:
    """Return where the console is, as the links of the parts tell it."""
    for part in parts:
        link = urlsplit(part.facts.get("link", ""))
        if link.netloc:
            return {"link": f"{link.scheme}://{link.netloc}/"}
    return {}


def _worst(parts: Sequence[Delivery]) -> dict[str, str]:
    """Return the gravest colour of the parts, for channels that show one."""
    said = {part.facts.get("colour") or part.facts.get("light") or "" for part in parts}
    return next(({"colour": colour} for colour in ("red", "yellow", "reminder") if colour in said), {})
