"""Turns what the settings model refuses into problems that bear the place where the value was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from daemon.settings import Settings
from rules.documents import Document, Path_, nearest
from rules.problems import Place, Problem

PREFIX: Final = "MINGDENG_"

SAID: Final[Mapping[str, tuple[str, str]]] = {
    "int_parsing": ("has to be a whole number", "必须是整数"),
    "int_type": ("has to be a whole number", "必须是整数"),
    "int_from_float": ("has to be a whole number", "必须是整数"),
    "string_type": ("has to be a text in quotes", "必须是带引号的文本"),
    "path_type": ("has to be a path in quotes", "必须是带引号的路径"),
    "greater_than_equal": ("has to be at least {ge}", "不得小于 {ge}"),
    "less_than_equal": ("may be at most {le}", "不得大于 {le}"),
    "literal_error": ("has to be one of {expected}", "必须是其中之一：{expected}"),
    "string_pattern_mismatch": (
        "has to be a word of small letters, digits, - and _",
        "必须由小写字母、数字、- 和 _ 组成",
    ),
    "string_too_short": ("must not be empty", "不得为空"),
    "too_short": ("needs at least one entry", "至少需要一项"),
    "tuple_type": ("has to be a list: write [[{name}]] before each table", "必须是列表：每个表前写 [[{name}]]"),
    "model_type": ("has to be a table with keys of its own", "必须是表"),
    "model_attributes_type": ("has to be a table with keys of its own", "必须是表"),
    "duration": ("has to be a length of time such as 30s, 5m or 1h", "必须是时长，如 30s、5m、1h"),
    "zone": ("has to be a time zone such as Asia/Shanghai", "必须是时区，如 Asia/Shanghai"),
    "dict_type": ("has to be a table", "必须是表"),
}

OWNER: Final = (
    "No supervision owner is named, so nobody would hear of a card.",
    "没有设置监察责任单位，发牌将无人知晓。",
    'Add [owner] with name = "..." and tell = [{channel = "...", address = "..."}].',
    '请添加 [owner]，写明 name = "…" 和 tell = [{channel = "…", address = "…"}]。',
)


@dataclass(frozen=True, slots=True)
class Origins:
    """The three places that a setting may come from."""

    document: Document
    environ: Mapping[str, str]
    secrets_dir: Path | None

    def place(self, loc: Path_, *, key: bool = False) -> Place:
        """Return where the value (or the ``key`` that names it) at ``loc`` was written, the ruling place first."""
        for length in range(len(loc), 0, -1):
            name = "__".join(str(step) for step in loc[:length])
            variable = self._variable(f"{PREFIX}{name}".upper())
            if variable is not None:
                return Place(variable)
            if self.secrets_dir is not None and (self.secrets_dir / name).is_file():
                return Place(str(self.secrets_dir / name))
            if loc[:length] in self.document.places:
                break
        return self.document.key_place(loc) if key else self.document.place(loc)

    def _variable(self, wanted: str) -> str | None:
        return next((name for name in self.environ if name.upper() == wanted), None)


def own_faults(details: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out that a list is too short where that is only because an entry of it is wrong."""
    places = [detail["loc"] for detail in details]
    return [
        detail
        for detail in details
        if detail["type"] != "too_short"
        or not any(len(loc) > len(detail["loc"]) and loc[: len(detail["loc"])] == detail["loc"] for loc in places)
    ]


def problem_of(detail: ErrorDetails, origins: Origins) -> Problem:
    """Return the problem that one refusal of the model is, with its mending edit."""
    loc = detail["loc"]
    if detail["type"] == "missing":
        return _missing(loc, origins)
    if detail["type"] == "extra_forbidden":
        return _unknown(loc, origins)
    name = ".".join(str(step) for step in loc)
    en, zh = SAID.get(detail["type"], (_own_sentence(detail), _own_sentence(detail)))
    values = {"name": loc[0] if loc else "", **detail.get("ctx", {})}
    return Problem(
        "settings/value", origins.place(loc), f"{name} {en.format_map(values)}.", f"{name} {zh.format_map(values)}。"
    )


def _own_sentence(detail: ErrorDetails) -> str:
    said = detail["msg"].removeprefix("Value error, ").rstrip(".")
    return f"cannot be used: {said}".replace("{", "{{").replace("}", "}}")


def _missing(loc: Path_, origins: Origins) -> Problem:
    if loc == ("owner",):
        return Problem("settings/owner", origins.document.place(), *OWNER)
    wanted, table = str(loc[-1]), ".".join(str(step) for step in loc[:-1])
    return Problem(
        "settings/missing-key", origins.place(loc[:-1]),
        f"'{wanted}' is missing in {table}.", f"{table} 缺少“{wanted}”。",
        f"Add a line {wanted} = ...", f"请添加一行 {wanted} = …",
    )  # fmt: skip


def _unknown(loc: Path_, origins: Origins) -> Problem:
    wrong = str(loc[-1])
    near = nearest(wrong, known_keys(loc[:-1]))
    return Problem(
        "settings/unknown-key", origins.place(loc, key=True),
        f"'{wrong}' is not a setting here.", f"此处没有“{wrong}”这个设置。",
        f"Did you mean '{near}'?" if near else "Remove it.", f"是否应为“{near}”？" if near else "请删除。",
    )  # fmt: skip


def known_keys(loc: Path_) -> list[str]:
    """Return the keys that may stand in the table at ``loc``, stepping through lists and named tables."""
    models: list[type[BaseModel]] = [Settings]
    for step in loc:
        fields = models[0].model_fields if models else {}
        if isinstance(step, str) and step in fields:
            models = _models_in(fields[step].annotation)
    return list(models[0].model_fields) if models else []


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _models_in(inner)]


def unknown_environment(environ: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem for each variable that is written like a setting and names no section."""
    sections = list(Settings.model_fields)
    for name in sorted(environ):
        if not name.upper().startswith(PREFIX) or "__" not in name:
            continue
        section = name[len(PREFIX) :].split("__")[0].lower()
        if section not in sections:
            near = nearest(section, sections)
            yield Problem(
                "settings/environment", Place(name),
                f"There is no section '{section}'.", f"没有“{section}”这一节。",
                f"Did you mean {PREFIX}{near.upper()}__...?" if near else "Unset the variable.",
                f"是否应为 {PREFIX}{near.upper()}__…？" if near else "请取消此环境变量。",
            )  # fmt: skip
