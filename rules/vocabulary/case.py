"""Words about the case itself: its number, unit and item, what its events say, and whether it is finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rules.facts import Value
from rules.language import Type, WordInfo
from rules.view import FINISHING, View
from rules.vocabulary.base import Describe, Hearing, call, collection, word

ATTRIBUTES: Final[Mapping[str, Type]] = {
    "channel": Type.CODE, "type": Type.CODE, "officer": Type.CODE, "window": Type.CODE,
    "reason": Type.TEXT, "approver": Type.CODE, "approver_rank": Type.CODE, "accept_doc_no": Type.TEXT,
    "result_doc_no": Type.TEXT, "step": Type.CODE, "category": Type.CODE, "matter": Type.CODE, "priority": Type.CODE,
    "fee": Type.MONEY, "satisfaction": Type.NUMBER, "to_unit": Type.CODE, "from_unit": Type.CODE,
}  # fmt: skip
"""What events commonly say of a case (domain.md 2.2); a rulebook may declare further attributes of its own."""

ENDS: Final = " or ".join(sorted({*FINISHING, "reopened"}))
"""What finishes a case or takes it up again."""


@word("case.no", Type.CODE, turns="")
def case_no(view: View) -> Value:
    """办件编号."""
    return view.case.case_no


@word("case.kind", Type.CODE, turns="")
def case_kind(view: View) -> Value:
    """The kind of the case."""
    return view.case.kind


@word("case.unit", Type.CODE, hears="case.unit", turns="case.unit")
def case_unit(view: View) -> Value:
    """The unit that is responsible at this instant."""
    return view.attributes.get("unit")


@word("case.item", Type.CODE, hears="case.item", turns="case.item")
def case_item(view: View) -> Value:
    """The code of the service item."""
    return view.attributes.get("item")


@word("case.result", Type.CODE, turns=f"{ENDS} or case.result")
def case_result(view: View) -> Value:
    """办结结果: ``open`` while the case is not finished, so that a running case is known not to be deleted."""
    return view.attributes.get("result") if view.finished else "open"


@word("case.finished", Type.BOOL, turns=ENDS)
def case_finished(view: View) -> Value:
    """True from a finishing event until the case is reopened."""
    return view.finished


@word("case.reopens", Type.NUMBER, hears="reopened", turns="reopened")
def case_reopens(view: View) -> Value:
    """How often the case was reopened."""
    return view.number("reopened")


@collection(
    "case.steps",
    {"step": Type.CODE, "officer": Type.CODE, "result": Type.CODE, "finished": Type.BOOL},
    hears="step_started or step_finished",
)
def case_steps(view: View) -> Sequence[Mapping[str, Value]]:
    """The steps (环节) so far, each with its officer and result."""
    steps: list[dict[str, Value]] = []
    for event in view.events:
        if event.name == "step_started":
            steps.append({**event.data, "finished": False})
        elif event.name == "step_finished":
            open_steps = [s for s in steps if s.get("step") == event.data.get("step") and not s["finished"]]
            target = open_steps[0] if open_steps else {}
            if not open_steps:
                steps.append(target)
            target.update({**event.data, "finished": True})
    return steps


EVENT_WORDS: Final[Mapping[str, WordInfo]] = {
    **{name: WordInfo(kind) for name, kind in ATTRIBUTES.items()},
    **{name: WordInfo(Type.CODE) for name in ("unit", "item", "result")},
    **{name: WordInfo(Type.INSTANT) for name in ("at", "promised_due_at", "inserted_at")},
    "signed": WordInfo(Type.BOOL),
}
"""What may be asked of the latest event of a name: ``event(accepted).at``."""

OF_EVERY_EVENT: Final = frozenset({"at", "inserted_at"})
"""What an event has besides the attributes that it reports."""


def _one_event(kind: Type, fields: Mapping[str, WordInfo] | None = None) -> Describe:
    return lambda args: WordInfo(kind, fields=fields) if len(args) == 1 else None


def _name_hears(args: tuple[str, ...], rest: tuple[str, ...]) -> Hearing:
    return ((args[0],),)


def _event_hears(args: tuple[str, ...], rest: tuple[str, ...]) -> Hearing:
    return ((args[0],),) if rest[0] in OF_EVERY_EVENT else ((args[0], rest[0]),)


@call("event", _one_event(Type.RECORD, EVENT_WORDS), hears=_event_hears)
def event_attribute(view: View, args: tuple[str, ...], rest: tuple[str, ...]) -> Value:
    """``event(accepted).officer``: what the latest event of that name says; ``.at`` is when it happened."""
    event = view.last(args[0])
    if event is None:
        return None
    if rest[0] == "at":
        return event.occurred_at
    return event.inserted_at if rest[0] == "inserted_at" else event.data.get(rest[0])


@call("happened", _one_event(Type.BOOL), hears=_name_hears)
def happened(view: View, args: tuple[str, ...], rest: tuple[str, ...]) -> Value:
    """``happened(accepted)``: whether an event of that name stands; never unknown."""
    return view.number(args[0]) > 0


@call("count", _one_event(Type.NUMBER), hears=_name_hears)
def count(view: View, args: tuple[str, ...], rest: tuple[str, ...]) -> Value:
    """``count(correction_notified)``: how many events of that name stand; never unknown."""
    return view.number(args[0])
