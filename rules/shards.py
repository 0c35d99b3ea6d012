"""Sorts any number of events into files by case, so that a back-test judges cases in parts that fit into memory.

Which shard a case belongs to follows from its identity alone: neither the order of the input nor the number of workers
changes it. A shard's digest names its content.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from rules.facts import Case, CaseEvent, CaseId, Instant, fold

SHARDS: Final = 64
_BUFFERED: Final = 1 << 16

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(CaseEvent).decode_lines


@dataclass(frozen=True, slots=True)
class Shard:
    """One file of events; ``digest`` tells its content from any other."""

    path: Path
    digest: str


class ShardWriter:
    """Takes events one by one; ``close`` gives the shards that hold any. Also a context manager."""

    def __init__(self, folder: Path, count: int = SHARDS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._paths = [shard_path(folder, number) for number in range(count)]
        self._files = [path.open("wb") for path in self._paths]
        self._buffers = [bytearray() for _ in self._paths]
        self._digests = [blake2b(digest_size=16) for _ in self._paths]
        self.events = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()

    def take(self, event: CaseEvent) -> None:
        """Put an event into the shard of its case."""
        number = shard_of(event.case_id, len(self._paths))
        buffer = self._buffers[number]
        buffer += _encode(event) + b"\n"
        self.events += 1
        if len(buffer) >= _BUFFERED:
            self._write(number)

    def close(self) -> tuple[Shard, ...]:
        """Write what is left and return the shards that hold anything, in their order."""
        for number, file in enumerate(self._files):
            self._write(number)
            file.close()
        found = (Shard(p, d.hexdigest()) for p, d in zip(self._paths, self._digests, strict=True))
        return tuple(shard for shard in found if shard.path.stat().st_size)

    def _write(self, number: int) -> None:
        buffer = self._buffers[number]
        self._digests[number].update(buffer)
        self._files[number].write(buffer)
        buffer.clear()


def shard_path(folder: Path, number: int) -> Path:
    """Return the file of a shard."""
    return folder / f"shard-{number:03}.jsonl"


def shard_of(case_id: CaseId, count: int = SHARDS) -> int:
    """Return the number of the shard that holds a case."""
    return zlib.crc32(str(case_id).encode()) % count


def cases_of(shard: Path, until: Instant) -> Iterator[Case]:
    """Yield the cases of a shard in the order of their identities, without what happened after ``until``."""
    events = sorted(_decode(shard.read_bytes()), key=_identity)
    for case_id, own in groupby(events, key=lambda event: event.case_id):
        case = fold(case_id, [e for e in own if e.occurred_at is None or e.occurred_at <= until])
        if case.events:
            yield case


def _identity(event: CaseEvent) -> tuple[str, str, str]:
    return (event.namespace, event.kind, event.case_no)
