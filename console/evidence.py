"""The evidence pack of a card: everything that an auditor needs to work it out again, in one ZIP."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from alerts.documents.as_html import as_html
from alerts.documents.as_pdf import as_pdf
from alerts.documents.model import encode
from alerts.documents.packing import as_json, packed
from console.cardfiles import explanation_of
from console.desk import Desk
from console.explained import fragment
from console.sheets import Cell, Sheet, as_csv
from ledger import views
from ledger.views import AttemptStory, CardStory, DeliveryStory
from ledger.views.proof import Proof, proof
from rules.calendars import DayReason
from rules.explain import as_text
from rules.explanation import Explanation
from rules.facts import Instant
from rules.problems import Language, UserError

LANGUAGES: Final[tuple[Language, Language]] = ("zh", "en")
MOST_DAYS: Final = 3_660


def evidence_pack(desk: Desk, story: CardStory) -> bytes:
    """Return the pack of a card as the ledger tells it now; the same ledger at the same instant gives the same bytes."""
    card = story.card
    links = proof(desk.ledger, card.card_id, card.case_id)
    explanation = explanation_of(desk, story.about)
    files: dict[str, bytes] = {
        **_of_chain(links), **_of_facts(desk, story), **_of_notices(desk, story), **_of_papers(desk, story),
        **_of_documents(desk, card.card_id), **_of_law(desk, story, explanation),
    }  # fmt: skip
    if explanation is not None:
        files |= _of_clocks(explanation)
    return packed(card.card_id, files)


def _of_chain(links: Proof) -> dict[str, bytes]:
    """Return card and changes exactly as they stand under the hashes, and the hashes themselves."""
    changes = [
        json.loads(base64.b64decode(json.loads(link.content)[-1]))
        for link in links.links
        if link.chain == "card_changes"
    ]
    return {
        "changes.json": as_json(changes),
        "card.json": as_json(changes[-1]["card"] if changes else {}),
        "proof/links.json": as_json(msgspec.to_builtins(links.links)),
        "proof/heads.json": as_json(msgspec.to_builtins(links.heads)),
    }


def _of_facts(desk: Desk, story: CardStory) -> dict[str, bytes]:
    received = story.about.received if story.about is not None else ()
    headings = (
        "occurred_at",
        "name",
        "source",
        "event_id",
        "version",
        "inserted_at",
        "received_at",
        "retracted",
        "data",
    )
    rows = [
        (
            _iso(desk, each.occurred_at), each.name, each.source, each.event_id, each.version,
            _iso(desk, each.inserted_at), _iso(desk, each.received_at), int(each.retracted),
            json.dumps(msgspec.to_builtins(each.data), ensure_ascii=False, sort_keys=True),
        )
        for each in received
    ]  # fmt: skip
    return {
        "facts.json": as_json(msgspec.to_builtins(received)),
        "facts.csv": as_csv(Sheet("facts", headings, rows)),
    }


def _of_clocks(explanation: Explanation) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for language in LANGUAGES:
        found[f"clock.{language}.txt"] = as_text(explanation, language).encode()
        page = f'<!doctype html><meta charset="utf-8"><title>{language}</title>\n{fragment(explanation, language)}\n'
        found[f"clock.{language}.html"] = page.encode()
    return found


def _of_notices(desk: Desk, story: CardStory) -> dict[str, bytes]:
    own = [each for view in (story.about, story.own) if view is not None for each in _notices(view, story.card.card_id)]
    headings = (
        "serial",
        "recipient",
        "rank",
        "channel",
        "address",
        "subject",
        "state",
        "attempt",
        "started_at",
        "finished_at",
        "outcome",
        "answer",
    )
    rows = [row for told, tries in own for row in _tried(desk, told, tries)]
    content = [{**msgspec.to_builtins(told), "attempts": msgspec.to_builtins(tries)} for told, tries in own]
    return {"notices.json": as_json(content), "notices.csv": as_csv(Sheet("notices", headings, rows))}


def _notices(view: views.CaseView, card_id: str) -> Iterator[tuple[DeliveryStory, list[AttemptStory]]]:
    for told in view.deliveries:
        if told.delivery.card_id == card_id:
            yield told, [each for each in view.attempts if each.key == told.delivery.key]


def _tried(desk: Desk, told: DeliveryStory, tries: Sequence[AttemptStory]) -> Iterator[tuple[Cell, ...]]:
    said = told.delivery
    head = (said.serial, said.recipient, said.rank, said.channel, said.address, said.subject, told.state)
    if not tries:
        yield (*head, None, None, None, None, None)
    for each in tries:
        yield (
            *head, each.number, _iso(desk, each.started_at), _iso(desk, each.finished_at), each.outcome, each.answer,
        )  # fmt: skip


def _of_papers(desk: Desk, story: CardStory) -> dict[str, bytes]:
    """Return what people attached, each under its digest: no name that somebody chose is a path here."""
    named = {
        paper.sha256: paper for change in story.changes if change.done is not None for paper in change.done.evidence
    }
    found = {digest: desk.ledger.paper(story.card.card_id, digest) for digest in named}
    return {
        "papers.json": as_json(msgspec.to_builtins([named[digest] for digest in sorted(named)])),
        **{f"papers/{digest}": paper.content for digest, paper in found.items() if paper is not None},
    }


def _of_documents(desk: Desk, card_id: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for kept in views.documents_of(desk.ledger, card_id):
        name = f"documents/{kept.position}"
        found[f"{name}.json"] = encode(kept.document)
        found[f"{name}.html"] = as_html(kept.document, desk.language)
        found[f"{name}.pdf"] = as_pdf(kept.document, desk.language)
    return found


def _of_law(desk: Desk, story: CardStory, explanation: Explanation | None) -> dict[str, bytes]:
    """Return the texts by which the card was judged: its rulebook, the catalogue, the calendar over the clocks' days."""
    pin = story.card.pin
    policy = desk.policies.get(story.card.rule)
    found = {
        "law/versions.json": as_json(msgspec.to_builtins(pin)),
        "law/rule.json": as_json(msgspec.to_builtins(policy)),
    }
    try:
        files = desk.workshop.files()
    except (UserError, OSError, ValueError):
        files = ()
    for each in files:
        if each.kind == "catalogue" or each.name == pin.rulebook.partition("@")[0]:
            found[f"law/{each.kind}-{_plain(each.name)}-{each.version}.yaml"] = each.text.encode()
    days = _days(desk, pin.calendar.partition("@")[0], explanation)
    return {**found, "law/calendar.json": as_json(days)} if days else found


