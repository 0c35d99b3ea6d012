"""``mingdeng check``: everything that is wrong with settings, rulebooks, calendars, mappings, catalogues, at once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from daemon.cli.language import chosen, say
from daemon.law import Problems
from daemon.settingsfile import DEFAULT_FILE
from rules.documents import load, load_rest
from rules.problems import Problem, UserError, refuse, render

KINDS: Final = ("rulebook", "calendar", "source", "profile", "items", "catalogue")
"""The first key of a file says what it is."""
Check: TypeAlias = Callable[[], Sequence[Problem]]


class Form(StrEnum):
    """How problems are printed."""

    TEXT = "text"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("check")
    def check(
        path: Annotated[
            Path | None, typer.Argument(help="File or folder; else mingdeng.toml, or what is shipped.")
        ] = None,
        profile: Annotated[
            str | None, typer.Option(help="Check under this severity profile and print what it changes.")
        ] = None,
        format_: Annotated[Form, typer.Option("--format", help="How problems are printed.")] = Form.TEXT,
        schema: Annotated[
            bool, typer.Option("--schema", help="Print the JSON Schema of a rulebook for editors, and check nothing.")
        ] = False,
    ) -> None:
        """Check files: each problem with its place and the edit that mends it; exit 0 if there is no error."""
        if schema:
            print(_schema(), end="")
            return
        found: list[Problem] = []
        files = 0
        for name, attempt in _checks(path, profile):
            found += attempt()
            files += 1
            if format_ is Form.TEXT:
                print(name, flush=True)
        problems = list(dict.fromkeys(found))
        errors = [problem for problem in problems if problem.severity == "error"]
        if format_ is Form.JSON:
            print(as_json(problems))
        else:
            _tell(problems, len(errors), files)
        if profile is not None and not errors and format_ is Form.TEXT:
            _print_differences(path, profile)
        if errors:
            raise typer.Exit(1)


def _tell(problems: Sequence[Problem], errors: int, files: int) -> None:
    if problems:
        print(render(problems, chosen()), file=sys.stderr)
        warnings = len(problems) - errors
        print(say(f"{_count(errors, 'error')}, {_count(warnings, 'warning')} ({_count(files, 'file')} checked).",
                  f"{errors} 处错误，{warnings} 处提醒（共检查 {files} 个文件）。"))  # fmt: skip
    else:
        print(say(f"Nothing is wrong ({_count(files, 'file')} checked).", f"没有发现问题（共检查 {files} 个文件）。"))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def as_json(problems: Sequence[Problem]) -> str:
    """Return problems as JSON: one object each, with its place and both languages."""
    return json.dumps(
        [
            {
                "file": p.place.file, "line": p.place.line, "column": p.place.column, "width": p.place.width,
                "code": p.code, "severity": p.severity, "en": p.en, "zh": p.zh, "mend_en": p.mend_en, "mend_zh": p.mend_zh,
            }
            for p in problems
        ],
        ensure_ascii=False, indent=1,
    )  # fmt: skip


def _checks(path: Path | None, profile: str | None) -> Iterator[tuple[str, Check]]:
    if path is None and profile is None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    if path is None:
        yield "rules/books", partial(_rulebooks, [], profile)
    elif path.is_dir():
        yield from _folder(path, profile)
    else:
        yield str(path), partial(_file, path, profile)


def _folder(path: Path, profile: str | None) -> Iterator[tuple[str, Check]]:
    """Yield every file of a folder; the rulebooks of one folder are held against each other too."""
    files = sorted(file for file in path.rglob("*.yaml") if not any(part.startswith(".") for part in file.parts))
    files += sorted(path.glob("*.toml"))
    if not files:
        raise refuse(
            "check/none", path, "There is nothing to check in this folder.", "此文件夹中没有可检查的文件。",
            mend_en="Name a folder or file with *.yaml or *.toml.",
            mend_zh="请指定含 *.yaml 或 *.toml 的文件或文件夹。",
        )  # fmt: skip
    together: dict[Path, list[Path]] = {}
    for file in files:
        if file.suffix == ".yaml" and _kind(file) == "rulebook":
            together.setdefault(file.parent, []).append(file)
        else:
            yield str(file), partial(_file, file, profile)
    for books in together.values():
        for file in books[:-1]:
            yield str(file), list
        yield str(books[-1]), partial(_rulebooks, books, profile)


def _kind(path: Path) -> str:
    """Return what a file says it is, "" if it does not say or cannot be read."""
    try:
        data = load_rest(path).data
    except UserError:
        return ""
    return next((key for key in data if key in KINDS), "") if isinstance(data, dict) else ""


def _file(path: Path, profile: str | None) -> Sequence[Problem]:
    """Return what is wrong with one file."""
    if path.suffix == ".toml":
        return _attempt(partial(_settings, path))
    kind = _kind(path)
    if kind == "rulebook":
        return _rulebooks([path], profile)
    if kind == "profile":
        from rules.checkup import check_profile

        return check_profile(path)
    readers: dict[str, Callable[[Path], None]] = {
        "calendar": _calendar, "source": _mapping, "items": _items, "catalogue": _catalogue_mapping,
        "": _unreadable,
    }  # fmt: skip
    return _attempt(partial(readers[kind], path))


def _attempt(read: Callable[[], object]) -> Sequence[Problem]:
    """Return the problems of what ``read`` raises."""
    problems = Problems()
    problems.attempt(read)
    return problems.found


def _schema() -> str:
    from rules.checkup import schema

    return schema()


def _print_differences(path: Path | None, profile: str) -> None:
    """Print the table of what a profile changes."""
    from daemon.cli.changes import print_changes
    from rules.differences import differences
    from rules.loader import load_books

    books = [path] if path is not None else []
    named = Path(profile) if Path(profile).suffix else profile
    print_changes(differences(load_books(books), load_books(books, named)))


def _settings(path: Path) -> None:
    from daemon.bootstrap import read_parts
    from daemon.settingsfile import load_settings

    read_parts(load_settings(path), str(path))


def _rulebooks(paths: Sequence[Path], profile: str | None) -> Sequence[Problem]:
    from daemon.law import read_law
    from rules.checkup import check_books

    named = Path(profile) if profile is not None and Path(profile).suffix else profile
    found = check_books(paths, named)
    if any(problem.severity == "error" for problem in found):
        return found
    folders = sorted({path if path.is_dir() else path.parent for path in paths})
    return [*found, *_attempt(lambda: read_law(paths, calendars=folders))]


def _calendar(path: Path) -> None:
    from rules.calendarbook import open_calendars

    book = open_calendars([path])
    for name in book.names():
        book.get(name)


def _mapping(path: Path) -> None:
    from connectors.registry import load_source

    load_source(path)


def _items(path: Path) -> None:
    from rules.catalogue import load_catalogue

    load_catalogue(path)


def _catalogue_mapping(path: Path) -> None:
    from rules.itemimport import load_mapping

    load_mapping(path)


def _unreadable(path: Path) -> None:
    """Refuse a file that is no YAML, or does not say what it is."""
    load(path)
    raise refuse(
        "check/kind", path, "This file does not say what it is.", "无法判断这是什么文件。",
        mend_en=f"Its first key has to be one of: {', '.join(KINDS)}.", mend_zh=f"第一个键应为：{'、'.join(KINDS)}。",
    )  # fmt: skip
