"""``mingdeng check``: everything that is wrong with settings, rulebooks, calendars, mappings, catalogues, at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from daemon.cli.language import say
from daemon.law import Problems
from daemon.settingsfile import DEFAULT_FILE
from rules.documents import load
from rules.problems import UserError, refuse

KINDS: Final = ("rulebook", "calendar", "source", "profile", "items", "catalogue")
"""The first key of a file says what it is."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("check")
    def check(
        path: Annotated[
            Path | None, typer.Argument(help="File or folder; else mingdeng.toml, or what is shipped.")
        ] = None,
    ) -> None:
        """Check files: each problem with its place and the edit that mends it; exit 0 if there is none."""
        problems, files = Problems(), 0
        for name, attempt in _checks(path):
            problems.attempt(attempt)
            files += 1
            print(f"{name}", flush=True)
        if problems.found:
            raise problems.error()
        print(say(f"Nothing is wrong ({files} checked).", f"没有发现问题（共 {files} 项）。"))


def _checks(path: Path | None) -> Iterator[tuple[str, Callable[[], object]]]:
    if path is None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    if path is None:
        yield "rules/books", partial(_rulebooks, None)
    elif path.is_dir():
        files = sorted(file for file in path.rglob("*.yaml") if not any(part.startswith(".") for part in file.parts))
        files += sorted(path.glob("*.toml"))
        if not files:
            raise refuse(
                "check/none", path, "There is nothing to check in this folder.", "此文件夹中没有可检查的文件。",
                mend_en="Name a folder or file with *.yaml or *.toml.",
                mend_zh="请指定含 *.yaml 或 *.toml 的文件或文件夹。",
            )  # fmt: skip
        for file in files:
            yield str(file), partial(_file, file)
    else:
        yield str(path), partial(_file, path)


def _file(path: Path) -> None:
    if path.suffix == ".toml":
        _settings(path)
        return
    data = load(path).data
    kind = next((key for key in data if key in KINDS), "") if isinstance(data, dict) else ""
    readers: dict[str, Callable[[Path], None]] = {
        "rulebook": _rulebooks, "calendar": _calendar, "source": _mapping, "profile": _profile, "items": _items,
        "catalogue": _catalogue_mapping,
    }  # fmt: skip
    if kind not in readers:
        raise _unknown_kind(path)
    readers[kind](path)


def _settings(path: Path) -> None:
    from daemon.bootstrap import read_parts
    from daemon.settingsfile import load_settings

    read_parts(load_settings(path), str(path))


def _rulebooks(path: Path | None) -> None:
    from daemon.law import read_law

    read_law([path] if path is not None else [], calendars=[path.parent] if path is not None else [])


def _calendar(path: Path) -> None:
    from rules.calendarbook import open_calendars

    book = open_calendars([path])
    for name in book.names():
        book.get(name)


def _mapping(path: Path) -> None:
    from connectors.registry import load_source

    load_source(path)


def _profile(path: Path) -> None:
    from rules.profiles import load_profile

    load_profile(path)


def _items(path: Path) -> None:
    from rules.catalogue import load_catalogue

    load_catalogue(path)


def _catalogue_mapping(path: Path) -> None:
    from rules.itemimport import load_mapping

    load_mapping(path)


def _unknown_kind(path: Path) -> UserError:
    return refuse(
        "check/kind", path, "This file does not say what it is.", "无法判断这是什么文件。",
        mend_en=f"Its first key has to be one of: {', '.join(KINDS)}.", mend_zh=f"第一个键应为：{'、'.join(KINDS)}。",
    )  # fmt: skip
