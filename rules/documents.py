"""Reads what people write (YAML) with the place of every value, and holds it against a model, all problems at once.

Safe by construction: plain values only, bounded in size, depth and aliases; a key that stands twice is a problem, and
so is a value such as ``no`` that YAML would quietly read as false where a text was meant.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rules.misfits import malformed, misfit, nearest
from rules.problems import Place, Problem, UserError, refuse

__all__ = [
    "MAX_BYTES", "Document", "Fault", "Path_", "Plain", "faults", "load", "load_rest", "nearest", "parse", "parse_rest",
    "read_text", "validate",
]  # fmt: skip

Plain: TypeAlias = "bool | int | float | str | dt.date | dt.datetime | list[Plain] | dict[str, Plain] | None"
Path_: TypeAlias = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

MAX_BYTES: Final = 4_000_000
MAX_DEPTH: Final = 40
MAX_NODES: Final = 400_000

_TEXT: Final = "tag:yaml.org,2002:str"

_FAST: Final[type[yaml.CSafeLoader] | None] = getattr(yaml, "CSafeLoader", None)
"""libyaml's loader; a build of PyYAML without it does the same in its own time."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file as plain values, with the place of each value by its path of keys and indexes.

    ``problems`` says which single values could not be read, where the reader was asked to go on (``load_rest``).
    """

    file: str
    data: Plain
    places: Mapping[Path_, Place] = field(default_factory=dict)
    key_places: Mapping[Path_, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def place(self, path: Iterable[str | int] = ()) -> Place:
        """Return the place of the value at ``path``, else of its nearest parent that stands in the file."""
        wanted = tuple(path)
        while wanted and wanted not in self.places:
            wanted = wanted[:-1]
        return self.places.get(wanted, Place(self.file))

    def key_place(self, path: Iterable[str | int]) -> Place:
        """Return the place of the key that names the value at ``path``."""
        wanted = tuple(path)
        return self.key_places.get(wanted, self.place(wanted))


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file (a byte-order mark is allowed); raise ``UserError`` with a sentence if it is not."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise refuse(
                "document/size", path, f"The file is larger than {MAX_BYTES:,} bytes.", f"文件超过 {MAX_BYTES:,} 字节。"
            )
        raw = path.read_bytes()
    except OSError as error:
        raise refuse(
            "document/unreadable", path, f"The file cannot be read: {error.strerror}.", f"无法读取文件：{error.strerror}。",
            mend_en="Check the path and the permissions.", mend_zh="请检查路径和权限。",
        ) from error  # fmt: skip
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        problem = Problem(
            "document/encoding", Place(str(path), line, column),
            "The file is not UTF-8 text.", "文件不是 UTF-8 编码。",
            "Save it as UTF-8 (a file saved as GB18030 or GBK has to be converted).",
            "请另存为 UTF-8（GB18030、GBK 文件需先转换）。",
        )  # fmt: skip
        raise UserError([problem]) from error


def load(path: Path) -> Document:
    """Read a YAML file into plain values with places; raise ``UserError`` naming line and column if it is malformed."""
    return parse(read_text(path), str(path))


def load_rest(path: Path) -> Document:
    """Read a YAML file as ``load`` does, but go on where single values cannot be read; the document names them."""
    return parse_rest(read_text(path), str(path))


def parse(text: str, file: str) -> Document:
    """Read YAML text as ``load`` does; ``file`` is the name that problems show."""
    document = parse_rest(text, file)
    if document.problems:
        raise UserError(document.problems)
    return document


@lru_cache(maxsize=4)
def parse_rest(text: str, file: str) -> Document:
    """Read YAML text as ``load_rest`` does; the same text is read once, for whoever holds it against many things."""
    try:
        root = _composed(text)
    except yaml.MarkedYAMLError as error:
        opened = any(words in str(error.problem) for words in ("expected ',' or", "unexpected end of stream"))
        mark = (error.context_mark if opened else None) or error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        said = malformed(str(error.problem or ""))
        problem = Problem(
            "document/yaml", place, f"This is not well-formed YAML. {said.en}", f"YAML 格式错误。{said.zh}",
            said.mend_en, said.mend_zh,
        )  # fmt: skip
        raise UserError([problem]) from error
    except yaml.YAMLError as error:
        raise refuse("document/yaml", file, f"This is not YAML text: {error}.", f"不是 YAML 文本：{error}。") from error
    except RecursionError as error:
        raise refuse("document/depth", file, "The file is nested too deeply.", "文件嵌套过深。") from error
    reader = _Reader(file)
    data = reader.plain(root, (), 0) if root is not None else None
    return Document(file, data, reader.places, reader.key_places, tuple(reader.problems))


def _composed(text: str) -> yaml.Node | None:
    """Return the nodes of a text: by libyaml where it is there and can, in a fraction of the time, else by Python.

    Only Python words what is wrong, and only Python can be trusted with a text that is nested without end.
    """
    if _FAST is not None:
        try:
            if _is_shallow(text, _FAST):
                return yaml.compose(text, Loader=_FAST)
        except yaml.YAMLError:
            pass
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _is_shallow(text: str, loader: type[yaml.CSafeLoader]) -> bool:
    """Say whether a text is nested no deeper than it may be, without recursion, and at once where it is not."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                return False
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return True


