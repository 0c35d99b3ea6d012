"""Numbers documents and keeps what they say: number, content and link of the chain in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import text

from alerts.documents.cardfile import Numbered
from alerts.documents.model import Document, check_code, digest, document_of, encode
from ledger import chain, failpoints, idempotency
from ledger.documenttables import documents
from ledger.engine import Store, insertion
from ledger.idempotency import Sent
from rules.facts import Instant
from rules.problems import UserError, refuse

_MADE: Final = text("select * from documents where code = :code")

Compose: TypeAlias = Callable[[Numbered], Document]
"""What the document says under the number that it is given."""

_INSERT: Final = insertion(documents)
_SERIAL: Final = "select serial from cards where card_id = :card_id {locking}"
_LAST: Final = text("select coalesce(max(number), 0) from documents where organ = :organ and year = :year")


class Kept(Struct, frozen=True, kw_only=True):
    """A document as the ledger keeps it: who made it when, the code that is printed on it, its place in the chain."""

    document: Document
    made_by: str
    code: str
    sha256: str
    position: int


def make_document(
    store: Store, card_id: str, serial: int, organ: str, by: str, now: Instant, zone: str, compose: Compose,
    sent: Sent | None = None,
) -> Kept:  # fmt: skip
    """Make a document of a card as it stands at ``serial``; raise ``UserError`` if the card has changed since.

    The number is the next of the organ in the year that ``zone`` has now. What fails afterwards uses no number up, and
    the same form sent again (``sent``) is answered with the document that it made.
    """
    year = dt.datetime.fromtimestamp(now, ZoneInfo(zone)).year
    with store.writing() as connection:
        chain.lock(store, connection)
        before = idempotency.made(connection, sent)
        if before is not None:
            return kept(connection.execute(_MADE, {"code": before}).one())
        locking = "" if store.is_sqlite else "for update"
        found = connection.execute(text(_SERIAL.format(locking=locking)), {"card_id": card_id}).scalar()
        if found is None:
            raise refuse("card/unknown", card_id, f"There is no card {card_id}.", f"没有编号为 {card_id} 的牌。")
        if found != serial:
            raise _overtaken(card_id)
        last: int = connection.execute(_LAST, {"organ": organ, "year": year}).scalar_one()
        made = compose(Numbered(last + 1, year, now))
        content = encode(made)
        row: dict[str, object] = {
            "organ": organ, "year": year, "number": last + 1, "kind": made.kind.value, "card_id": card_id,
            "serial": serial, "made_at": now, "made_by": by, "code": check_code(content), "sha256": digest(content),
            "content": content,
        }  # fmt: skip
        chain.extend(store, connection, documents.name, [row])
        store.many(connection, _INSERT, [row])
        idempotency.keep_made(store, connection, sent, str(row["code"]), now)
        failpoints.hit("before-document")
    return Kept(document=made, made_by=by, code=str(row["code"]), sha256=str(row["sha256"]), position=_whole(row))


def kept(row: Any) -> Kept:
    """Return the document that a row of the table holds."""
    return Kept(
        document=document_of(row.content), made_by=row.made_by, code=row.code, sha256=row.sha256, position=row.position
    )


def _whole(row: dict[str, object]) -> int:
    position = row["position"]
    assert isinstance(position, int)  # noqa: S101 - the chain has just set it
    return position


def _overtaken(card_id: str) -> UserError:
    return refuse(
        "card/overtaken", card_id,
        "The card has changed since this page was opened; no document was made.",
        "本页打开后该牌已有变动，未制作文书。",
        mend_en="Look at the card as it stands now, then make the document again.",
        mend_zh="请查看最新情况后重新制作。",
    )  # fmt: skip
