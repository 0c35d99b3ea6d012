"""What was asked under an idempotency key, and how it was answered: so that a request that is repeated is done once.

A key is first claimed, then the deed is done, then its answer is kept. Whoever dies in between leaves a claim without an
answer; when its lease is over, the same request may take it up again, and is told so: it has to look whether the deed
was done before it does it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from sqlalchemy import Column, Index, LargeBinary, Table, text

from ledger.engine import Store, insertion
from ledger.tables import KEY, WHOLE, metadata
from rules.facts import Instant

KEPT: Final = 86_400
"""How long answers are kept, in seconds."""

LEASE: Final = 30
"""How long a claim without an answer is believed to be at work, in seconds."""

answers: Final = Table(
    "answers",
    metadata,
    Column("account", KEY, primary_key=True),
    Column("key", KEY, primary_key=True),
    Column("request", LargeBinary, nullable=False),
    Column("began_at", WHOLE, nullable=False),
    Column("lease_until", WHOLE, nullable=False),
    Column("status", WHOLE),
    Column("headers_json", LargeBinary),
    Column("body", LargeBinary),
)
"""One row per account and key: a digest of what was asked, and the answer once there is one."""

Index("answers_began_at", answers.c.began_at)


class Standing(StrEnum):
    """How a key stands when it is claimed."""

    OURS = "ours"
    AGAIN = "again"
    ANSWERED = "answered"
    UNDER_WAY = "under_way"
    ANOTHER = "another"


class Answer(Struct, frozen=True):
    """An answer as it was given; ``headers_json`` holds those that belong to it."""

    status: int
    headers_json: bytes
    body: bytes


class Claim(Struct, frozen=True):
    """How a key stands: ours, ours once more (the first try was cut off), answered, under way, or of another request.

    ``began_at`` is when it was first asked; ``answer`` is there if it was answered.
    """

    standing: Standing
    began_at: Instant
    answer: Answer | None = None


_INSERT: Final = insertion(answers, or_nothing=True)
_SWEEP: Final = text("delete from answers where began_at < :then")
_READ: Final = text("select * from answers where account = :account and key = :key")
_TAKE_UP: Final = text(
    "update answers set lease_until = :until where account = :account and key = :key and status is null"
    " and lease_until <= :now"
)
_KEEP: Final = text(
    "update answers set status = :status, headers_json = :headers_json, body = :body"
    " where account = :account and key = :key and status is null"
)
_LET_GO: Final = text("delete from answers where account = :account and key = :key and status is null")


def claim(store: Store, account: str, key: str, request: bytes, now: Instant) -> Claim:
    """Claim a key for a request (its digest) and say how it stands; keys older than a day are forgotten first.

    1. Forget what is over.
    2. Write the claim, unless the key is taken.
    3. Where it is taken: give the answer, refuse another request, or take up a claim whose lease is over.
    """
    row: dict[str, object] = {
        "account": account, "key": key, "request": request, "began_at": now, "lease_until": now + LEASE,
        "status": None, "headers_json": None, "body": None,
    }  # fmt: skip
    with store.writing() as connection:
        connection.execute(_SWEEP, {"then": now - KEPT})
        if connection.execute(_INSERT, row).rowcount:
            return Claim(Standing.OURS, now)
        found = connection.execute(_READ, {"account": account, "key": key}).first()
        if found is None:  # freed this very moment
            return Claim(Standing.UNDER_WAY, now)
        if bytes(found.request) != request:
            return Claim(Standing.ANOTHER, found.began_at)
        if found.status is not None:
            answer = Answer(found.status, bytes(found.headers_json), bytes(found.body))
            return Claim(Standing.ANSWERED, found.began_at, answer)
        taken = {"account": account, "key": key, "now": now, "until": now + LEASE}
        mine = connection.execute(_TAKE_UP, taken).rowcount
        return Claim(Standing.AGAIN if mine else Standing.UNDER_WAY, found.began_at)


def keep(store: Store, account: str, key: str, answer: Answer) -> None:
    """Keep how a claimed request was answered."""
    values = {
        "account": account, "key": key, "status": answer.status, "headers_json": answer.headers_json,
        "body": answer.body,
    }  # fmt: skip
    with store.writing() as connection:
        connection.execute(_KEEP, values)


def let_go(store: Store, account: str, key: str) -> None:
    """Free a key under which nothing was done."""
    with store.writing() as connection:
        connection.execute(_LET_GO, {"account": account, "key": key})
