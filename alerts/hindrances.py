"""Why a deed cannot be done to a card now, each reason as a sentence with what would mend it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from alerts.model import Card, Deed, Done, Stage
from alerts.moves import AGAINST_A_PERSON, MOVES, Move, Side
from rules.facts import Instant
from rules.glossary import label
from rules.policy import Colour
from rules.problems import Place, Problem

UNDO_SECONDS: Final = 600
"""How long a signature may be taken back by the one who gave it."""

CHIEF: Final = "chief_inspector"
"""The role that decides what was escalated."""

_DECISIONS: Final = frozenset({Deed.UPHOLD, Deed.REVOKE, Deed.RETURN})
_RISES: Final = frozenset({Deed.CONFIRM_RISE, Deed.DISMISS_RISE})


class Asked(NamedTuple):
    """A deed that somebody of a side is about to do to a card; ``zone`` says which day it is."""

    card: Card
    move: Move
    done: Done
    side: Side
    now: Instant
    zone: str


def hindrances(asked: Asked, not_yet: Collection[str] = ()) -> tuple[Problem, ...]:
    """Return everything that stands against a deed; ``not_yet`` are fields that nobody was asked for so far."""
    checks = (_side, _stage, _apart, _chief, _in_time, _undo, _consequence, _unnamed, _evidence)
    found = [problem for check in checks for problem in check(asked)]
    return (*found, *(p for name in asked.move.needs if name not in not_yet for p in _said(asked, name)))


def _problem(code: str, card: Card, en: str, zh: str, mend_en: str = "", mend_zh: str = "") -> Problem:
    return Problem(f"card/{code}", Place(card.card_id), en, zh, mend_en, mend_zh)


def _side(asked: Asked) -> Iterator[Problem]:
    card, move = asked.card, asked.move
    if asked.side is not move.side:
        yield _problem(
            "side", card,
            f"To {label('deeds', move.deed, 'en')} is for the {label('sides', move.side, 'en')}.",
            f"“{label('deeds', move.deed, 'zh')}”只能由{label('sides', move.side, 'zh')}办理。",
        )  # fmt: skip


def _stage(asked: Asked) -> Iterator[Problem]:
    card, move = asked.card, asked.move
    graver = move.deed in _RISES and card.awaits != ""  # a reminder may wait for a person to make it a graver card
    if card.colour is Colour.REMINDER and card.stage is not Stage.PROPOSED and not graver:
        yield _problem("reminder", card, "A reminder needs no answer and no decision.", "提示无须签收、说明或处理。")
    elif card.stage not in move.stages:
        may = [other.deed for other in MOVES if card.stage in other.stages and other.to is not None]
        yield _problem(
            "stage", card,
            f"The card is {label('stages', card.stage, 'en')}; it cannot be dealt with by '{label('deeds', move.deed, 'en')}' now.",
            f"该牌当前为“{label('stages', card.stage, 'zh')}”，不能办理“{label('deeds', move.deed, 'zh')}”。",
            f"What can follow: {', '.join(label('deeds', deed, 'en') for deed in may) or 'nothing'}.",
            f"可办理：{'、'.join(label('deeds', deed, 'zh') for deed in may) or '无'}。",
        )  # fmt: skip
    elif move.deed in _RISES and not card.awaits:
        yield _problem("rise", card, "No graver card is proposed for it.", "没有待确认的升级。")
    elif move.deed is Deed.UNASSIGN and not card.assignee:
        yield _problem("unassigned", card, "Nobody was assigned to it.", "该牌尚未指定跟办人。")


def _apart(asked: Asked) -> Iterator[Problem]:
    card, move, by = asked.card, asked.move, asked.done.by
    for other in move.apart:
        if by and card.hands.get(other.value) == by:
            yield _problem(
                "apart", card,
                f"Whoever did '{label('deeds', other, 'en')}' cannot also do '{label('deeds', move.deed, 'en')}'.",
                f"办理“{label('deeds', other, 'zh')}”的人不得再办理“{label('deeds', move.deed, 'zh')}”。",
                "Ask a colleague to do it.", "请由其他人员办理。",
            )  # fmt: skip


def _chief(asked: Asked) -> Iterator[Problem]:
    card, deed = asked.card, asked.move.deed
    if card.stage is Stage.ESCALATED and deed in _DECISIONS and asked.done.role != CHIEF:
        yield _problem(
            "chief", card, "What was escalated is decided by a chief inspector.", "已上报的事项由监察负责人决定。"
        )


def _in_time(asked: Asked) -> Iterator[Problem]:
    card, counts_at = asked.card, asked.card.counts_at
    first = asked.move.deed is Deed.APPEAL and card.stage is not Stage.RETURNED
    if first and counts_at is not None and counts_at <= asked.now:
        yield _problem(
            "too-late", card, "The limit for an appeal has passed; the card counts.", "申诉期限已过，该牌已生效。",
            "Explain it, or ask the inspection office to decide.", "可提交说明，或请监督机关处理。",
        )  # fmt: skip


def _undo(asked: Asked) -> Iterator[Problem]:
    card = asked.card
    if asked.move.deed is not Deed.UNSIGN or card.stage is not Stage.SIGNED:
        return
    if card.hands.get(Deed.SIGN.value) != asked.done.by or asked.now - card.stage_at > UNDO_SECONDS:
        minutes = UNDO_SECONDS // 60
        yield _problem(
            "undo", card,
            f"Only the one who signed can take it back, and only within {minutes} minutes.",
            f"签收只能由签收人本人在 {minutes} 分钟内撤回。",
        )  # fmt: skip


def _consequence(asked: Asked) -> Iterator[Problem]:
    card = asked.card
    if asked.move.deed is Deed.CLOSE and card.colour is Colour.RED and not card.consequence:
        yield _problem(
            "consequence", card,
            "A red card is closed only when its consequence is recorded.", "红牌须登记问责处理结果后方可销号。",
            "Record the consequence first; 'no measure' with its paper is one too.", "请先登记处理结果；“不予追究”亦须登记文号。",
        )  # fmt: skip


def _evidence(asked: Asked) -> Iterator[Problem]:
    """Evidence against a card has to be older than the card (domain.md 6.4); a report on what was mended may not be."""
    card = asked.card
    if asked.move.deed not in {Deed.APPEAL, Deed.EXPLAIN}:
        return
    issued_on = dt.datetime.fromtimestamp(card.issued_at, ZoneInfo(asked.zone)).date()
    for paper in asked.done.evidence:
        if paper.dated_on is None or paper.dated_on > issued_on:
            yield _problem(
                "evidence", card,
                f"The paper '{paper.name}' bears no date before the card ({issued_on}); it proves nothing about it.",
                f"材料“{paper.name}”未注明早于发牌日（{issued_on}）的日期，不能作为证据。",
                "State the date that the paper bears, or leave it out.", "请注明材料本身的日期，或不附该材料。",
            )  # fmt: skip


def _unnamed(asked: Asked) -> Iterator[Problem]:
    """A measure that is taken against a person names him, with the post that he held."""
    card, done = asked.card, asked.done
    if asked.move.deed is not Deed.RECORD_CONSEQUENCE or done.measure not in AGAINST_A_PERSON:
        return
    for name, value, field in (("to", done.to, "bearer"), ("to_post", done.to_post, "to_post")):
        if not value.strip():
            yield _problem(
                f"needs-{name}", card,
                f"'{label('measures', done.measure, 'en')}' is taken against a person: {label('deed_fields', field, 'en')}"
                " is missing.",
                f"“{label('measures', done.measure, 'zh')}”系对个人作出，须填写{label('deed_fields', field, 'zh')}。",
                "Choose the person from the list, or write name and post.", "请从名单中选择，或填写其姓名与职务。",
            )  # fmt: skip


def _said(asked: Asked, name: str) -> Iterator[Problem]:
    card, done = asked.card, asked.done
    value: object = getattr(done, name)
    if not str(value or "").strip():
        yield _problem(
            f"needs-{name}", card,
            f"'{label('deeds', done.deed, 'en')}' needs {label('deed_fields', name, 'en')}.",
            f"办理“{label('deeds', done.deed, 'zh')}”须填写{label('deed_fields', name, 'zh')}。",
        )  # fmt: skip
