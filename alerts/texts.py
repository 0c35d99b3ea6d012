"""Words a change of a card for its reader: subject, body and facts of a notice, in plain official language.

Every sentence stands in the glossary; a rule adds its own by ``say``. Values are filled in once, as neutral strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote

from alerts.model import Card, CardChange, CardState, ChangeKind, Deed
from rules.facts import Instant
from rules.glossary import label, moment, worded
from rules.judgement import Moment, Shown
from rules.placeholders import fill, language_of, neutral
from rules.policy import Colour, Policy, Rank
from rules.problems import Language
from rules.telling import NAMELESS, Units, placed, sentence, unit_name

MAX_SUBJECT = 120


class Notice(NamedTuple):
    """What a recipient reads (``subject``, ``body``) and what a program reads (``facts``)."""

    subject: str
    body: str
    facts: Mapping[str, str]


class Wording(NamedTuple):
    """How a reader is addressed: language, zone of instants without one of their own, address of the console or "",
    names of the units by language, whom to ask."""

    language: Language
    zone: str
    base_url: str = ""
    units: Mapping[str, Mapping[str, str]] = {}
    contact: str = ""

    def unit(self, code: str) -> str:
        """Return the name of a unit, its code if it has none."""
        return unit_name(code, self.language, self.units)


def say(policy: Policy, values: Mapping[str, Shown], language: Language, units: Units = NAMELESS) -> str:
    """Return the rule's own sentence with its placeholders filled in, "" if the rule has none; ``—`` is not known."""
    own = {"rule.id": policy.rule, "rule.title": language_of(policy.title, language)}
    own["rule.basis"] = language_of(policy.basis, language)
    return sentence(language_of(policy.say, language).strip(), {**values, **own}, language, units)


def notice(
    change: CardChange, policies: Mapping[str, Policy], wording: Wording, not_told: tuple[Rank, ...] = ()
) -> Notice:
    """Return the notice of one change; ``not_told`` are ranks that have no recipient, which only the owner is told."""
    card = change.card
    language = wording.language
    policy = policies.get(card.rule)
    title = title_of(card.rule, policies, language)
    own = say(policy, card.values, language, wording.units) if policy is not None and _still_says(change) else ""
    rows = [(label("fields", name, language), text) for name, text in _rows(change, policy, wording, title, not_told)]
    colon = "：" if language == "zh" else ": "
    lines = [_sentence(change, policies, wording), own, "", *(f"{name}{colon}{neutral(text)}" for name, text in rows)]
    body = "\n".join(line for number, line in enumerate(lines) if line or number == 2) + "\n"
    return Notice(_subject(change, title, wording), body, _facts(change, policy, wording, not_told))


def title_of(rule: str, policies: Mapping[str, Policy], language: Language) -> str:
    """Return the rule's id and title, or the id alone where the rule is no longer in force."""
    policy = policies.get(rule)
    return f"{rule} {language_of(policy.title, language)}".strip() if policy is not None else rule


def card_link(base_url: str, card: str) -> str:
    """Return the address of the card's page, "" without a console."""
    return f"{base_url.rstrip('/')}/cards/{quote(card, safe='')}" if base_url else ""


def reference(card: Card) -> str:
    """Return the short reference of one change of a card, which a person can read out."""
    return f"{card.card_id}-{card.serial}"


def _subject(change: CardChange, title: str, wording: Wording) -> str:
    card, language = change.card, wording.language
    unit = wording.unit(card.unit)
    heading = "measure" if card.proposes and change.kind is ChangeKind.PROPOSED else change.kind.value
    colour = change.was if change.kind is ChangeKind.REVOKED and change.was else card.colour
    said = fill(label("headings", heading, language), {"colour": label("colours", colour, language)})
    about = card.case_id.case_no if card.case_id.kind != "unit" else ""
    if language == "zh":
        text = f"【{said}】{unit}：{title}" + (f"（{about}）" if about else "")
    else:
        text = f"[{said}] {unit}: {title}" + (f" ({about})" if about else "")
    plain = neutral(text)
    return plain if len(plain) <= MAX_SUBJECT else plain[: MAX_SUBJECT - 1] + "…"


