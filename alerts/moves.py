"""The state machine of a card in people's hands (domain.md 6.4): what may follow what, who may do it, what it takes.

Pages, API, documents and the picture in the docs are drawn from this one table.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from alerts.model import ChangeKind, Deed, Stage


class Side(StrEnum):
    """Who acts: the unit that is supervised, or those who supervise."""

    UNIT = "unit"
    SUPERVISION = "supervision"


class Move(NamedTuple):
    """One row of the table: a deed, the stages in which it may be done and the one to which it leads (None: it stays).

    ``apart`` are deeds whose hand may not do this one; ``needs`` are fields of ``Done`` that may not be empty.
    """

    deed: Deed
    stages: frozenset[Stage]
    to: Stage | None
    side: Side
    kind: ChangeKind
    needs: tuple[str, ...] = ()
    apart: tuple[Deed, ...] = ()


def _at(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


S, D, K = Stage, Deed, ChangeKind
_OPEN: Final = frozenset(S) - {S.PROPOSED, S.REVOKED, S.CLOSED}
_ISSUERS: Final = (D.ISSUE, D.CONFIRM)
_DECIDERS: Final = (D.UPHOLD, D.RETURN, D.SEND_BACK)

MOVES: Final[tuple[Move, ...]] = (
    Move(D.CONFIRM, _at(S.PROPOSED), S.ISSUED, Side.SUPERVISION, K.ISSUED),
    Move(D.DISMISS, _at(S.PROPOSED), S.REVOKED, Side.SUPERVISION, K.REVOKED, ("text",)),
    Move(D.CONFIRM_RISE, _OPEN, None, Side.SUPERVISION, K.PROPOSED),
    Move(D.DISMISS_RISE, _OPEN, None, Side.SUPERVISION, K.PROPOSED, ("text",)),
    Move(D.SIGN, _at(S.ISSUED), S.SIGNED, Side.UNIT, K.SIGNED),
    Move(D.UNSIGN, _at(S.SIGNED), S.ISSUED, Side.UNIT, K.UNSIGNED),
    Move(D.EXPLAIN, _at(S.SIGNED, S.RETURNED), S.EXPLAINED, Side.UNIT, K.EXPLAINED, ("text",)),
    Move(D.APPEAL, _at(S.SIGNED, S.EXPLAINED, S.RETURNED), S.APPEALED, Side.UNIT, K.APPEALED, ("text",)),
    Move(D.UPHOLD, _at(S.EXPLAINED, S.APPEALED, S.ESCALATED), S.UPHELD, Side.SUPERVISION, K.DECIDED, ("text",),
         (*_ISSUERS, D.EXPLAIN, D.APPEAL, D.ESCALATE)),
    Move(D.REVOKE, _at(S.ISSUED, S.SIGNED, S.EXPLAINED, S.APPEALED, S.ESCALATED), S.REVOKED, Side.SUPERVISION,
         K.REVOKED, ("text", "ground"), (*_ISSUERS, D.EXPLAIN, D.APPEAL, D.ESCALATE)),
    Move(D.RETURN, _at(S.EXPLAINED, S.APPEALED, S.ESCALATED), S.RETURNED, Side.SUPERVISION, K.DECIDED, ("text",),
         (*_ISSUERS, D.EXPLAIN, D.APPEAL)),
    Move(D.ESCALATE, _at(S.EXPLAINED, S.APPEALED), S.ESCALATED, Side.SUPERVISION, K.DECIDED, ("text",)),
    Move(D.RECTIFY, _at(S.SIGNED, S.EXPLAINED, S.UPHELD), S.RECTIFIED, Side.UNIT, K.RECTIFIED, ("text",)),
    Move(D.SEND_BACK, _at(S.RECTIFIED), S.UPHELD, Side.SUPERVISION, K.DECIDED, ("text",), (D.RECTIFY,)),
    Move(D.VERIFY, _at(S.RECTIFIED), S.VERIFIED, Side.SUPERVISION, K.VERIFIED, ("text",), (D.RECTIFY, *_DECIDERS)),
    Move(D.CLOSE, _at(S.VERIFIED), S.CLOSED, Side.SUPERVISION, K.CLOSED, (), (D.RECTIFY,)),
    Move(D.REOPEN, _at(S.VERIFIED, S.CLOSED), S.UPHELD, Side.SUPERVISION, K.REOPENED, ("text",)),
    Move(D.RECORD_CONSEQUENCE, _OPEN, None, Side.SUPERVISION, K.CONSEQUENCE, ("measure", "document", "decided_on")),
    Move(D.ASSIGN, _OPEN | {S.PROPOSED}, None, Side.SUPERVISION, K.ASSIGNED, ("to",)),
    Move(D.UNASSIGN, _OPEN | {S.PROPOSED}, None, Side.SUPERVISION, K.ASSIGNED),
)  # fmt: skip

BY_DEED: Final[Mapping[Deed, Move]] = {move.deed: move for move in MOVES}

FIELDS: Final = ("text", "ground", "measure", "document", "decided_on", "to")
"""What a deed may have to say, beside its papers."""

AGAINST_A_PERSON: Final = frozenset(
    {
        "admonition_oral", "admonition_written", "admonitory_talk", "bonus_loss", "self_criticism",
        "suspension_from_duty",
    }
)  # fmt: skip
"""Measures that are taken against a person and so have to name him; others may (domain.md 6.1 and 6.2)."""
