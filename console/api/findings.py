"""Findings for other systems, in the eleven fields of GB/T 39046—2020 表11 电子监察."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from alerts.model import Card
from alerts.texts import say
from console.access.acts import Act
from console.access.callers import within
from console.access.declared import needs
from console.api.paging import After, Limit, Next, sealed, split
from console.desk import Desk, desk_of
from console.sheets import KINDS, MOST, Sheet, written
from ledger.views.findings import findings as findings_issued
from rules.facts import Instant
from rules.glossary import label
from rules.policy import Colour

router = APIRouter(prefix="/api/v1/findings", tags=["findings"])

WARNING_CODE: Final = {Colour.REMINDER: "1", Colour.YELLOW: "2", Colour.RED: "3"}
"""监察预警类型代码 (n1). The standard prints no list of values; this one rises with the gravity."""

From = Annotated[int, Query(alias="from", ge=0, lt=2**40, description="起，秒 UTC，含 · issued at or after")]
Until = Annotated[int, Query(ge=0, lt=2**40, description="止，秒 UTC，不含 · issued before")]


class Finding(BaseModel):
    """一条监察结果 · One finding, named as in table 11; times as YYYYMMDDThhmmss in the centre's zone."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    case_no: Annotated[str, Field(alias="办件编号", max_length=50, description="number of the case")]
    content: Annotated[str, Field(alias="督办内容", max_length=1000, description="what is held against the unit")]
    unit_name: Annotated[str, Field(alias="机构名称", description="the supervised unit")]
    item_type: Annotated[
        str, Field(alias="事项类型代码", description="code of the kind of item; empty, for cards do not bear it")
    ]
    issued_at: Annotated[
        str, Field(alias="督办发出时间", pattern=r"^\d{8}T\d{6}$", description="when the card was issued")
    ]
    finding_no: Annotated[str, Field(alias="监察编号", max_length=20, description="number of the card")]
    rule_no: Annotated[str, Field(alias="监察规则编号", max_length=20, description="number of the rule")]
    warning: Annotated[
        Literal["1", "2", "3"],
        Field(alias="监察预警类型代码", description="1 提示 reminder, 2 黄牌 yellow, 3 红牌 red"),
    ]
    state_at: Annotated[
        str, Field(alias="状态产生时间", pattern=r"^\d{8}T\d{6}$", description="when the condition became true")
    ]
    result: Annotated[str, Field(alias="监察结果描述", max_length=1000, description="how far the card has come")]
    responsible: Annotated[str, Field(alias="责任部门", description="who answers for it")]


class FindingPage(BaseModel):
    """监察结果 · A page of findings, the earliest issued first."""

    findings: list[Finding]
    next: Next


@router.get("", summary="监察结果（GB/T 39046 表11） · findings after GB/T 39046 table 11")
@needs(Act.EXPORT)
def findings(
    request: Request, since: From = 0, until: Until = 2**40 - 1, limit: Limit = 100, after: After = ""
) -> FindingPage:
    """Return the cards issued in a stretch of time as they stand now, of the units that the caller may see."""
    desk = desk_of(request)
    seen = within(request, desk.access)
    found = findings_issued(desk.ledger, since, until, seen, limit + 1, split(after))
    shown = found[:limit]
    end = sealed(f"{shown[-1].issued_at}:{shown[-1].card_id}") if len(found) > limit else None
    return FindingPage(findings=[_finding(desk, card) for card in shown], next=end)


@router.get(
    ".{kind}", summary="监察结果文件 · the same as a file", response_class=Response,
    responses={200: {"content": {each.split(";")[0]: {"schema": {"type": "string"}} for each in KINDS.values()}}},
)  # fmt: skip
@needs(Act.EXPORT)
def file(request: Request, kind: Literal["csv", "xlsx"], since: From = 0, until: Until = 2**40 - 1) -> Response:
    """Return up to ten thousand findings as a table whose headings are those of the standard; no cell is a formula."""
    desk = desk_of(request)
    found = findings_issued(desk.ledger, since, until, within(request, desk.access), MOST)
    rows = [list(_finding(desk, card).model_dump(by_alias=True).values()) for card in found]
    headings = [str(field.alias) for field in Finding.model_fields.values()]
    named = {"content-disposition": f'attachment; filename="findings.{kind}"'}
    return Response(written(Sheet("findings", headings, rows), kind), media_type=KINDS[kind], headers=named)


def _finding(desk: Desk, card: Card) -> Finding:
    policy = desk.policies.get(card.rule)
    unit = desk.titles.get(("unit", card.unit), {}).get("zh", "") or card.unit
    told = say(policy, card.values, "zh") if policy is not None else str(card.values.get("basis", ""))
    ended = "；情形已止" if card.ended_at is not None else ""
    measure = f"；{label('measures', card.consequence, 'zh')}" if card.consequence else ""
    return Finding(
        case_no=card.case_id.case_no[:50], content=(told or label("colours", card.colour.value, "zh"))[:1000],
        unit_name=unit, item_type="", issued_at=_written(desk, card.issued_at),
        finding_no=card.card_id[:20], rule_no=card.rule[:20], warning=WARNING_CODE[card.colour],
        state_at=_written(desk, card.raised_at), responsible=unit,
        result=f"{label('stages', card.stage.value, 'zh')}{ended}{measure}"[:1000],
    )  # fmt: skip


def _written(desk: Desk, instant: Instant) -> str:
    return f"{dt.datetime.fromtimestamp(instant, ZoneInfo(desk.zone)):%Y%m%dT%H%M%S}"