def _days(desk: Desk, name: str, explanation: Explanation | None) -> Mapping[str, object]:
    """Return every day from the first start of a clock to the last due day, as the calendar counts it."""
    clocks = explanation.clocks if explanation is not None else ()
    instants = [at for clock in clocks for at in (clock.started_at, clock.due_at, clock.stopped_at) if at is not None]
    try:
        calendar = desk.workshop.calendars().get(name)
    except (UserError, LookupError, ValueError):
        return {}
    if not instants:
        return {}
    first, last = calendar.on(min(instants)), calendar.on(max(instants))
    every = [first + dt.timedelta(days=n) for n in range(min((last - first).days + 1, MOST_DAYS))]
    told = {
        on.isoformat(): {
            "counts": calendar.is_workday(on),
            "hours": calendar.hours_text(on),
            **_why(calendar.reason(on)),
        }
        for on in every
    }
    return {"calendar": f"{calendar.name}@{calendar.version}", "zone": calendar.zone, "days": told}


def _why(reason: DayReason) -> dict[str, str]:
    return {"kind": reason.kind.value, "zh": reason.zh, "en": reason.en, "notice": reason.notice}


def _iso(desk: Desk, at: Instant | None) -> str | None:
    return None if at is None else dt.datetime.fromtimestamp(at, ZoneInfo(desk.zone)).isoformat()


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in name)
