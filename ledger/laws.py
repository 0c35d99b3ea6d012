"""The law as it was published: proposed by one person, decided by another, never rewritten.

Each act is a row of a chain. The revision of the law is the number of publications so far; asking for it is cheap.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, Literal, TypeAlias
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, text

from ledger import chain
from ledger.engine import Store, insertion
from ledger.lawtables import law_acts, law_revisions
from ledger.rows import encode
from rules.facts import Instant
from rules.problems import UserError, refuse

LawKind: TypeAlias = Literal["rulebook", "profile", "catalogue", "calendar"]


class LawState(StrEnum):
    """How far a law has come."""

    PROPOSED = "proposed"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class LawText(Struct, frozen=True, kw_only=True):
    """One version of a rulebook, profile, catalogue or calendar with its whole text, in force for [from, until)."""

    kind: LawKind
    name: str
    version: int
    revision: int = 1
    from_on: dt.date | None = None
    until_on: dt.date | None = None
    text: str

    @property
    def label(self) -> str:
        """How people name it: ``name@version``, a correction ``name@version.revision``."""
        return f"{self.name}@{self.version}" + (f".{self.revision}" if self.revision > 1 else "")


class LawStory(Struct, frozen=True, kw_only=True):
    """A law with who did what about it; ``published_as`` is the revision of the law that its publication made."""

    number: int
    law: LawText
    sha256: str
    state: LawState
    proposed_by: str
    proposed_at: Instant
    decided_by: str = ""
    decided_at: Instant | None = None
    reason: str = ""
    published_as: int | None = None


_INSERT_ACT: Final = insertion(law_acts)
_INSERT_REVISION: Final = insertion(law_revisions)
_ACTS: Final = text(
    "select law_acts.law, law_acts.act, who, at, reason, sha256, law_revisions.revision from law_acts"
    " left join law_revisions on law_revisions.law = law_acts.law and law_acts.act = 'published'"
    " order by law_acts.position"
)
_TEXTS: Final = text("select law, law_json from law_acts where law_json is not null and position > :after")
_REVISION: Final = text("select coalesce(max(revision), 0) from law_revisions")
_UNMARKED: Final = text("select revision from law_revisions where marked_at is null order by revision")
_MARKED: Final = text("update law_revisions set marked_at = :now where revision = :revision and marked_at is null")
_SUBJECTS_DUE: Final = text(
    "update subjects set revision = revision + 1, stale_since = coalesce(stale_since, :now)"
    " where judgement_json is not null"
)

_law_of: Final = msgspec.json.Decoder(LawText).decode

_READ: Final[WeakKeyDictionary[Store, dict[int, LawText]]] = WeakKeyDictionary()
"""The texts that were read of each ledger, by number: nothing that was proposed is ever rewritten."""


def propose_law(store: Store, law: LawText, who: str, now: Instant, reason: str = "") -> int:
    """Lay a law before a second person; return its number. Raise ``UserError`` if the same text waits already.

    1. Wait for other recorders; look whether this text is waiting.
    2. Join the proposal, with the whole text, to the chain.
    """
    named(who)
    with store.writing() as connection:
        chain.lock(store, connection)
        digest = sha256(law.text.encode()).hexdigest()
        for story in _stories(store, connection):
            same = (story.law.kind, story.law.name, story.sha256) == (law.kind, law.name, digest)
            if story.state is LawState.PROPOSED and same:
                raise refuse(
                    "law/waiting", law.label, f"This text already waits for approval as number {story.number}.",
                    f"该文本已作为第 {story.number} 号待审核。",
                    mend_en=f"Approve or reject number {story.number}.", mend_zh=f"请批准或驳回第 {story.number} 号。",
                )  # fmt: skip
        return _act(store, connection, LawState.PROPOSED, None, who, now, reason, digest, encode(law))


def approve_law(store: Store, number: int, who: str, now: Instant, expected: int | None = None) -> int:
    """Publish a proposed law; return the revision of the law that this makes.

    1. Wait for other recorders. Raise ``UserError`` if it does not wait, if ``who`` proposed it, or if the law's
       revision is no longer the ``expected`` one, under which the proposal was held against the law.
    2. Join the publication to the chain and number it.
    """
    with store.writing() as connection:
        chain.lock(store, connection)
        story = _waiting(store, connection, number)
        if named(who) == named(story.proposed_by):
            raise refuse(
                "law/same-person", story.law.label,
                f"{who} proposed number {number}; whoever proposes a law cannot also approve it.",
                f"第 {number} 号由{who}提出；提出人不得自行批准。",
                mend_en="Have a second person approve it.", mend_zh="请由第二人批准。",
            )  # fmt: skip
        revision = _revision(connection)
        if expected is not None and revision != expected:
            raise refuse(
                "law/changed", story.law.label, "Another law was published at the same moment.", "同一时刻有其他法规被发布。",
                mend_en="Approve it once more.", mend_zh="请重新批准。",
            )  # fmt: skip
        _act(store, connection, LawState.PUBLISHED, story, who, now, "", story.sha256, None)
        made = {"revision": revision + 1, "law": number, "marked_at": None}
        store.many(connection, _INSERT_REVISION, [made])
        return revision + 1


def reject_law(store: Store, number: int, who: str, now: Instant, reason: str) -> LawState:
    """Turn a proposed law down with a reason, or withdraw it where ``who`` is who proposed it; return its state."""
    with store.writing() as connection:
        chain.lock(store, connection)
        story = _waiting(store, connection, number)
        state = LawState.WITHDRAWN if named(who) == named(story.proposed_by) else LawState.REJECTED
        _act(store, connection, state, story, who, now, reason, story.sha256, None)
        return state


def law_history(store: Store) -> tuple[LawStory, ...]:
    """Return every law that was ever proposed, the earliest first."""
    with store.reading() as connection:
        return _stories(store, connection)


def published(store: Store, revision: int | None = None) -> tuple[LawStory, ...]:
    """Return the publications in their order, up to a revision of the law (all if None)."""
    found = [story for story in law_history(store) if story.published_as is not None]
    found.sort(key=lambda story: story.published_as or 0)
    return tuple(story for story in found if revision is None or (story.published_as or 0) <= revision)


def law_revision(store: Store) -> int:
    """Return how often a law was published; asked at every tick."""
    with store.reading() as connection:
        return _revision(connection)


def unmarked_laws(store: Store) -> tuple[int, ...]:
    """Return the revisions of the law of which not every case that they concern was made due yet."""
    with store.reading() as connection:
        return tuple(int(row.revision) for row in connection.execute(_UNMARKED))


def law_marked(store: Store, revision: int, now: Instant) -> None:
    """Note that every case that a publication concerns was made due."""
    with store.writing() as connection:
        store.many(connection, _MARKED, [{"revision": revision, "now": now}])


def mark_subjects_due(store: Store, now: Instant) -> None:
    """Make every unit that was judged due, for a law about units."""
    with store.writing() as connection:
        chain.lock(store, connection)
        store.many(connection, _SUBJECTS_DUE, [{"now": now}])


def named(who: str) -> str:
    """Return a name as names are compared; raise ``UserError`` if nobody is named."""
    name = " ".join(unicodedata.normalize("NFKC", who).split()).casefold()
    if not name:
        raise refuse(
            "law/nobody", "--by", "Nobody is named.", "未写明姓名。",
            mend_en="Name the person who acts.", mend_zh="请写明办理人。",
        )  # fmt: skip
    return name


def _act(
    store: Store, connection: Connection, act: LawState, story: LawStory | None, who: str, now: Instant, reason: str,
    digest: str, law_json: bytes | None,
) -> int:  # fmt: skip
    """Join one act to the chain; return the number of the law: a proposal's own position."""
    number = story.number if story is not None else _length(connection) + 1
    row: dict[str, object] = {
        "law": number, "act": act.value, "who": who.strip(), "at": now, "reason": reason, "sha256": digest,
        "law_json": law_json,
    }  # fmt: skip
    chain.extend(store, connection, law_acts.name, [row])
    store.many(connection, _INSERT_ACT, [row])
    return number


