"""What people do to cards, each deed in one transaction: two who act at once are told apart by the card's serial."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, Final, TypeAlias

from msgspec import Struct
from sqlalchemy import Connection, text

from alerts.cards import BY_HAND, CountsFrom
from alerts.life import follow, issue_by_hand
from alerts.model import Card, CardChange, Delivery, Done
from alerts.moves import Side
from ledger import chain, failpoints, idempotency, recording
from ledger.engine import Store, insertion
from ledger.events import touch
from ledger.idempotency import Sent
from ledger.rows import card_of, change_of, is_subject, judgement_of
from ledger.tables import papers
from rules.facts import CaseId, Instant
from rules.glossary import label
from rules.judgement import Judgement
from rules.policy import Colour
from rules.problems import UserError, refuse

Tell: TypeAlias = Callable[[CardChange], Sequence[Delivery]]
"""Who has to be told of a change (``alerts.plan``)."""

LARGEST_PAPER: Final = 10 * 1024 * 1024

_INSERT_PAPER: Final = insertion(papers, or_nothing=True)
_CARD: Final = "select card_json from cards where card_id = :card_id {locking}"
_LAST: Final = text("select change_json from card_changes where card_id = :card_id order by serial desc limit 1")
_FIRST: Final = text("select change_json from card_changes where card_id = :card_id and serial = 1")
_PAPER: Final = text("select name, media_type, content from papers where card_id = :card_id and sha256 = :sha256")
_BY_HAND: Final = text("select card_json from cards where case_id = :case_id")
_JUDGED: Final = "select judgement_json from {table} where case_id = :case_id"


class Paper(Struct, frozen=True):
    """A paper as somebody attached it; ``content`` are its bytes."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest under which it is kept."""
        return sha256(self.content).hexdigest()


def act(
    store: Store, card_id: str, serial: int, done: Done, side: Side, now: Instant, zone: str,
    counts_from: CountsFrom, tell: Tell, attached: Sequence[Paper] = (),
) -> CardChange:  # fmt: skip
    """Do a deed to a card as its page showed it (``serial``); raise ``UserError`` if it has changed or may not be.

    1. Wait for other recorders, read the card as it stands; if its serial moved on, say who did what meanwhile.
    2. Let ``alerts.life`` say what becomes of it.
    3. Write the papers, the change, the event in the card's own case, and the messages.
    4. Make the case that the card is about due again: a review that was under way knew another card.
    """
    _not_too_large(attached)
    with store.writing() as connection:
        chain.lock(store, connection)
        card = _read(store, connection, card_id)
        if card.serial != serial:
            raise _overtaken(connection, card)
        change = follow(card, done, side, now, zone, counts_from)
        _keep(store, connection, card_id, attached, now)
        _write(store, connection, change, tell, now)
    return change


def issue(
    store: Store, case_id: CaseId, colour: Colour, basis: str, done: Done, now: Instant,
    counts_from: CountsFrom, tell: Tell, sent: Sent | None = None,
) -> CardChange:  # fmt: skip
    """Issue a card by hand on a case that was judged, with the text of its basis.

    The same form sent again (``sent``) issues no second card: it is answered with the first.
    """
    with store.writing() as connection:
        chain.lock(store, connection)
        before = idempotency.made(connection, sent)
        if before is not None:
            return change_of(connection.execute(_FIRST, {"card_id": before}).one().change_json)
        about = _judged(connection, case_id)
        rows = connection.execute(_BY_HAND, {"case_id": str(case_id)}).all()
        ordinal = 1 + sum(card_of(row.card_json).family == BY_HAND for row in rows)
        change = issue_by_hand(about, colour, basis, done, ordinal, now, counts_from)
        _write(store, connection, change, tell, now)
        idempotency.keep_made(store, connection, sent, change.card.card_id, now)
    return change


def paper(store: Store, card_id: str, digest: str) -> Paper | None:
    """Return a paper of a card, None if there is none of this digest."""
    with store.reading() as connection:
        row = connection.execute(_PAPER, {"card_id": card_id, "sha256": digest}).first()
    return Paper(row.name, row.media_type, bytes(row.content)) if row is not None else None


def _write(store: Store, connection: Connection, change: CardChange, tell: Tell, now: Instant) -> None:
    recording.write_changes(store, connection, [change], now)
    recording.write_deliveries(store, connection, tell(change))
    about = change.card.case_id
    touch(store, connection, "subjects" if is_subject(about) else "cases", [str(about)], now)
    failpoints.hit("before-act")


def _keep(store: Store, connection: Connection, card_id: str, attached: Sequence[Paper], now: Instant) -> None:
    rows = [
        {
            "card_id": card_id, "sha256": each.sha256, "name": each.name, "media_type": each.media_type,
            "received_at": now, "content": each.content,
        }
        for each in attached
    ]  # fmt: skip
    store.many(connection, _INSERT_PAPER, rows)


def _read(store: Store, connection: Connection, card_id: str) -> Card:
    locking = "" if store.is_sqlite else "for update"
    row = connection.execute(text(_CARD.format(locking=locking)), {"card_id": card_id}).first()
    if row is None:
        raise refuse("card/unknown", card_id, f"There is no card {card_id}.", f"没有编号为 {card_id} 的牌。")
    return card_of(row.card_json)


def _judged(connection: Connection, case_id: CaseId) -> Judgement:
    table = "subjects" if is_subject(case_id) else "cases"
    row: Any = connection.execute(text(_JUDGED.format(table=table)), {"case_id": str(case_id)}).first()
    if row is None or row.judgement_json is None:
        raise refuse(
            "card/no-case", str(case_id), "There is no judged case of this number.", "没有该编号且已研判的办件。",
            mend_en="Look up its number in the search.", mend_zh="请先查询办件编号。",
        )  # fmt: skip
    return judgement_of(row.judgement_json)


def _overtaken(connection: Connection, card: Card) -> UserError:
    """Say who was first; the one who comes second loses nothing but has to look again."""
    row: Any = connection.execute(_LAST, {"card_id": card.card_id}).first()
    last = change_of(row.change_json)
    by = last.done.by if last.done is not None else ""
    what_en, what_zh = (label("change_kinds", last.kind.value, language) for language in ("en", "zh"))
    return refuse(
        "card/overtaken", card.card_id,
        f"The card has changed since this page was opened: {what_en}{f' by {by}' if by else ''}; nothing was done.",
        f"本页打开后该牌已有变动（{what_zh}{f'，{by}' if by else ''}），本次操作未生效。",
        mend_en="Look at the card as it stands now, then decide again.", mend_zh="请查看最新情况后再办理。",
    )  # fmt: skip


def _not_too_large(attached: Sequence[Paper]) -> None:
    large = [each.name for each in attached if len(each.content) > LARGEST_PAPER]
    if large:
        limit = LARGEST_PAPER // (1024 * 1024)
        raise refuse(
            "card/paper", large[0], f"A paper may have at most {limit} MB: {', '.join(large)}.",
            f"单个附件不得超过 {limit} MB：{'、'.join(large)}。",
            mend_en="Attach a smaller copy.", mend_zh="请压缩后再上传。",
        )  # fmt: skip
