"""Cards for tests of the pages: a case that was judged, a card on it, and the judgement of the card's own deadlines."""

from __future__ import annotations

from alerts.model import Card, CardChange, CardState, ChangeKind, Delivery, card_id
from alerts.routes import Addressees
from alerts.urgeplan import plan_urges
from alerts.urging import Urge
from connectors.base import Batch
from ledger import Ledger, Recorded
from ledger.claims import Claimed
from rules.facts import CaseEvent, CaseId
from rules.judgement import CaseState, ClockReading, Judgement, Light, Pin
from rules.policy import Colour, IssueMode, Rank

DAY = 86_400


def case_of(number: str) -> CaseId:
    """Return the identity of a test case."""
    return CaseId("licences", "application", number)


def carded(
    ledger: Ledger, now: int, number: str = "L1", unit: str = "城管局", colour: Colour = Colour.YELLOW, *,
    person: str = "承办甲", item: str = "food", due_in: int | None = DAY, rule: str = "T04",
) -> str:  # fmt: skip
    """Write an overdue case with a card and a message; return the card's number. ``due_in`` is when to sign for it."""
    case_id = case_of(number)
    event = CaseEvent(
        source="licences", event_id=number, version=1, namespace=case_id.namespace, kind=case_id.kind,
        case_no=case_id.case_no, name="accepted", occurred_at=now - 10 * DAY, data={"unit": unit, "item": item},
    )  # fmt: skip
    ledger.append(Batch(source="licences", events=(event,), cursor={}), now - 1)
    claimed = next(each for each in _claimed(ledger, now) if each.case.case_id == case_id)
    name = card_id(case_id, "promise", "promise", 1)
    card = Card(
        card_id=name, case_id=case_id, family="promise", clock="promise", ordinal=1, rule=rule, colour=colour,
        state=CardState.ISSUED, issue=IssueMode.AUTOMATIC, unit=unit, person=person, item=item, raised_at=now,
        issued_at=now, stage_at=now, pin=Pin("b@1"), values={"case.no": number, "item.name": f"食品{unit}"},
    )  # fmt: skip
    delivery = Delivery(
        key=f"k{number}", card_id=name, serial=1, channel="inbox", address="x", recipient="纪检监察室", rank="owner",
        subject=f"【黄牌】{unit}", body="", created_at=now, not_before_at=now,
    )  # fmt: skip
    clock = ClockReading(
        clock="promise", ordinal=1, state=CaseState.RUNNING, started_at=now - 10 * DAY, due_at=now - 1,
        limit="7 workdays", over=True,
    )  # fmt: skip
    judgement = Judgement(
        case_id=case_id, revision=claimed.case.revision, unit=unit, item=item, item_name=f"食品{unit}", person=person,
        state=CaseState.RUNNING, light=Light.RED, clock="promise", ordinal=1, clocks=(clock,),
    )  # fmt: skip
    change = CardChange(ChangeKind.ISSUED, now, card)
    ledger.record([Recorded(judgement=judgement, changes=(change,), deliveries=(delivery,), token=claimed.token)], now)
    if due_in is not None:
        followed(ledger, name, now, due_in)
    return name


def followed(ledger: Ledger, name: str, now: int, due_in: int, clock: str = "sign") -> None:
    """Judge the card's own case: one deadline runs."""
    own = CaseId("mingdeng", "card", name)
    claimed = next(each for each in _claimed(ledger, now) if each.case.case_id == own)
    running = ClockReading(
        clock=clock, ordinal=1, state=CaseState.RUNNING, started_at=now, due_at=now + due_in, limit="1 workday",
        over=due_in < 0,
    )  # fmt: skip
    judgement = Judgement(
        case_id=own, revision=claimed.case.revision, unit="", item="", state=CaseState.RUNNING,
        light=Light.RED if due_in < 0 else Light.GREEN, clock=clock, ordinal=1, clocks=(running,),
    )  # fmt: skip
    ledger.record([Recorded(judgement=judgement, token=claimed.token)], now)


def urged(ledger: Ledger, name: str, now: int, unit: str, routes: Addressees, rule: str = "A01") -> Urge:
    """Judge a card's own case, which was not judged yet: a step of escalation up to R2 ran."""
    own = CaseId("mingdeng", "card", name)
    urge = Urge(
        key=f"u{name}", case_id=own, rule=rule, unit=unit, tell=Rank.R2, light=Light.YELLOW, due_at=now - 60,
        told_at=now, pin=Pin("b@1"),
    )  # fmt: skip
    claimed = next(each for each in _claimed(ledger, now) if each.case.case_id == own)
    judgement = Judgement(
        case_id=own, revision=claimed.case.revision, unit="", item="", state=CaseState.RUNNING, light=Light.YELLOW
    )
    told = plan_urges([urge], routes, {}, "Asia/Shanghai")
    ledger.record([Recorded(judgement=judgement, urges=(urge,), deliveries=told, token=claimed.token)], now)
    return urge


def _claimed(ledger: Ledger, now: int) -> tuple[Claimed, ...]:
    return ledger.claim(now, lease=0)
