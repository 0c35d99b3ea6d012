"""Gathers for a back-test: what the sorted cases tell together is put into their shards before these are judged."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec
from msgspec.structs import replace

from rules.facts import Instant
from rules.gathering.base import Gathering, Terms
from rules.gathering.gathered import gathered
from rules.gathering.gists import GATHERED_KINDS, gist_of
from rules.shards import Shard, cases_of, shard_of, shard_path


def with_gathered(
    shards: Sequence[Shard], folder: Path, kinds: Sequence[Gathering], terms: Terms, until: Instant
) -> tuple[Shard, ...]:
    """Add the facts over all cases by ``until`` to the shards in ``folder``; return the shards with their new digests."""
    gists = (
        gist_of(case)
        for shard in shards
        for case in cases_of(shard.path, until)
        if case.kind in GATHERED_KINDS
    )  # fmt: skip
    lines: dict[Path, list[bytes]] = {}
    for event in gathered(gists, kinds, terms, until):
        numbered = replace(event, version=1)
        lines.setdefault(shard_path(folder, shard_of(event.case_id)), []).append(msgspec.json.encode(numbered))
    for path, own in lines.items():
        with path.open("ab") as file:
            file.write(b"".join(line + b"\n" for line in own))
    before = {shard.path: shard.digest for shard in shards}
    added = {path: blake2b(path.read_bytes(), digest_size=16).hexdigest() for path in lines}
    return tuple(Shard(path, digest) for path, digest in sorted({**before, **added}.items()))
