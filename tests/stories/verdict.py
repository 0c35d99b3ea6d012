"""What a ledger says at the end of a story, all at once, and whether its messages and its books are in order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from alerts.model import CardChange
from alerts.plan import plan
from alerts.urgeplan import plan_urges
from alerts.urging import Urge
from daemon.alerting import routes_of
from daemon.bootstrap import law_of
from daemon.law import Law
from daemon.settings import Settings
from ledger import Ledger, views
from rules.facts import Instant
from tests.stories import checks, evidence
from tests.stories.checks import CardFace, Cut, Part, Told, Tried
from tests.stories.memory import Asked
from tests.stories.receiver import Received


class Testimony(NamedTuple):
    """Everything that the checks ask of a ledger."""

    events: Sequence[Told]
    changes: Sequence[CardChange]
    serials: Mapping[str, int]
    faces: Mapping[str, CardFace]
    urges: Sequence[Urge]
    deliveries: Mapping[str, str]
    parts: Sequence[Part]
    attempts: Sequence[Tried]

    def repeats(self, received: Sequence[Received]) -> int:
        """Return how many requests were taken beyond one for each message that was sent."""
        return sum(each.status == 200 for each in received) - len(self.deliveries.keys() - self._parts())

    def _parts(self) -> set[str]:
        return {part.key for part in self.parts}

    def sent(self) -> dict[str, str]:
        """Return the state of every message that is a message of its own."""
        return {key: state for key, state in self.deliveries.items() if key not in self._parts()}


def testimony(connection: Asked) -> Testimony:
    """Ask everything, at one moment."""
    return Testimony(
        events=evidence.events(connection),
        changes=evidence.card_changes(connection),
        serials=evidence.serials(connection),
        faces=evidence.faces(connection),
        urges=evidence.urges(connection),
        deliveries=evidence.deliveries(connection),
        parts=evidence.parts(connection),
        attempts=evidence.attempts(connection),
    )


def post_faults(
    said: Testimony, received: Sequence[Received], cuts: Collection[Cut], settings: Settings, now: Instant
) -> list[str]:
    """Return what is wrong with messages: every change and every urge told exactly once, or marked as possible repeat."""
    policies, routes = law_of(settings).books.policies, routes_of(settings, "")
    planned = (
        *plan(said.changes, routes, policies, now, settings.rules.zone),
        *plan_urges(said.urges, routes, policies, settings.rules.zone),
    )
    keys = {each.key for each in planned}
    return [
        *(f"the delivery {part.key} was never planned" for part in said.parts if part.key not in keys),
        *checks.wrong_digests(said.parts, said.deliveries, now),
        *checks.undelivered(checks.sent_as(keys, said.parts), said.sent(), received),
        *checks.wrong_repeats(received, cuts),
        *checks.wrong_unknowns(said.attempts, cuts),
        *checks.unlike_the_ledger(said.attempts, received, cuts),
        *doubled_urges(said.urges),
    ]


def doubled_urges(urges: Sequence[Urge]) -> Iterator[str]:
    """Yield the findings that were urged twice since the same instant."""
    seen: set[tuple[str, str, Instant]] = set()
    for each in urges:
        about = (str(each.case_id), each.rule, each.due_at)
        if about in seen:
            yield f"{each.rule} on {each.case_id}, due at {each.due_at}, was urged twice"
        seen.add(about)


def broken_books(url: str, law: Law, now: Instant) -> list[str]:
    """Return broken chains, counters that count wrongly, and steps of escalation that are due and did not run."""
    telling = {name for name, policy in law.books.policies.items() if policy.tell is not None}
    ledger = Ledger(url)
    try:
        missed = views.steps(ledger, telling, now, grace=0).missed
        return [
            *map(str, ledger.verify()),
            *map(str, views.recount(ledger)),
            *(f"{each.rule} on {each.case_id}, due at {each.due_at}, was never urged" for each in missed),
        ]
    finally:
        ledger.close()
