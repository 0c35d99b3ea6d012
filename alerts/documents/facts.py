"""The words that templates of documents may use, and what each says of a card's file; what is not known is "".

Whatever departments and people wrote is made neutral here, once: text that no form reads as anything but text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from alerts.documents.cardfile import CardFile, Numbered
from alerts.documents.model import Said
from alerts.model import Card, CardChange, Deed
from alerts.texts import clock_of, reference, say
from rules.explanation import ClockStory
from rules.facts import Instant
from rules.glossary import label, moment, worded
from rules.judgement import Moment, Shown
from rules.placeholders import language_of, neutral
from rules.problems import Language
from rules.telling import placed

LONGEST: Final = 6_000
"""What one value may say; a person's longer text is in the evidence pack."""

LANGUAGES: Final[tuple[Language, Language]] = ("zh", "en")


def facts(file: CardFile) -> dict[str, Said]:
    """Return every word with what it says of this file, all but those of the number and the date."""
    card = file.card
    known = {
        "addressee": file.unit, "unit": file.unit, "cc": Said(), "office": same(file.office.name),
        "contact": same(file.office.contact), "reference": same(reference(card)),
        "case_no": same(card.case_id.case_no if card.case_id.kind != "unit" else ""),
        "case_kind": labelled("case_kinds", card.case_id.kind), "person": same(card.person),
        "colour": labelled("colours", card.colour), "issue": labelled("issue_modes", card.issue),
        "stage": labelled("stages", card.stage), "step": _step(card),
        "revoked_because": _revoked(file),
    }  # fmt: skip
    return {**known, **_of_rule(file), **_instants(file), **_arithmetic(file), **_deeds(file), **_deadlines(file)}


def numbered(file: CardFile, made: Numbered) -> dict[str, Said]:
    """Return the words that say under which number and when the document is made."""
    day = dt.datetime.fromtimestamp(made.at, ZoneInfo(file.zone))
    quoted = f"{file.office.code}〔{made.year}〕"
    return {
        "number": Said(f"{quoted}第 {made.number} 号", f"{quoted} No. {made.number}"),
        "made_on": Said(f"{day.year}年{day.month}月{day.day}日", f"{day:%Y-%m-%d}"),
    }


def same(text: str) -> Said:
    """Return a text that is the same in both languages, made neutral line by line."""
    lines = [neutral(line) for line in text[:LONGEST].splitlines()]
    plain = "\n".join(line for line in lines if line)
    return Said(plain, plain)


def labelled(group: str, key: str) -> Said:
    """Return a key's labels in the glossary."""
    return Said(label(group, key, "zh"), label(group, key, "en"))


def instant(file: CardFile, at: Instant | None, zone: str = "", provisional: bool = False) -> Said:
    """Return an instant as both languages write it, in the centre's zone if none is given."""
    if at is None:
        return Said()
    return _both(lambda language: moment(Moment(at, zone or file.zone, provisional), language))


def story(file: CardFile) -> ClockStory | None:
    """Return the clock that the card is about, with its days; None where it is about none or cannot be explained."""
    name = clock_of(file.card, file.policy)
    clocks = file.explanation.clocks if file.explanation is not None else ()
    return next((c for c in clocks if c.name == name and c.ordinal == file.card.ordinal), None)


def deed_of(file: CardFile, *deeds: Deed) -> CardChange | None:
    """Return the last change by which somebody did one of these deeds."""
    return next((c for c in reversed(file.changes) if c.done is not None and c.done.deed in deeds), None)


def _both(said: Callable[[Language], str]) -> Said:
    return Said(*(neutral(said(language)) for language in LANGUAGES))


def _step(card: Card) -> Said:
    """Return the step that the card is about, by the step's own name."""
    clock = card.values.get(f"clock.{card.clock}.key")
    name, value = (f"clock.{card.clock}.key", clock) if clock else ("case.step", card.values.get("case.step", ""))
    return _both(lambda language: placed(name, value, language))


def _shown(value: Shown | None) -> Said:
    return Said() if value is None else _both(lambda language: worded(value, language))