def _length(connection: Connection) -> int:
    return int(connection.execute(text("select coalesce(max(position), 0) from law_acts")).scalar_one())


def _revision(connection: Connection) -> int:
    return int(connection.execute(_REVISION).scalar_one())


def _waiting(store: Store, connection: Connection, number: int) -> LawStory:
    story = next((each for each in _stories(store, connection) if each.number == number), None)
    if story is None or story.state is not LawState.PROPOSED:
        state = f" ({story.state.value} by {story.decided_by})" if story is not None else ""
        raise _not_waiting(number, state)
    return story


def _not_waiting(number: int, state: str) -> UserError:
    return refuse(
        "law/not-waiting", str(number), f"Number {number} does not wait for a decision{state}.",
        f"第 {number} 号不在待审核之列{state}。",
        mend_en="`mingdeng rules history` lists what waits.", mend_zh="请用 `mingdeng rules history` 查看待审核项。",
    )  # fmt: skip


def _stories(store: Store, connection: Connection) -> tuple[LawStory, ...]:
    acts, found = connection.execute(_ACTS).all(), dict[int, LawStory]()
    texts = _texts(store, connection)  # read afterwards, so that none is missing
    for row in acts:
        if row.act == LawState.PROPOSED:
            found[row.law] = _proposed(row, texts[row.law])
        else:
            found[row.law] = msgspec.structs.replace(
                found[row.law], state=LawState(row.act), decided_by=row.who, decided_at=row.at,
                reason=row.reason or found[row.law].reason, published_as=row.revision,
            )  # fmt: skip
    return tuple(found.values())


def _texts(store: Store, connection: Connection) -> Mapping[int, LawText]:
    """Return every text by its number; those that were read before are not read again."""
    known = _READ.get(store, {})
    more = {row.law: _law_of(row.law_json) for row in connection.execute(_TEXTS, {"after": max(known, default=0)})}
    if more:
        known = _READ[store] = {**known, **more}
    return known


def _proposed(row: Any, law: LawText) -> LawStory:
    return LawStory(
        number=row.law, law=law, sha256=row.sha256, state=LawState.PROPOSED, proposed_by=row.who,
        proposed_at=row.at, reason=row.reason,
    )  # fmt: skip
