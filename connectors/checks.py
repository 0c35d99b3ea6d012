"""What a mapping must agree on with itself; every disagreement is found at once, each with its place and its mending."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias
from zoneinfo import available_timezones

from connectors.compiled import event_label
from connectors.mapping import ChangePart, SourceSpec, ValuePart
from connectors.times import BadFormat, carries_zone, compile_times
from rules.documents import Document, nearest
from rules.facts import EVENT_RANK, valid_identifier
from rules.problems import Problem

Path: TypeAlias = tuple[str | int, ...]


class Checker:
    """Collects the problems of one mapping."""

    def __init__(self, spec: SourceSpec, document: Document) -> None:
        self.spec, self.document = spec, document
        self.problems: list[Problem] = []

    def add(self, code: str, path: Path, en: str, zh: str, mend_en: str = "", mend_zh: str = "") -> None:
        """Note one problem at a path of the mapping."""
        self.problems.append(Problem(f"mapping/{code}", self.document.place(path), en, zh, mend_en, mend_zh))


def check(spec: SourceSpec, document: Document) -> list[Problem]:
    """Return every problem of a mapping whose shape is right."""
    checker = Checker(spec, document)
    _names(checker)
    _zones_and_formats(checker)
    _shape_of_rows(checker)
    for path, part in spec.values():
        _value(checker, path, part)
    for path, name in _event_names(spec):
        _event_name(checker, path, name)
    for n, change in enumerate(spec.changes):
        _change(checker, n, change)
    return checker.problems


def _names(checker: Checker) -> None:
    for key, word in (("namespace", checker.spec.namespace), ("of", checker.spec.of)):
        if not valid_identifier(word):
            checker.add(
                "identifier", (key,), f"'{word}' cannot stand in the identity of a case.", f"“{word}”不能用作标识。",
                "Use a word without slashes.", "请使用不含斜杠的词。",
            )  # fmt: skip
    if not checker.spec.case_no:
        checker.add("case-no", ("case_no",), "'case_no' names no column.", "case_no 未指明列。")


def _zones_and_formats(checker: Checker) -> None:
    zones: dict[str, Path] = {checker.spec.zone: ("zone",)} if checker.spec.zone else {}
    for path, part in checker.spec.times():
        if part.zone:
            zones.setdefault(part.zone, (*path, "zone"))
        if not part.format:
            checker.add("time-format", (*path, "format"), "'format' is empty.", "format 为空。")
        for written in part.format:
            _format(checker, path, written, zone=part.zone or checker.spec.zone)
    known = available_timezones()
    for zone, path in zones.items():
        if zone not in known:
            near = nearest(zone, known)
            checker.add(
                "zone", path, f"'{zone}' is not a time zone.", f"“{zone}”不是时区。",
                f"Did you mean '{near}'?" if near else "Write a name such as Asia/Shanghai.",
                f"是否应为“{near}”？" if near else "请写 Asia/Shanghai 一类的名称。",
            )  # fmt: skip


def _format(checker: Checker, path: Path, written: str, zone: str | None) -> None:
    try:
        compile_times([written], None)
    except BadFormat as error:
        checker.add("time-format", (*path, "format"), f"{error}.", f"{error.zh}。")
        return
    if zone is None and carries_zone(written) is False:
        checker.add(
            "no-zone", path, f"Times written as '{written}' carry no zone, and none is declared.",
            f"按“{written}”书写的时间没有时区，映射也未声明。",
            "Add 'zone: Asia/Shanghai' (or yours) to the mapping.", "请在映射中添加 zone: Asia/Shanghai（或当地时区）。",
        )  # fmt: skip


_NEEDS = {"snapshot": {"events"}, "events": {"event", "at"}, "changes": {"at", "changes"}}
_MAY = {
    "snapshot": {"events"},
    "events": {"event", "at", "data", "retracted"},
    "changes": {"at", "events", "changes"},
}


def _shape_of_rows(checker: Checker) -> None:
    spec = checker.spec
    written = {key for key in ("events", "event", "at", "data", "changes", "retracted") if getattr(spec, key)}
    for key in sorted(_NEEDS[spec.rows] - written):
        checker.add(
            "rows", ("rows",), f"'rows: {spec.rows}' needs '{key}:'.", f"rows: {spec.rows} 需要 {key}:。",
            f"Add '{key}:' (docs/mapping.md shows how).", f"请添加 {key}:（参见 docs/mapping.md）。",
        )  # fmt: skip
    for key in sorted(written - _MAY[spec.rows]):
        checker.add(
            "rows", (key,), f"'{key}:' has no meaning with 'rows: {spec.rows}'.", f"{key}: 与 rows: {spec.rows} 不相容。",
            "Remove it, or choose another 'rows:'.", "请删除，或改用其他 rows:。",
        )  # fmt: skip
    labels: dict[str, int] = {}
    for n, event in enumerate(spec.events):
        if labels.setdefault(event_label(event), n) != n:
            checker.add(
                "double-event", ("events", n), "The same event is read from the same column twice.",
                "同一事件从同一列读取了两次。", "Remove one of the two.", "请删除其一。",
            )  # fmt: skip
    if spec.kind == "files":
        return
    if spec.rows == "changes":
        checker.add(
            "changes-kind", ("rows",), f"A log of changes can be read from files, not from kind '{spec.kind}'.",
            f"变更日志只能由文件读取，不能由 {spec.kind} 读取。",
            "A query or page has no lasting order of rows; ask for a file.", "查询和分页没有固定的行序；请改用文件。",
        )  # fmt: skip
    if spec.sequence == "row":
        checker.add(
            "sequence-row", ("sequence",), f"Rows of kind '{spec.kind}' have no lasting numbers.",
            f"{spec.kind} 的行没有固定行号。", "Name a column that orders the rows.", "请指明排序列。",
        )  # fmt: skip


def _value(checker: Checker, path: Path, part: ValuePart) -> None:
    if (part.column is None) == (part.value is None):
        checker.add(
            "value", path, "An attribute needs either 'column:' or 'value:'.", "属性需要 column: 或 value: 之一。",
            "Write one of the two.", "请只写其一。",
        )  # fmt: skip
    if part.codes is not None and part.type != "text":
        checker.add(
            "codes-type", (*path, "codes"), f"A code map gives the value itself; 'type: {part.type}' does not go with it.",
            f"代码表直接给出值，不能再写 type: {part.type}。", "Remove 'type:'.", "请删除 type:。",
        )  # fmt: skip
    if part.as_is and (part.type != "text" or part.column is None):
        checker.add("as-is", (*path, "as_is"), "'as_is' goes with a text column only.", "as_is 仅用于文本列。")
    if part.only and path[0] != "data":
        checker.add(
            "only",
            (*path, "only"),
            "'only:' has a meaning under 'data:' of event rows alone.",
            "only: 仅用于事件行的 data:。",
        )
    if part.before and (path[0] != "changes" or part.column != checker.spec.changes[int(path[1])].column):
        checker.add(
            "before", (*path, "before"), "'before: true' goes with the watched column of a change.",
            "before: true 仅用于变更所监视的列。", "Name the same column as the change does.", "请使用与变更相同的列。",
        )  # fmt: skip


def _event_names(spec: SourceSpec) -> Iterator[tuple[Path, str]]:
    named = [(("events", n, "name"), event.name) for n, event in enumerate(spec.events)]
    parts: list[tuple[Path, str | ValuePart]] = [*named]
    if spec.event is not None:
        parts.append((("event",), spec.event))
    for path, part in parts:
        if isinstance(part, str):
            yield path, part
        elif part.column is None:
            yield (*path, "value"), str(part.value)
        else:
            yield from (
                ((*path, "codes", code), str(name)) for code, name in (part.codes or {}).items() if name is not None
            )
    for n, change in enumerate(spec.changes):
        yield ("changes", n, "event"), change.event
    for name, part in spec.data.items():
        yield from ((("data", name, "only"), event) for event in part.only)


def _event_name(checker: Checker, path: Path, name: str) -> None:
    known = [*EVENT_RANK, *checker.spec.own_events]
    if name not in known:
        near = nearest(name, known)
        checker.add(
            "event", path, f"'{name}' is not an event of the vocabulary.", f"“{name}”不在事件词汇表内。",
            f"Did you mean '{near}'?" if near else "Choose a known event, or declare it under 'own_events:'.",
            f"是否应为“{near}”？" if near else "请选用已知事件，或在 own_events: 中声明。",
        )  # fmt: skip


def _change(checker: Checker, n: int, change: ChangePart) -> None:
    path: Path = ("changes", n)
    if change.enters and change.leaves:
        checker.add("change", path, "Write either 'enters:' or 'leaves:'.", "enters: 与 leaves: 只能写其一。")
    if (change.enters or change.leaves) and not change.known:
        checker.add(
            "change-known", path, "'known:' is missing: list every value of the column, so that a strange one is seen.",
            "缺少 known:：请列出该列的全部取值，以便发现陌生值。",
        )  # fmt: skip
    for value in (*change.enters, *change.leaves):
        if change.known and value not in change.known:
            near = nearest(value, change.known)
            checker.add(
                "change-known", path, f"'{value}' is not among the values under 'known:'.", f"“{value}”不在 known: 之内。",
                f"Did you mean '{near}'?" if near else "Add it there.", f"是否应为“{near}”？" if near else "请在其中添加。",
            )  # fmt: skip