def _sentence(change: CardChange, policies: Mapping[str, Policy], wording: Wording) -> str:
    card, language = change.card, wording.language
    next_policy = policies.get(card.awaits)
    words = {
        "unit": wording.unit(card.unit),
        "colour": label("colours", card.colour, language),
        "was": label("colours", change.was or card.colour, language),
        "measure": label("measures", change.done.measure if change.done else card.proposes, language),
        "next": label("colours", (next_policy.card if next_policy else None) or Colour.RED, language),
        "next_title": title_of(card.awaits, policies, language),
    }
    return fill(label("sentences", _which_sentence(change), language), words)


def _still_says(change: CardChange) -> bool:
    """Say whether the rule's own sentence, with due instant and amounts, is what this change is about.

    It is not where the card was revoked, where what was near has passed, and where a graver card is proposed.
    """
    card = change.card
    passed = change.kind is ChangeKind.ENDED and card.colour is Colour.REMINDER
    graver = change.kind is ChangeKind.PROPOSED and card.state is not CardState.PENDING
    by_people = change.done is not None and change.kind is not ChangeKind.ISSUED
    return not (change.kind is ChangeKind.REVOKED or passed or graver or by_people)


def _which_sentence(change: CardChange) -> str:
    """Return the key of the sentence that says what happened."""
    card = change.card
    if change.done is not None:
        return f"deed_{change.done.deed.value}"
    match change.kind:
        case ChangeKind.PROPOSED if card.state is not CardState.PENDING:
            return "proposed_rise" if card.awaits else "proposed_lapsed"
        case ChangeKind.PROPOSED:
            return "measure" if card.proposes else "proposed"
        case ChangeKind.REVOKED if change.was is None:
            return "measure_revoked" if card.proposes else "proposed_revoked"
        case ChangeKind.ISSUED if change.was is not None:
            return "issued_again"
        case ChangeKind.ENDED if card.colour is Colour.REMINDER:
            return "ended_reminder"
        case ChangeKind.CORRECTED if change.was in {None, card.colour}:
            return "corrected_same"
        case kind:
            return kind.value


def _rows(
    change: CardChange, policy: Policy | None, wording: Wording, title: str, not_told: tuple[Rank, ...]
) -> Iterator[tuple[str, str]]:
    """Yield the named facts under the sentence, the most needed first, without those that are not known."""
    card, language = change.card, wording.language
    yield "unit", wording.unit(card.unit)
    if card.case_id.kind != "unit":
        yield "case_no", card.case_id.case_no
    item = card.values.get("item.name")
    if item or card.item:
        yield "item", worded(item, language) if item else card.item
    yield "rule", title
    basis = language_of(policy.basis, language) if policy is not None else ""
    if basis:
        yield "basis", basis
    clock = clock_of(card, policy)
    for name in ("due_at", "over_by", "left") if _still_says(change) else ():
        value = card.values.get(f"clock.{clock}.{name}")
        if value:
            yield name, placed(f"clock.{clock}.{name}", value, language)
    counts_at = card.counts_at if card.state is CardState.ISSUED and card.colour is not Colour.REMINDER else None
    for name, at in (("raised_at", card.raised_at), ("ended_at", card.ended_at), ("counts_at", counts_at)):
        if at is not None:
            yield name, moment(Moment(at, wording.zone), language)
    if card.reason and change.done is None:
        yield "reason", label("reasons", card.reason, language)
    yield from _said(change, language)
    if not_told:
        yield "no_recipient", ("；" if language == "zh" else "; ").join(_rank(rank, language) for rank in not_told)
    yield from _to_do(change, wording)
    yield "versions", " · ".join(part for part in (card.pin.rulebook, card.pin.calendar, card.pin.item) if part)
    yield "reference", reference(card)


