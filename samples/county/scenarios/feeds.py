"""Writes dossiers as the departments deliver them: CSV drops in their own words, the catalogue, the mappings."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from samples.county.scenarios.dossier import Act, Dossier, Register
from samples.county.workdays import date_of, wall

CONFIG: Final = Path(__file__).parent / "config"

APPLICATION_ACTS: Final = {
    "received": "收件", "accepted": "受理", "refused_accept": "不予受理", "correction_notified": "补正告知",
    "correction_received": "补交材料", "step_started": "环节开始", "step_finished": "环节结束",
    "suspension_started": "特别程序开始", "suspension_ended": "特别程序结束", "extended": "延期",
    "fee_charged": "收费", "completed": "办结", "returned": "退件", "withdrawn": "撤回", "certificate_issued": "出证",
    "delivered": "送达",
}  # fmt: skip
CONTACT_ACTS: Final = {
    "arrived": "来访", "transferred": "移交", "signed": "签收", "objected": "异议", "answered": "答复",
    "feedback_given": "反馈", "closed": "办结",
}  # fmt: skip
APPLICATION_COLUMNS: Final = {
    "item": "事项编码", "unit": "部门编码", "officer": "经办人", "applicant": "申请人", "materials": "材料清单",
    "document": "受理文书编号", "step": "环节", "opinion": "意见", "reason": "原因", "remedy": "救济途径",
    "competent": "主管机关", "approver": "批准人", "rank": "批准人职级", "approved": "批准时限",
    "procedure": "特别程序编号", "days": "延期天数", "told": "已告知申请人", "amount": "金额", "quantity": "数量",
    "receipt": "票据号", "reduction": "减免依据", "purpose": "收费用途", "basis": "收费依据", "confirmed": "申请人确认",
    "result": "办理结果", "certificate": "证照编号",
}  # fmt: skip
CONTACT_COLUMNS: Final = {
    "unit": "单位", "from_unit": "移交单位", "to_unit": "接收单位", "officer": "经办人", "reason": "原因",
    "channel": "渠道", "matter": "事由",
}  # fmt: skip
HEADS: Final[Mapping[Register, tuple[str, ...]]] = {
    "applications": ("业务流水号", "办件编号", "动作", "发生时间", "录入时间", *APPLICATION_COLUMNS.values()),
    "contacts": ("登记号", "首问编号", "动作", "发生时间", "录入时间", *CONTACT_COLUMNS.values()),
}


def rows_of(dossier: Dossier) -> list[dict[str, str]]:
    """Return a dossier's rows in the words of its department, one an act, in the order of time."""
    write = _application if dossier.register == "applications" else _contact
    return [write(dossier, number, act) for number, act in enumerate(dossier.in_order, 1)]


def drop(folder: Path, name: str, register: Register, rows: Iterable[Mapping[str, str]]) -> Path:
    """Put one CSV file into the folder of a register."""
    return stock(folder / register / f"{name}.csv", register, rows)


def stock(path: Path, register: Register, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write rows as one CSV file of a register."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADS[register], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def deliver(folder: Path, dossiers: Iterable[Dossier]) -> None:
    """Drop a register's rows by the month in which they were written down, as departments export them."""
    months: dict[tuple[Register, str], list[tuple[int, dict[str, str]]]] = {}
    for dossier in dossiers:
        for act, row in zip(dossier.in_order, rows_of(dossier), strict=True):
            month = f"{date_of(act.entered_at):%Y%m}"
            months.setdefault((dossier.register, month), []).append((act.entered_at, row))
    for (register, month), rows in sorted(months.items()):
        drop(folder, f"{register}-{month}", register, [row for _, row in sorted(rows, key=lambda found: found[0])])


def furnish(folder: Path, catalogue: str) -> None:
    """Write the catalogue and the mappings beside the drops."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "items.yaml").write_text(catalogue, encoding="utf-8")
    for register in HEADS:
        (folder / register).mkdir(exist_ok=True)
        text = (CONFIG / f"{register}.yaml").read_text(encoding="utf-8")
        (folder / f"{register}.yaml").write_text(text, encoding="utf-8")


def _application(dossier: Dossier, number: int, act: Act) -> dict[str, str]:
    said = {"item": dossier.item, "unit": dossier.unit, **act.said}
    if "amount" in said:
        fen = int(said["amount"])
        said["amount"] = f"{fen // 100}.{fen % 100:02d}"
    told = {APPLICATION_COLUMNS[name]: str(value) for name, value in said.items()}
    time = _zoned if dossier.zoned else wall
    return {
        "业务流水号": f"{dossier.case_no}-{number:02d}", "办件编号": dossier.case_no,
        "动作": APPLICATION_ACTS[act.what], "发生时间": time(act.at), "录入时间": time(act.entered_at), **told,
    }  # fmt: skip


def _contact(dossier: Dossier, number: int, act: Act) -> dict[str, str]:
    told = {CONTACT_COLUMNS[name]: str(value) for name, value in act.said.items()}
    return {
        "登记号": f"{dossier.case_no}-{number:02d}", "首问编号": dossier.case_no, "动作": CONTACT_ACTS[act.what],
        "发生时间": wall(act.at), "录入时间": wall(act.entered_at), **told,
    }  # fmt: skip


def _zoned(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
