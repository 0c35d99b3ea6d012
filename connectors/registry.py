"""Finds the kinds of sources by listing this folder, and imports only those that are configured.

A file is a kind if it says so itself: ``kind: ClassVar[str] = "<its own name>"``. It has a model ``Read`` for the
``read:`` block and a function ``connect``. A missing driver of one kind stops no other.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol, cast

from connectors.base import Batch, Connector, Cursor
from connectors.checks import check
from connectors.mapping import Part, SourceSpec
from rules.documents import Document, Plain, load, nearest, validate
from rules.facts import Instant
from rules.problems import Problem, UserError, refuse

__all__ = ["SourceSpec", "kinds", "load_source", "open_connector", "read_all", "source_of"]

_HERE: Final = Path(__file__).parent
_SAYS_ITS_KIND: Final = re.compile(r'^    kind: ClassVar\[str\] = "(\w+)"$', re.MULTILINE)


class KindModule(Protocol):
    """What a kind's file offers."""

    Read: type[Part]
    """The model of the ``read:`` block."""

    def connect(
        self, spec: SourceSpec, read: Part, secrets: Mapping[str, str], base: Path, path: Path | None
    ) -> Connector:
        """Return a connector that has opened nothing yet; raise ``UserError`` if it cannot be made."""
        ...


def kinds() -> tuple[str, ...]:
    """Return the kinds that this folder holds, in alphabetical order, without importing any."""
    stems = sorted(path.stem for path in _HERE.glob("*.py"))
    return tuple(stem for stem in stems if stem in _SAYS_ITS_KIND.findall((_HERE / f"{stem}.py").read_text("utf-8")))


def load_source(path: Path) -> SourceSpec:
    """Read a mapping; raise ``UserError`` with every problem, each with its place."""
    return source_of(load(path))


def source_of(document: Document) -> SourceSpec:
    """Return the mapping that a document says, as ``load_source`` does."""
    problems: list[Problem] = []
    spec: SourceSpec | None = None
    try:
        spec = validate(SourceSpec, document)
        problems += check(spec, document)
    except UserError as error:
        problems += error.problems
    try:
        if isinstance(document.data, dict):
            _read_block(str(document.data.get("kind", "")), document.data.get("read") or {}, document)
    except UserError as error:
        problems += error.problems
    if problems or spec is None:
        raise UserError(problems)
    return spec


def open_connector(spec: SourceSpec, secrets: Mapping[str, str], base: Path, path: Path | None = None) -> Connector:
    """Return the connector of a mapping; relative paths start at ``base``, and ``path`` overrides that of ``files``.

    Raises ``UserError`` for an unknown kind, a mapping that contradicts itself, a missing driver or a missing secret.
    """
    document = Document(spec.source, {"read": cast("Plain", spec.read)})
    problems = check(spec, document)
    if problems:
        raise UserError(problems)
    if path is not None and spec.kind != "files":
        raise refuse(
            "source/path", spec.source, f"A source of kind '{spec.kind}' reads no file, so no path can be given for it.",
            f"{spec.kind} 类数据源不读取文件，不能指定路径。", mend_en="Leave out --path.", mend_zh="请去掉 --path。",
        )  # fmt: skip
    module, read = _read_block(spec.kind, cast("Plain", spec.read), document)
    return module.connect(spec, read, secrets, base, path)


def read_all(connector: Connector, now: Instant) -> Iterator[Batch]:
    """Yield everything a source holds, once: also a last line without a line end, which a running daemon would await."""
    cursor: Cursor = {}
    for _ in range(2):
        before = dict(cursor)
        for batch in connector.fetch(cursor, now):
            cursor = batch.cursor
            if batch.rows or not batch.more:
                yield batch
        if connector.kind != "files" or cursor == before:
            return


def _read_block(kind: str, block: Plain, document: Document) -> tuple[KindModule, Part]:
    """Return a kind's module and its ``read:`` block; raise ``UserError`` if there is no such kind or driver."""
    if kind not in kinds():
        near = nearest(kind, kinds())
        raise UserError([Problem(
            "mapping/kind", document.place(("kind",)), f"'{kind}' is not a kind of source; there are {', '.join(kinds())}.",
            f"“{kind}”不是数据源类型；现有 {'、'.join(kinds())}。",
            f"Did you mean '{near}'?" if near else "Choose one of them.", f"是否应为“{near}”？" if near else "请选择其一。",
        )])  # fmt: skip
    try:
        module = cast("KindModule", importlib.import_module(f"connectors.{kind}"))
    except ModuleNotFoundError as error:
        raise refuse(
            "source/driver", document.file, f"Kind '{kind}' needs the package '{error.name}', which is not installed.",
            f"{kind} 类数据源需要 {error.name}，但未安装。", mend_en=f"Install it: pip install {error.name}.",
            mend_zh=f"请安装：pip install {error.name}。",
        ) from error  # fmt: skip
    return module, validate(module.Read, document, ("read",), cast("dict[str, Plain]", block))
