"""What was asked under an idempotency key, and how it was answered: so that a request that is repeated is done once.

The key of a form is kept in the very transaction in which the form's deed is done (``made`` and ``keep_made``). The key
of a request is first claimed, then the deed is done, then its answer is kept. Whoever dies in between leaves a claim without an
answer; when its lease is over, the same request may take it up again, and is told so: it has to look whether the deed
was done before it does it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from sqlalchemy import Column, Connection, Index, LargeBinary, Table, text

from ledger.engine import Store, insertion
from ledger.tables import KEY, WHOLE, metadata
from rules.facts import Instant
from rules.problems import refuse

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


class Sent(Struct, frozen=True):
    """A form that somebody sent: his account, the form's own one-time key, and a digest of what it said."""

    account: str
    key: str
    request: bytes


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


_FORM: Final = "form:"
"""Before the keys of forms, so that none meets the key of a request."""

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


def made(connection: Connection, sent: Sent | None) -> str | None:
    """Return the name of what this very form made before, None if it is new; the caller lets in one at a time.

    Raises ``UserError`` if the form was sent before and said something else: one form does one thing.
    """
    if sent is None:
        return None
    found = connection.execute(_READ, {"account": sent.account, "key": _FORM + sent.key}).first()
    if found is None:
        return None
    name = bytes(found.body).decode()
    if bytes(found.request) != sent.request:
        raise refuse(
            "once/form", name, f"This form was sent before and made {name}; nothing more was done.",
            f"本表单已提交过，并已生成 {name}；本次未再办理。",
            mend_en="Look at what was made. For another one open the page anew.", mend_zh="请先查看已生成的内容；如需另办，请重新打开页面。",
        )  # fmt: skip
    return name


def keep_made(store: Store, connection: Connection, sent: Sent | None, name: str, now: Instant) -> None:
    """Keep what a form made, in the transaction that makes it."""
    if sent is not None:
        row: dict[str, object] = {
            "account": sent.account, "key": _FORM + sent.key, "request": sent.request, "began_at": now,
            "lease_until": now, "status": 303, "headers_json": b"{}", "body": name.encode(),
        }  # fmt: skip
        store.many(connection, _INSERT, [row])