@dataclass(slots=True)
class _Reader:
    file: str
    places: dict[Path_, Place] = field(default_factory=dict)
    key_places: dict[Path_, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: int = 0
    words: yaml.SafeLoader = field(default_factory=lambda: yaml.SafeLoader(""))
    """What makes a value of a word; one for the whole file, for making one takes longer than most words."""

    def plain(self, node: yaml.Node, path: Path_, depth: int) -> Plain:
        self.seen += 1
        if depth > MAX_DEPTH or self.seen > MAX_NODES:
            raise refuse(
                "document/depth", self.file, "The file is nested too deeply or too large.", "文件嵌套过深或过大。"
            )
        self.places[path] = self._place(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(child, (*path, index), depth + 1) for index, child in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path_, depth: int) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(key_node, "document/key", "A key has to be a single word or text.", "键必须是单个文本。",
                              "Put texts that contain braces or brackets in quotes.", "含有花括号、方括号的文本请用引号括起来。")  # fmt: skip
                continue
            key = str(key_node.value)
            if key in found:
                self._problem(
                    key_node, "document/duplicate", f"The key '{key}' stands twice here.", f"键“{key}”在此重复。",
                    "Remove one of them.", "请删除其中之一。",
                )  # fmt: skip
                continue
            self.key_places[(*path, key)] = self._place(key_node)
            found[key] = self.plain(value_node, (*path, key), depth + 1)
        return found

    def _scalar(self, node: yaml.Node) -> Plain:
        if node.tag == _TEXT and isinstance(node, yaml.ScalarNode):
            return str(node.value)
        try:
            value = self.words.construct_object(node, deep=True)
        except ValueError:
            self._problem(node, "document/date", f"There is no such date as {node.value}.", f"没有“{node.value}”这个日期。",
                          "Write a date of the calendar, such as 2024-01-31.", "请写存在的日期，如 2024-01-31。")  # fmt: skip
            return None
        except yaml.YAMLError:
            self._problem(node, "document/value", "This value cannot be read.", "无法读取此值。",
                          "Write a plain text, number or date.", "请写普通的文本、数或日期。")  # fmt: skip
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self._problem(node, "document/value", "A number has to be finite.", "数值必须有限。",
                          "Write digits.", "请写数字。")  # fmt: skip
            return None
        if value is None or isinstance(value, bool | int | float | str | dt.date):
            return value
        self._problem(node, "document/value", "Only plain values may stand here.", "此处只能写普通值。",
                      "Write a text, number or date without a tag.", "请写不带标签的文本、数或日期。")  # fmt: skip
        return None

    def _place(self, node: yaml.Node) -> Place:
        start, end = node.start_mark, node.end_mark
        width = end.column - start.column if end.line == start.line else 1
        return Place(self.file, start.line + 1, start.column + 1, max(1, width))

    def _problem(self, node: yaml.Node, code: str, en: str, zh: str, mend_en: str = "", mend_zh: str = "") -> None:
        self.problems.append(Problem(code, self._place(node), en, zh, mend_en, mend_zh))


def validate(model: type[Model], document: Document, path: Path_ = (), data: Plain | Hashable = ...) -> Model:
    """Return the model made of the document (or of its part at ``path``); raise ``UserError`` with every problem."""
    try:
        return model.model_validate(document.data if data is ... else data)
    except ValidationError as error:
        raise UserError(fault.problem for fault in _faults(document, model, path, error)) from error


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that does not fit its model: where, whether it is missing, the problem, and whether it was told already."""

    path: Path_
    missing: bool
    problem: Problem
    told: bool = False


def faults(model: type[BaseModel], document: Document, data: Plain) -> tuple[Fault, ...]:
    """Return everything in ``data``, made from the document, that does not fit the model."""
    told = {problem.place for problem in document.problems}
    try:
        model.model_validate(data)
    except ValidationError as error:
        return tuple(
            Fault(f.path, f.missing, f.problem, f.problem.place in told) for f in _faults(document, model, (), error)
        )
    return ()


def _faults(document: Document, model: type[BaseModel], base: Path_, error: ValidationError) -> Iterator[Fault]:
    """Yield one fault for each value, though it may fit none of several alternatives."""
    seen: set[Path_] = set()
    details = error.errors()
    meant = {path for detail in details if (path := _meant(model, base, detail)) is not None}
    for detail in details:
        path = (*base, *detail["loc"])
        missing = detail["type"] == "missing"
        known = path if missing or detail["type"] == "extra_forbidden" else _known_path(document, path)
        if known not in seen and not (missing and path in meant):
            seen.add(known)
            yield Fault(known, missing, _problem(document, model, base, detail))


def _meant(model: type[BaseModel], base: Path_, detail: ErrorDetails) -> Path_ | None:
    """Return the path that a misspelt key was meant to be: that it is missing need not be said too."""
    if detail["type"] != "extra_forbidden":
        return None
    near = nearest(str(detail["loc"][-1]), _field_names(model, detail["loc"][:-1]))
    return (*base, *detail["loc"][:-1], near) if near is not None else None


def _named(document: Document, path: Path_, begin: int) -> str:
    """Return a path from a step on in the author's words: an entry of a list by its id or name, else by its number."""
    words, current = [], document.data
    for step in path:
        if isinstance(step, int):
            entry = current[step] if isinstance(current, list) and step < len(current) else None
            name = (entry.get("id") or entry.get("name")) if isinstance(entry, dict) else None
            words.append(str(name or step + 1))
            current = entry
        else:
            words.append(step)
            current = current.get(step) if isinstance(current, dict) else None
    return ".".join(words[begin:])


def _problem(document: Document, model: type[BaseModel], base: Path_, detail: ErrorDetails) -> Problem:
    path = (*base, *detail["loc"])
    known = _known_path(document, path)
    if detail["type"] == "missing":
        wanted = str(detail["loc"][-1])
        place = document.place(known) if known else Place(document.file, 1, 1)
        return Problem(
            "document/missing", place, f"'{wanted}' is missing here.", f"此处缺少“{wanted}”。",
            f"Add a line '{wanted}: ...'.", f"请添加一行“{wanted}: …”。",
        )  # fmt: skip
    if detail["type"] == "extra_forbidden":
        return _unknown_key(document, model, path, detail)
    name = _named(document, known, len(base)) or Path(document.file).name
    said = misfit(detail)
    return Problem("document/value", document.place(known), f"{name}: {said.en}", f"{name}：{said.zh}",
                   said.mend_en, said.mend_zh)  # fmt: skip


def _unknown_key(document: Document, model: type[BaseModel], path: Path_, detail: ErrorDetails) -> Problem:
    wrong = str(detail["loc"][-1])
    near = nearest(wrong, _field_names(model, detail["loc"][:-1]))
    mend_en = f"Did you mean '{near}'?" if near else "Remove it."
    mend_zh = f"是否应为“{near}”？" if near else "请删除。"
    if near is None and detail["input"] is None:
        mend_en = "If it belongs to the text before the comma, put that whole text in quotes."
        mend_zh = "如属逗号前的文字，请把整段文字用引号括起来。"
    return Problem(
        "document/unknown-key", document.key_place(path), f"'{wrong}' is not known here.", f"“{wrong}”在此不是已知的键。",
        mend_en, mend_zh,
    )  # fmt: skip


def _known_path(document: Document, path: Path_) -> Path_:
    """Return the longest beginning of ``path`` that stands in the document, stepping over union tags of the model."""
    found: Path_ = ()
    for step in path:
        if (*found, step) in document.places:
            found = (*found, step)
    return found


def _field_names(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Return the names that the model at ``loc`` knows, following fields, lists and mappings of models."""
    current: type[BaseModel] | None = model
    for step in loc:
        if current is None or not isinstance(step, str) or step not in _aliases(current):
            continue
        inner = _models_in(current.model_fields[_aliases(current)[step]].annotation)
        current = inner[0] if inner else current
    return list(_aliases(current)) if current else []


def _aliases(model: type[BaseModel]) -> dict[str, str]:
    return {str(info.alias or name): name for name, info in model.model_fields.items()}


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _models_in(inner)]
