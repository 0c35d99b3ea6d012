"""Plans and words what is sent for steps of escalation (催办): to the owner, and to the unit up to the rule's own rank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from alerts.model import Delivery, delivery_key
from alerts.plan import OWNER, addressed, each_once, fallback_of
from alerts.routes import Addressees, Recipient
from alerts.texts import MAX_SUBJECT, Notice, Wording, card_link, say, title_of
from alerts.urging import Urge
from rules.glossary import label, moment, worded
from rules.judgement import Moment
from rules.placeholders import fill, language_of, neutral
from rules.policy import Policy, Rank
from rules.problems import Language


class _Terms(NamedTuple):
    """What all messages of one plan share."""

    routes: Addressees
    policies: Mapping[str, Policy]
    zone: str


def plan_urges(
    urged: Sequence[Urge], routes: Addressees, policies: Mapping[str, Policy], zone: str
) -> tuple[Delivery, ...]:
    """Return the deliveries of these steps; a rank that nobody holds is named to the owner, never passed over."""
    terms = _Terms(routes, policies, zone)
    return tuple(each_once(delivery for each in urged for delivery in _deliveries(each, terms)))


def _deliveries(urge: Urge, terms: _Terms) -> Iterator[Delivery]:
    ranks = urge.tell.and_below() if urge.unit else ()
    told = {rank: terms.routes.recipients(urge.unit, rank, urge.told_at) for rank in ranks}
    missing = tuple(rank for rank, recipients in told.items() if not recipients)
    for owner in terms.routes.owner:
        yield _delivery(urge, owner, OWNER, terms, missing)
    for rank, recipients in told.items():
        for recipient in recipients:
            yield _delivery(urge, recipient, rank.value, terms)


def _delivery(urge: Urge, recipient: Recipient, rank: str, terms: _Terms, missing: tuple[Rank, ...] = ()) -> Delivery:
    wording = Wording(recipient.language, terms.zone, terms.routes.base_url, terms.routes.names, terms.routes.contact)
    said = addressed(urge_notice(urge, terms.policies, wording, missing), recipient)
    return Delivery(
        key=delivery_key(urge.key, 0, recipient.channel, recipient.address), card_id=urge.card_id or str(urge.case_id),
        serial=0, channel=recipient.channel, address=recipient.address, recipient=recipient.name, rank=rank,
        subject=said.subject, body=said.body, facts=said.facts, created_at=urge.told_at, not_before_at=urge.told_at,
        fallback=fallback_of(recipient),
    )  # fmt: skip


def urge_notice(urge: Urge, policies: Mapping[str, Policy], wording: Wording, missing: tuple[Rank, ...] = ()) -> Notice:
    """Return the notice of one step: what has not been done, by when it was due, and where to do it."""
    language, policy = wording.language, policies.get(urge.rule)
    title = title_of(urge.rule, policies, language)
    unit = wording.unit(urge.unit)
    kind = "urge_near" if urge.light is None else "urge" if urge.card_id else "urge_feed"
    heading = fill(label("headings", kind, language), {"light": label("lights", urge.light or "", language)})
    about = worded(urge.values.get("card.reference", ""), language)
    if language == "zh":
        subject = f"【{heading}】{unit}：{title}" + (f"（{about}）" if about else "")
    else:
        subject = f"[{heading}] {unit}: {title}" + (f" ({about})" if about else "")
    said = say(policy, urge.values, language, wording.units) if policy is not None else ""
    rows = [(label("fields", name, language), text) for name, text in _rows(urge, policy, wording, missing)]
    colon = "：" if language == "zh" else ": "
    lines = [said or title, "", *(f"{name}{colon}{neutral(text)}" for name, text in rows)]
    return Notice(_short(neutral(subject)), "\n".join(lines) + "\n", _facts(urge, wording, missing))


def _rows(urge: Urge, policy: Policy | None, wording: Wording, missing: tuple[Rank, ...]) -> Iterator[tuple[str, str]]:
    language: Language = wording.language
    if urge.unit:
        yield "unit", wording.unit(urge.unit)
    yield "rule", title_of(urge.rule, {urge.rule: policy} if policy is not None else {}, language)
    if policy is not None and language_of(policy.basis, language):
        yield "basis", language_of(policy.basis, language)
    yield "raised_at", moment(Moment(urge.due_at, wording.zone), language)
    if missing:
        names = (f"{rank.value} {label('ranks', rank.value, language)}" for rank in missing)
        yield "no_recipient", ("；" if language == "zh" else "; ").join(names)
    todo = "todo_feed" if not urge.card_id else "todo_urge" if urge.light is not None else "todo_near"
    yield "todo", label("sentences", todo, language)
    link = _link(urge, wording.base_url)
    if link:
        yield "link", link
    if wording.contact:
        yield "contact", wording.contact
    yield "versions", " · ".join(part for part in (urge.pin.rulebook, urge.pin.calendar) if part)
    yield "reference", urge.key


def _link(urge: Urge, base_url: str) -> str:
    """Return the address of the card, or of the source that a feed is of."""
    if urge.card_id or not base_url:
        return card_link(base_url, urge.card_id)
    return f"{base_url.rstrip('/')}/sources/{quote(urge.case_id.case_no, safe='')}"


def _facts(urge: Urge, wording: Wording, missing: tuple[Rank, ...]) -> dict[str, str]:
    """Return the notice for programs."""
    facts: dict[str, object] = {
        "change": "urged", "card": urge.card_id, "rule": urge.rule, "unit": urge.unit, "kind": urge.case_id.kind,
        "case_no": urge.case_id.case_no, "namespace": urge.case_id.namespace, "due_at": urge.due_at,
        "light": urge.light.value if urge.light is not None else "", "rulebook": urge.pin.rulebook,
        "calendar": urge.pin.calendar, "no_recipient": ",".join(rank.value for rank in missing),
        "language": wording.language, "link": _link(urge, wording.base_url),
    }  # fmt: skip
    return {name: neutral(str(value)) for name, value in facts.items() if value != ""}


def _short(text: str) -> str:
    return text if len(text) <= MAX_SUBJECT else text[: MAX_SUBJECT - 1] + "…"