def _of_rule(file: CardFile) -> dict[str, Said]:
    """Say what was found, by which rule and article; of a card by hand, what its issuer wrote."""
    card, policy, values = file.card, file.policy, file.card.values
    item = values.get("item.name")
    name = _shown(item) if item else same(card.item)
    found, basis, title = _shown(values.get("found")), _shown(values.get("basis")), Said()
    if policy is not None:
        names = {card.unit: {"zh": file.unit.zh, "en": file.unit.en}}
        found = _both(lambda language: say(policy, values, language, names))
        basis = _both(lambda language: language_of(policy.basis, language))
        title = _both(lambda language: language_of(policy.title, language))
    rule = (
        Said(*(neutral(f"{card.rule} {title.of(language)}") for language in LANGUAGES))
        if title.zh
        else labelled("documents", "by_hand")
    )
    business = (
        name
        if not card.item or name.zh == card.item
        else Said(*(f"{name.of(each)} ({neutral(card.item)})" for each in LANGUAGES))
    )
    return {
        "business": business, "item": name, "finding": found, "basis": basis, "rule": rule,
        "rule_title": title if title.zh else rule,
    }  # fmt: skip


def _instants(file: CardFile) -> dict[str, Said]:
    card = file.card
    return {
        name: instant(file, at)
        for name, at in (
            ("raised_at", card.raised_at), ("issued_at", card.issued_at), ("ended_at", card.ended_at),
            ("counts_at", card.counts_at),
        )
    }  # fmt: skip


def _arithmetic(file: CardFile) -> dict[str, Said]:
    """Say how the limit was counted, from the explanation, else from what the card remembers of its clock."""
    told, values, name = story(file), file.card.values, clock_of(file.card, file.policy)

    def kept(word: str) -> Said:
        return _shown(values.get(f"clock.{name}.{word}"))

    if told is None:
        words = ("started_at", "limit", "due_at", "used", "over_by")
        return {"clock": kept("title"), "counting": Said(), **{word: kept(word) for word in words}}
    due = instant(file, told.due_at, told.zone, told.provisional)
    return {
        "clock": _both(lambda language: told.title.get(language, told.name)),
        "started_at": instant(file, told.started_at, told.zone),
        "limit": _shown(told.limit), "due_at": due,
        "counting": _both(lambda each: f"{label('countings', told.counting, each)} · {told.calendar}".strip(" ·")),
        "used": _shown(told.used), "over_by": _shown(told.over_by),
    }  # fmt: skip


_SAID: Final[Mapping[str, tuple[Deed, ...]]] = {
    "explained": (Deed.EXPLAIN,),
    "appealed": (Deed.APPEAL,),
    "decided": (Deed.UPHOLD, Deed.REVOKE, Deed.RETURN, Deed.ESCALATE),
    "rectified": (Deed.RECTIFY,),
    "verified": (Deed.VERIFY,),
}
"""Words that tell what was said with the last of these deeds; ``<word>_at`` when, ``<word>_papers`` with which papers."""


def _deeds(file: CardFile) -> dict[str, Said]:
    found: dict[str, Said] = {"decision": Said()}
    for word, deeds in _SAID.items():
        change = deed_of(file, *deeds)
        done = change.done if change is not None else None
        found[word] = same(done.text if done is not None else "")
        found[f"{word}_at"] = instant(file, change.at if change is not None else None)
        found[f"{word}_papers"] = same("\n".join(paper.name for paper in done.evidence) if done is not None else "")
        if word == "decided" and done is not None:
            found["decision"] = labelled("deeds", done.deed)
    return found


def _revoked(file: CardFile) -> Said:
    """Say why a card was revoked: a person's ground and words, or the facts' reason."""
    change = deed_of(file, Deed.REVOKE, Deed.DISMISS)
    if file.card.revoked_at is None:
        return Said()
    if change is None or change.done is None:
        return labelled("reasons", file.card.reason)
    done = change.done
    return Said(*(neutral(f"{label('grounds', done.ground, each)} {done.text}") for each in LANGUAGES))


def _deadlines(file: CardFile) -> dict[str, Said]:
    """Say until when the card has to be followed; ``deadline`` is the next of what the unit owes."""
    words = {
        "sign_by": "sign",
        "answer_by": "explain",
        "decide_by": "appeal",
        "rectify_by": "rectify",
        "verify_by": "verify",
    }
    found = {word: instant(file, file.deadlines.get(clock)) for word, clock in words.items()}
    return {**found, "deadline": found["rectify_by"]}


def words(file: CardFile, made: Numbered) -> Mapping[str, Said]:
    """Return everything that a template may name."""
    return {**facts(file), **numbered(file, made)}


def listed(file: CardFile) -> Iterator[CardChange]:
    """Yield the changes that documents tell: all but the assignment of a follower, which is the office's own matter."""
    return (c for c in file.changes if c.done is None or c.done.deed is not Deed.ASSIGN)