def _to_do(change: CardChange, wording: Wording) -> Iterator[tuple[str, str]]:
    """Yield what has to be done by when, where it is done, and whom to ask."""
    card, language = change.card, wording.language
    key = _which_to_do(change)
    if key:
        by = moment(Moment(card.counts_at, wording.zone), language) if card.counts_at is not None else ""
        yield "todo", fill(label("sentences", key, language), {"unit": wording.unit(card.unit), "by": by})
    link = card_link(wording.base_url, card.card_id)
    if link:
        yield "link", link
    if wording.contact:
        yield "contact", wording.contact


def _which_to_do(change: CardChange) -> str:
    """Return the key of the sentence that says what to do, "" where the first sentence says it."""
    card, by_people = change.card, change.done is not None and change.done.deed not in {Deed.ISSUE, Deed.CONFIRM}
    match change.kind:
        case ChangeKind.PROPOSED if card.state is not CardState.PENDING and not card.awaits:
            return "todo_nothing"
        case ChangeKind.PROPOSED:
            return "todo_measure" if card.proposes else "todo_confirm"
        case ChangeKind.REVOKED:
            return "todo_nothing"
        case ChangeKind.ENDED:
            return "todo_nothing" if card.colour is Colour.REMINDER else "todo_ended"
        case _ if by_people or change.kind is ChangeKind.CORRECTED:
            return ""
        case _ if card.colour is Colour.REMINDER:
            return "todo_reminder"
    return "todo_answer" if card.counts_at is not None else ""


def _said(change: CardChange, language: Language) -> Iterator[tuple[str, str]]:
    """Yield what a person said of the change; who it was stays within the office (domain.md 10, 24)."""
    done = change.done
    if done is None:
        return
    if done.ground:
        yield "ground", label("grounds", done.ground, language)
    if done.text:
        yield "said", done.text
    if done.document:
        yield "document", done.document
    if done.decided_on is not None:
        yield "decided_on", done.decided_on.isoformat()
    if done.evidence:
        yield "papers", ("、" if language == "zh" else ", ").join(paper.name for paper in done.evidence)


def clock_of(card: Card, policy: Policy | None) -> str:
    """Return the clock that the rule's own message speaks of, else the clock of the card."""
    for text in policy.say.values() if policy is not None else ():
        spoken = re.search(r"\{\s*clock\.([a-z][a-z0-9_]*)\.", text)
        if spoken is not None:
            return spoken[1]
    return card.clock


def _rank(rank: Rank, language: Language) -> str:
    return f"{rank.value} {label('ranks', rank.value, language)}"


def _facts(change: CardChange, policy: Policy | None, wording: Wording, not_told: tuple[Rank, ...]) -> dict[str, str]:
    """Return the notice for programs: codes rather than labels, instants as seconds, nothing that is not known."""
    card = change.card
    due = card.values.get(f"clock.{clock_of(card, policy)}.due_at")
    facts: dict[str, str | Instant | None] = {
        "change": change.kind.value,
        "card": card.card_id,
        "serial": card.serial,
        "colour": card.colour.value,
        "was": change.was.value if change.was else "",
        "state": card.state.value,
        "stage": card.stage.value,
        "deed": change.done.deed.value if change.done else "",
        "rule": card.rule,
        "awaits": card.awaits,
        "proposes": card.proposes,
        "namespace": card.case_id.namespace,
        "kind": card.case_id.kind,
        "case_no": card.case_id.case_no,
        "unit": card.unit,
        "item": card.item,
        "due_at": due.at if isinstance(due, Moment) else None,
        "raised_at": card.raised_at,
        "issued_at": card.issued_at,
        "ended_at": card.ended_at,
        "revoked_at": card.revoked_at,
        "counts_at": card.counts_at,
        "reason": card.reason,
        "rulebook": card.pin.rulebook,
        "calendar": card.pin.calendar,
        "item_version": card.pin.item,
        "no_recipient": ",".join(rank.value for rank in not_told),
        "language": wording.language,
        "link": card_link(wording.base_url, card.card_id),
    }
    return {name: neutral(str(value)) for name, value in facts.items() if value is not None and value != ""}
