"""Reads what people write (YAML) with the place of every value, and holds it against a model, all problems at once.

Safe by construction: plain values only, bounded in size, depth and aliases; a key that stands twice is a problem, and
so is a value such as ``no`` that YAML would quietly read as false where a text was meant.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rules.problems import Place, Problem, UserError, refuse

Plain: TypeAlias = "bool | int | float | str | dt.date | dt.datetime | list[Plain] | dict[str, Plain] | None"
Path_: TypeAlias = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

MAX_BYTES: Final = 4_000_000
MAX_DEPTH: Final = 40
MAX_NODES: Final = 400_000


@dataclass(frozen=True, slots=True)
class Document:
    """A file as plain values, with the place of each value by its path of keys and indexes."""

    file: str
    data: Plain
    places: Mapping[Path_, Place] = field(default_factory=dict)
    key_places: Mapping[Path_, Place] = field(default_factory=dict)

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


def parse(text: str, file: str) -> Document:
    """Read YAML text as ``load`` does; ``file`` is the name that problems show."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        said = error.problem or "malformed"
        problem = Problem(
            "document/yaml", place, f"This is not well-formed YAML: {said}.", f"YAML 格式错误：{said}。",
            "Check indentation, quotes and the colon before this place.", "请检查此处之前的缩进、引号和冒号。",
        )  # fmt: skip
        raise UserError([problem]) from error
    except yaml.YAMLError as error:
        raise refuse("document/yaml", file, f"This is not YAML text: {error}.", f"不是 YAML 文本：{error}。") from error
    except RecursionError as error:
        raise refuse("document/depth", file, "The file is nested too deeply.", "文件嵌套过深。") from error
    reader = _Reader(file)
    data = reader.plain(root, (), 0) if root is not None else None
    if reader.problems:
        raise UserError(reader.problems)
    return Document(file, data, reader.places, reader.key_places)


@dataclass(slots=True)
class _Reader:
    file: str
    places: dict[Path_, Place] = field(default_factory=dict)
    key_places: dict[Path_, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: int = 0

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
                self._problem(key_node, "document/key", "A key has to be a single word or text.", "键必须是单个文本。")
                continue
            key = str(key_node.value)
            if key in found:
                self._problem(
                    key_node, "document/duplicate", f"The key '{key}' stands twice here.", f"键“{key}”在此重复。"
                )
                continue
            self.key_places[(*path, key)] = self._place(key_node)
            found[key] = self.plain(value_node, (*path, key), depth + 1)
        return found

    def _scalar(self, node: yaml.Node) -> Plain:
        loader = yaml.SafeLoader("")
        try:
            value = loader.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            said = str(getattr(error, "problem", None) or error)
            self._problem(node, "document/value", f"This value cannot be read: {said}.", f"无法读取此值：{said}。")
            return None
        finally:
            loader.dispose()
        if isinstance(value, float) and not math.isfinite(value):
            self._problem(node, "document/value", "A number has to be finite.", "数值必须有限。")
            return None
        if value is None or isinstance(value, bool | int | float | str | dt.date):
            return value
        self._problem(node, "document/value", "Only plain values may stand here.", "此处只能写普通值。")
        return None

    def _place(self, node: yaml.Node) -> Place:
        start, end = node.start_mark, node.end_mark
        width = end.column - start.column if end.line == start.line else 1
        return Place(self.file, start.line + 1, start.column + 1, max(1, width))

    def _problem(self, node: yaml.Node, code: str, en: str, zh: str) -> None:
        self.problems.append(Problem(code, self._place(node), en, zh))


def validate(model: type[Model], document: Document, path: Path_ = (), data: Plain | Hashable = ...) -> Model:
    """Return the model made of the document (or of its part at ``path``); raise ``UserError`` with every problem."""
    value = document.data if data is ... else data
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise UserError(_problem(document, model, path, detail) for detail in error.errors()) from error


def validate_leniently(model: type[Model], document: Document) -> tuple[Model | None, tuple[Problem, ...]]:
    """Return every problem of the document, and what can be made of the rest: None where the rest is not enough.

    So a misspelt key does not hide what is wrong in the values beside it.
    """
    try:
        return model.model_validate(document.data), ()
    except ValidationError as error:
        details = error.errors()
        problems = tuple(_problem(document, model, (), detail) for detail in details)
    try:
        return model.model_validate(_without(document.data, {tuple(detail["loc"]) for detail in details})), problems
    except ValidationError:
        return None, problems


def _without(value: Plain, faulty: set[Path_], path: Path_ = ()) -> Plain:
    """Return the data without the faulty entries of mappings; lists keep their length, so that places stay right."""
    if isinstance(value, dict):
        kept = {key: inner for key, inner in value.items() if (*path, key) not in faulty}
        return {key: _without(inner, faulty, (*path, key)) for key, inner in kept.items()}
    if isinstance(value, list):
        return [_without(inner, faulty, (*path, index)) for index, inner in enumerate(value)]
    return value


def _problem(document: Document, model: type[BaseModel], base: Path_, detail: ErrorDetails) -> Problem:
    path = (*base, *detail["loc"])
    known = _known_path(document, path)
    name = ".".join(str(step) for step in known[len(base) :]) or document.file
    if detail["type"] == "missing":
        wanted = str(detail["loc"][-1])
        return Problem(
            "document/missing", document.place(known), f"'{wanted}' is missing here.", f"此处缺少“{wanted}”。",
            f"Add a line '{wanted}: ...'.", f"请添加一行“{wanted}: …”。",
        )  # fmt: skip
    if detail["type"] == "extra_forbidden":
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
    said = detail["msg"].removeprefix("Value error, ")
    return Problem("document/value", document.place(known), f"{name}: {said}.".replace("..", "."), f"{name}：{said}")


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


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like ``word``, None if none is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None
