"""The outbox at work: claim, write the attempt, send (elsewhere), write the outcome; each verb one transaction.

At least once, and at most one repeat per crash: an attempt that has no outcome when its lease ends is closed as
``unknown``, counted, and its repeat says that it may be one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, text

from alerts.model import Attempt, Delivery, Outcome, Receipt
from ledger import failpoints
from ledger.engine import Store, insertion
from ledger.recording import write_deliveries
from ledger.rows import delivery_of
from ledger.tables import attempts
from rules.facts import Instant

ATTEMPT_SECONDS: Final = 60
"""How long an attempt may take before it counts as cut off; channels must give up sooner."""


class LeaseLost(Exception):
    """Another worker has taken this delivery over; do not send it."""


class ClaimedDelivery(Struct, frozen=True, kw_only=True):
    """A delivery that this worker may attempt; ``possible_repeat`` if an earlier attempt had an unknown outcome."""

    delivery: Delivery
    attempts_made: int
    possible_repeat: bool
    token: int


_OVERDUE: Final = (
    "select key, attempts as number from deliveries where due_at <= :now and state = 'sending'"
    " order by due_at, key limit 1000 {skipping}"
)
_CUT_OFF: Final = text(
    "update attempts set outcome = 'unknown', finished_at = :now"
    " where key = :key and number = :number and outcome is null"
)
_REPEAT: Final = text("update deliveries set state = 'retry', unknowns = unknowns + 1, due_at = :now where key = :key")
_CLAIM: Final = """
with due as (
    select key from deliveries where due_at <= :now and state <> 'sending'{of_channel}
    order by due_at, key limit :limit {skipping}
)
update deliveries set due_at = :until, lease_token = lease_token + 1
where key in (select key from due)
returning key, attempts, unknowns, lease_token, delivery_json
"""
_DUE_CHANNELS: Final = text("select distinct channel from deliveries where due_at <= :now")
_GIVE_BACK: Final = text(
    "update deliveries set due_at = :now where key = :key and lease_token = :token and state in ('waiting', 'retry')"
)
_COMPARED: Final = """
select key, state, attempts, unknowns, lease_token from deliveries where key in {{keys}} order by key {locking}
"""

_INSERT_ATTEMPT: Final = insertion(attempts)
_START: Final = text("update deliveries set state = 'sending', attempts = :number, due_at = :until where key = :key")
_ANSWERED: Final = text(
    "update attempts set outcome = :outcome, answer = :answer, finished_at = :now"
    " where key = :key and number = :number and (outcome is null or outcome = 'unknown')"
)
_FINISH: Final = text(
    "update deliveries set state = :state, due_at = :due_at, unknowns = unknowns + :unknown where key = :key"
)


def due_channels(store: Store, now: Instant) -> tuple[str, ...]:
    """Return the channels over which something is due, or was cut off, in alphabetical order."""
    with store.reading() as connection:
        return tuple(sorted(connection.execute(_DUE_CHANNELS, {"now": now}).scalars()))


def claim_deliveries(
    store: Store, now: Instant, limit: int = 100, lease: int = 60, channel: str | None = None
) -> tuple[ClaimedDelivery, ...]:
    """Take at most ``limit`` deliveries that are due, over one ``channel`` or any, for ``lease`` seconds.

    The longest waiting come first, and of one card the earlier change.

    1. Close attempts whose lease ran out without an outcome as ``unknown``; their deliveries are due again.
    2. Lease what is due and nobody holds.
    """
    skipping = "" if store.is_sqlite else "for update skip locked"
    with store.writing() as connection:
        overdue = connection.execute(text(_OVERDUE.format(skipping=skipping)), {"now": now}).mappings()
        cut_off = [{**row, "now": now} for row in overdue]
        store.many(connection, _CUT_OFF, cut_off)
        store.many(connection, _REPEAT, cut_off)
        values: dict[str, object] = {"now": now, "until": now + lease, "limit": limit}
        of_channel = ""
        if channel is not None:
            values["channel"], of_channel = channel, " and channel = :channel"
        claim = _CLAIM.format(skipping=skipping, of_channel=of_channel)
        rows = connection.execute(text(claim), values).all()
    if rows:
        failpoints.hit("after-claim")
    claimed = (
        ClaimedDelivery(
            delivery=delivery_of(row.delivery_json),
            attempts_made=row.attempts,
            possible_repeat=row.unknowns > 0,
            token=row.lease_token,
        )
        for row in rows
    )
    return tuple(sorted(claimed, key=_in_turn))


def _in_turn(claimed: ClaimedDelivery) -> tuple[Instant, int, str]:
    delivery = claimed.delivery
    return delivery.not_before_at, delivery.serial, delivery.key


def give_back(
    store: Store, claimed: Sequence[ClaimedDelivery], due_at: Instant, further: Sequence[Delivery] = ()
) -> None:
    """Let go of deliveries that were claimed and not attempted: they are due again at ``due_at``, also before the lease
    ends. ``further`` are put into the outbox with it, such as those that stand in for them.
    """
    held = [{"key": each.delivery.key, "token": each.token, "now": due_at} for each in claimed]
    with store.writing() as connection:
        store.many(connection, _GIVE_BACK, held)
        write_deliveries(store, connection, further)


def start(store: Store, claimed: ClaimedDelivery, now: Instant) -> Attempt:
    """Write the attempt that is about to be made; raise ``LeaseLost`` if another worker has taken the delivery over."""
    made = start_many(store, [claimed], now)
    if not made:
        raise LeaseLost(f"The delivery {claimed.delivery.key} was taken over by another worker.")
    return made[0]


def start_many(store: Store, claimed: Sequence[ClaimedDelivery], now: Instant) -> tuple[Attempt, ...]:
    """Write the attempts that are about to be made, in one transaction; those taken over by others are left out.

    1. Lock the deliveries and compare the tokens.
    2. Write an attempt for each and lease it for as long as an attempt may take.
    """
    with store.writing() as connection:
        held = {row.key: row for row in _locked(store, connection, [each.delivery.key for each in claimed])}
        made = tuple(
            Attempt(
                delivery=each.delivery,
                number=held[each.delivery.key].attempts + 1,
                started_at=now,
                possible_repeat=held[each.delivery.key].unknowns > 0,
                token=each.token,
            )
            for each in claimed
            if _may_start(held.get(each.delivery.key), each)
        )
        store.many(connection, _INSERT_ATTEMPT, [_attempt(attempt) for attempt in made])
        until = now + ATTEMPT_SECONDS
        started = [{"key": a.delivery.key, "number": a.number, "until": until} for a in made]
        store.many(connection, _START, started)
    for _ in made:
        failpoints.hit("after-attempt")
    return made


def finish(store: Store, attempt: Attempt, receipt: Receipt, retry_at: Instant | None, now: Instant) -> None:
    """Write what came of an attempt; see ``finish_many``."""
    finish_many(store, [(attempt, receipt, retry_at)], now)


def finish_many(
    store: Store,
    finished: Sequence[tuple[Attempt, Receipt, Instant | None]],
    now: Instant,
    further: Sequence[Delivery] = (),
) -> None:
    """Write what came of attempts, in one transaction: delivered, failed for good, or due again at ``retry_at``.

    1. Lock the deliveries.
    2. Write the outcome of each attempt, also of one that was meanwhile closed as ``unknown``.
    3. Move each delivery that is still this worker's, and any that waits for a repeat which is no longer needed.
    4. Put the ``further`` deliveries into the outbox, those that stand in for what failed.
    """
    with store.writing() as connection:
        held = {row.key: row for row in _locked(store, connection, [a.delivery.key for a, _, _ in finished])}
        answers = [
            {"key": a.delivery.key, "number": a.number, "outcome": r.outcome.value, "answer": r.answer, "now": now}
            for a, r, _ in finished
        ]
        store.many(connection, _ANSWERED, answers)
        moved = [
            _moved(attempt, receipt, retry_at)
            for attempt, receipt, retry_at in finished
            if _may_finish(held.get(attempt.delivery.key), attempt, receipt)
        ]
        store.many(connection, _FINISH, moved)
        write_deliveries(store, connection, further)
        for _ in finished:
            failpoints.hit("before-finish")


def next_delivery_at(store: Store) -> Instant | None:
    """Return when the next delivery is due, or the lease of one that is held ends; None if the outbox is done."""
    with store.reading() as connection:
        return connection.execute(text("select min(due_at) from deliveries where due_at is not null")).scalar()


def _locked(store: Store, connection: Connection, keys: Sequence[str]) -> Sequence[Any]:
    return store.among(connection, _COMPARED.format(locking="" if store.is_sqlite else "for update"), keys)


def _may_start(row: Any, claimed: ClaimedDelivery) -> bool:
    return row is not None and row.lease_token == claimed.token and row.state in ("waiting", "retry")


def _may_finish(row: Any, attempt: Attempt, receipt: Receipt) -> bool:
    """Say whether this outcome decides the delivery: it is this worker's, or a waiting repeat becomes needless."""
    if row is None or row.state not in ("sending", "retry"):
        return False
    if row.lease_token == attempt.token and row.attempts == attempt.number:
        return True
    return row.state == "retry" and receipt.outcome is Outcome.DELIVERED


def _attempt(attempt: Attempt) -> dict[str, object]:
    return {
        "key": attempt.delivery.key,
        "number": attempt.number,
        "token": attempt.token,
        "started_at": attempt.started_at,
        "possible_repeat": attempt.possible_repeat,
        "finished_at": None,
        "outcome": None,
        "answer": "",
    }


def _moved(attempt: Attempt, receipt: Receipt, retry_at: Instant | None) -> dict[str, object]:
    """Return where the delivery goes: what is not delivered and has no ``retry_at`` was tried often enough and failed."""
    state, due_at = "retry", retry_at
    if receipt.outcome is Outcome.DELIVERED:
        state, due_at = "delivered", None
    elif receipt.outcome is Outcome.PERMANENT or retry_at is None:
        state, due_at = "failed", None
    unknown = int(receipt.outcome is Outcome.UNKNOWN)
    return {"key": attempt.delivery.key, "state": state, "due_at": due_at, "unknown": unknown}
