"""The memory of the house: one object, every verb one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from sqlalchemy import text

from alerts.cards import CountsFrom
from alerts.directory import Directory
from alerts.model import Attempt, CardChange, Delivery, Done, Receipt
from alerts.moves import Side
from connectors.base import Batch, Cursor
from ledger import (
    acts,
    cardlife,
    chain,
    claims,
    deliveries,
    digests,
    directories,
    events,
    gathering,
    holding,
    judgements,
    laws,
    replaying,
    rulechanges,
    schema,
)
from ledger.accounts import Accounts
from ledger.cardlife import Paper, Tell
from ledger.claims import Claimed
from ledger.deliveries import ClaimedDelivery
from ledger.digests import DueDigest
from ledger.directories import DirectoryVersion
from ledger.documents import Compose, Kept, make_document
from ledger.engine import Store
from ledger.events import Appended
from ledger.feedmeasures import Lag
from ledger.gathering import Changed, DueWindow, Gisted
from ledger.idempotency import Sent
from ledger.judgements import Affected, Recorded, RecordOutcome
from ledger.laws import LawState, LawStory, LawText
from ledger.replaying import Replayed
from ledger.savedviews import SavedViews
from rules.facts import CaseEvent, CaseId, Instant
from rules.judgement import Lost
from rules.policy import Colour
from rules.problems import Problem

_HEARTBEAT: Final = text(
    "insert into duties (duty, last_run_at, last_success_at, ok, detail)"
    " values (:duty, :now, :success, :ok, :detail) on conflict (duty) do update set"
    " last_run_at = excluded.last_run_at, ok = excluded.ok, detail = excluded.detail,"
    " last_success_at = coalesce(excluded.last_success_at, duties.last_success_at)"
)


class Ledger:
    """Remembers events, judgements, cards and deliveries in the database at ``url``.

    Nothing is opened before the first verb. May be shared by threads. ``now`` is always said by the caller.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    @cached_property
    def store(self) -> Store:
        """The database; opening it raises ``UserError`` if the address cannot be used."""
        return Store(self.url)

    @property
    def accounts(self) -> Accounts:
        """Who may sign in, with verbs of their own."""
        return Accounts(self.store)

    @property
    def saved_views(self) -> SavedViews:
        """The lists that people keep at hand, with verbs of their own."""
        return SavedViews(self.store)

    def close(self) -> None:
        """Let go of every connection; the next verb opens new ones."""
        if "store" in self.__dict__:
            self.store.close()
            del self.__dict__["store"]

    def upgrade(self) -> None:
        """Bring the database to the schema of this version."""
        schema.upgrade(self.store)

    def check(self) -> None:
        """Raise ``UserError`` unless the database has the schema of this version."""
        schema.check(self.store)

    def append(self, batch: Batch, now: Instant, lag: Lag | None = None) -> Appended:
        """Take in what one fetch brought: events, quarantined rows, cursor; ``lag`` measures how late they come."""
        return events.append(self.store, batch, now, lag)

    def ingest_failed(self, source: str, en: str, zh: str, now: Instant) -> None:
        """Note that a source could not be read, in a sentence of each language."""
        events.ingest_failed(self.store, source, en, zh, now)

    def replay(self, source: str, said: Mapping[int, Sequence[CaseEvent]], now: Instant) -> Replayed:
        """Take in what rows that were put aside say now, by their numbers, and let go of them."""
        return replaying.replay(self.store, source, said, now)

    def cursor(self, source: str) -> Cursor:
        """Return where a source was read up to."""
        return events.cursor(self.store, source)

    def claim(self, now: Instant, limit: int = 500, lease: int = 120) -> tuple[Claimed, ...]:
        """Take due cases for ``lease`` seconds."""
        return claims.claim(self.store, now, limit, lease)

    def claim_subjects(self, now: Instant, limit: int = 200, lease: int = 120) -> tuple[Claimed, ...]:
        """Take due units for pass B."""
        return claims.claim_subjects(self.store, now, limit, lease)

    def record(self, results: Sequence[Recorded], now: Instant) -> RecordOutcome:
        """Write down what came of claims; what is out of date is discarded and stays due."""
        return judgements.record(self.store, results, now)

    def set_aside(self, lost: Lost, now: Instant) -> None:
        """Note that a case could not be judged, until its revision changes."""
        judgements.set_aside(self.store, lost, now)

    def mark_due(
        self, kind: str, now: Instant, after: str = "", batch: int = 1000, affected: Affected | None = None
    ) -> str | None:
        """Make the next cases of a kind that a publication concerns due; return where to go on, None at the end."""
        return judgements.mark_due(self.store, kind, now, after, batch, affected)

    def note_changed_rules(
        self, rules: Collection[str], revision: int, now: Instant, after: str = "", batch: int = 1000
    ) -> str | None:
        """Tell the next open cards that a publication changed their rule; return where to go on, None at the end."""
        return rulechanges.note_changed_rules(self.store, rules, revision, now, after, batch)

    def next_due_at(self) -> Instant | None:
        """Return when there is something to claim; None if nothing waits."""
        return judgements.next_due_at(self.store)

    def due_channels(self, now: Instant) -> tuple[str, ...]:
        """Return the channels over which something is due."""
        return deliveries.due_channels(self.store, now)

    def ungathered(self, limit: int = 500) -> tuple[Changed, ...]:
        """Return the next cases of which something arrived since their gist was taken."""
        return gathering.ungathered(self.store, limit)

    def keep_gists(self, gisted: Sequence[Gisted], now: Instant) -> None:
        """Write the gists of changed cases and make the windows due that they concern."""
        gathering.keep_gists(self.store, gisted, now)

    def due_windows(self, now: Instant, limit: int = 50) -> tuple[DueWindow, ...]:
        """Return the windows that have to be told, each with its gists."""
        return gathering.due_windows(self.store, now, limit)

    def tell(self, due: DueWindow, events: Iterable[CaseEvent], now: Instant) -> int:
        """Append what follows from a window and retract what no longer does; return how many events that brought."""
        return gathering.tell(self.store, due, events, now)

    def note_facts(self, facts: Sequence[CaseEvent], now: Instant) -> int:
        """Append facts that follow from no case, such as the items of a catalogue; return how many were new."""
        return gathering.note_facts(self.store, facts, now)

    def next_gathering_at(self) -> Instant | None:
        """Return when there is something to gather; None if nothing waits."""
        return gathering.next_gathering_at(self.store)

    def claim_deliveries(
        self, now: Instant, limit: int = 100, lease: int = 60, channel: str | None = None
    ) -> tuple[ClaimedDelivery, ...]:
        """Take deliveries that are due, over one channel or any."""
        return deliveries.claim_deliveries(self.store, now, limit, lease, channel)

    def give_back(self, claimed: Sequence[ClaimedDelivery], due_at: Instant, further: Sequence[Delivery] = ()) -> None:
        """Let go of deliveries that were claimed and not attempted until ``due_at``; put ``further`` into the outbox."""
        deliveries.give_back(self.store, claimed, due_at, further)

    def start(self, claimed: ClaimedDelivery, now: Instant) -> Attempt:
        """Write the attempt that is about to be made; raise ``LeaseLost`` if it is no longer ours."""
        return deliveries.start(self.store, claimed, now)

    def start_many(self, claimed: Sequence[ClaimedDelivery], now: Instant) -> tuple[Attempt, ...]:
        """Write attempts in one transaction; those that are no longer ours are left out."""
        return deliveries.start_many(self.store, claimed, now)

    def finish(self, attempt: Attempt, receipt: Receipt, retry_at: Instant | None, now: Instant) -> None:
        """Write what came of an attempt."""
        deliveries.finish(self.store, attempt, receipt, retry_at, now)

    def finish_many(
        self,
        finished: Sequence[tuple[Attempt, Receipt, Instant | None]],
        now: Instant,
        further: Sequence[Delivery] = (),
    ) -> None:
        """Write what came of attempts and the deliveries that stand in for some, in one transaction."""
        deliveries.finish_many(self.store, finished, now, further)

    def next_delivery_at(self) -> Instant | None:
        """Return when there is something to send; None if the outbox is done."""
        return deliveries.next_delivery_at(self.store)

    def due_digests(self, now: Instant, most_parts: int) -> tuple[DueDigest, ...]:
        """Return what waits for a digest that is due, by address."""
        return digests.due_digests(self.store, now, most_parts)

    def send_digest(self, parts: Sequence[Delivery], bundle: Delivery | None, now: Instant) -> bool:
        """Put one message into the outbox in place of its parts (the parts themselves if None); False if overtaken."""
        return digests.send_digest(self.store, parts, bundle, now)

    def next_digest_at(self) -> Instant | None:
        """Return when the next digest is due; None if nothing waits for one."""
        return digests.next_digest_at(self.store)

    def told_counts(self, addresses: Sequence[str], from_day: str) -> dict[tuple[str, str, str], int]:
        """Return how many single messages (channel, address, day) has, from a day on."""
        return digests.told_counts(self.store, addresses, from_day)

    def silent_sources(self, families: Collection[str], now: Instant) -> frozenset[str]:
        """Return the sources of which a finding of one of these families stands."""
        return holding.silent_sources(self.store, families, now)

    def release_held(self, families: Collection[str], now: Instant) -> int:
        """Make the cases due whose cards wait for a source that speaks again; return how many."""
        return holding.release_held(self.store, families, now)

    def import_directory(self, directory: Directory, by: str, now: Instant, note: str = "") -> int:
        """Put an organisation directory in force; return its version."""
        return directories.import_directory(self.store, directory, by, now, note)

    def directory_version(self) -> int:
        """Return the number of the organisation directory in force, 0 if none was imported."""
        return directories.directory_version(self.store)

    def directory(self, version: int | None = None) -> Directory | None:
        """Return the organisation directory in force, or a version of it."""
        return directories.directory(self.store, version)

    def directory_history(self) -> tuple[DirectoryVersion, ...]:
        """Return every import of the organisation directory, the earliest first."""
        return directories.directory_history(self.store)

    def heartbeat(self, duty: str, now: Instant, ok: bool, detail: str = "") -> None:
        """Note that a duty ran, and whether it succeeded."""
        told = {"duty": duty, "now": now, "success": now if ok else None, "ok": ok, "detail": detail}
        with self.store.writing() as connection:
            self.store.many(connection, _HEARTBEAT, [told])

    def note_act(
        self, now: Instant, *, who: str, act: str, target: str = "", detail: str = "", address: str = ""
    ) -> None:
        """Write what somebody did, or looked at, into the audit chain."""
        acts.note_act(self.store, now, who=who, act=act, target=target, detail=detail, address=address)

    def propose_law(self, law: LawText, who: str, now: Instant, reason: str = "") -> int:
        """Lay a law before a second person; return its number."""
        return laws.propose_law(self.store, law, who, now, reason)

    def approve_law(self, number: int, who: str, now: Instant, expected: int | None = None) -> int:
        """Publish a proposed law, by another person than who proposed it; return the law's new revision."""
        return laws.approve_law(self.store, number, who, now, expected)

    def reject_law(self, number: int, who: str, now: Instant, reason: str) -> LawState:
        """Turn a proposed law down; who proposed it withdraws it thereby."""
        return laws.reject_law(self.store, number, who, now, reason)

    def law_history(self) -> tuple[LawStory, ...]:
        """Return every law that was ever proposed, the earliest first."""
        return laws.law_history(self.store)

    def published(self, revision: int | None = None) -> tuple[LawStory, ...]:
        """Return what was published up to a revision of the law, in its order."""
        return laws.published(self.store, revision)

    def law_revision(self) -> int:
        """Return how often a law was published."""
        return laws.law_revision(self.store)

    def unmarked_laws(self) -> tuple[int, ...]:
        """Return the revisions of the law of which not every concerned case was made due yet."""
        return laws.unmarked_laws(self.store)

    def law_marked(self, revision: int, now: Instant) -> None:
        """Note that every case that a publication concerns was made due."""
        laws.law_marked(self.store, revision, now)

    def mark_subjects_due(self, now: Instant) -> None:
        """Make every unit that was judged due."""
        laws.mark_subjects_due(self.store, now)

    def act(
        self, card_id: str, serial: int, done: Done, side: Side, now: Instant, zone: str,
        counts_from: CountsFrom, tell: Tell, attached: Sequence[Paper] = (),
    ) -> CardChange:  # fmt: skip
        """Do what a person decided to a card; raise ``UserError`` if somebody was first or it may not be."""
        return cardlife.act(self.store, card_id, serial, done, side, now, zone, counts_from, tell, attached)

    def issue_by_hand(
        self, case_id: CaseId, colour: Colour, basis: str, done: Done, now: Instant,
        counts_from: CountsFrom, tell: Tell, sent: Sent | None = None,
    ) -> CardChange:  # fmt: skip
        """Issue a card on a case because a person found something (人工发牌); once for each form that was sent."""
        return cardlife.issue(self.store, case_id, colour, basis, done, now, counts_from, tell, sent)

    def paper(self, card_id: str, digest: str) -> Paper | None:
        """Return what somebody attached to a card."""
        return cardlife.paper(self.store, card_id, digest)

    def make_document(
        self, card_id: str, serial: int, organ: str, by: str, now: Instant, zone: str, compose: Compose,
        sent: Sent | None = None,
    ) -> Kept:  # fmt: skip
        """Number a document of a card and keep what it says; raise ``UserError`` if the card has changed since."""
        return make_document(self.store, card_id, serial, organ, by, now, zone, compose, sent)

    def verify(self) -> tuple[Problem, ...]:
        """Recompute the hash chains; return where they are broken."""
        return chain.verify(self.store)
