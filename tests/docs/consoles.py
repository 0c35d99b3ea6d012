"""Runs a page as its reader would: writes its files, applies its edits, types its commands, compares what is printed.

A block ```` ```yaml file=own/a.yaml ```` is a file, ```` ```yaml add=own/a.yaml ```` is written at its end, ```` ```diff file=... ````
replaces the lines after ``-`` by those after ``+``. In a ```` ```console ```` block each line after ``$ `` is a command and
the rest is what it prints; ``...`` in it stands for anything. ``python tests/docs/consoles.py PAGE`` writes it anew.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from daemon.cli.entry import run

BLOCK = re.compile(r"^```(\w+)(?: (file|add)=(\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n?)*)", re.MULTILINE)


class Typed(NamedTuple):
    """A command of a page with what the page says it prints, and what it printed."""

    command: str
    expected: str
    printed: str

    @property
    def as_said(self) -> bool:
        """Whether it printed what the page says."""
        pattern = ".*?".join(re.escape(part) for part in self.expected.split("..."))
        return re.fullmatch(pattern, self.printed, re.DOTALL) is not None


def played(page: str, folder: Path, language: str) -> Iterator[Typed]:
    """Yield each command of a page after it has run in ``folder``."""
    for kind, how, name, text in BLOCK.findall(page):
        if kind == "console":
            for command, expected in COMMAND.findall(text):
                yield Typed(command, plain(expected), plain(printed(command, folder, language)))
        elif how:
            put(folder / name, kind, how, text)


def put(file: Path, kind: str, how: str, text: str) -> None:
    """Write a file of a page, add to it, or change lines of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if kind == "diff":
        lines = text.splitlines()
        was = "\n".join(line[1:] for line in lines if line.startswith("-"))
        becomes = "\n".join(line[1:] for line in lines if line.startswith("+"))
        before = file.read_text(encoding="utf-8")
        assert before.count(was) == 1, f"{file.name} does not hold once: {was}"
        file.write_text(before.replace(was, becomes), encoding="utf-8")
    else:
        before = file.read_text(encoding="utf-8") if how == "add" else ""
        file.write_text(before + text, encoding="utf-8")


def printed(command: str, folder: Path, language: str) -> str:
    """Return what a command prints, on both streams, in the order of printing; ours run in this process."""
    lang = {"zh": "zh_CN.UTF-8", "en": "en_GB.UTF-8"}[language]
    ours = {"COLUMNS": "100", "LC_ALL": "", "LC_MESSAGES": "", "TERM": "dumb", "LANG": lang}
    if command.startswith("mingdeng ") and "|" not in command:
        said = io.StringIO()
        with chdir(folder), patch.dict(os.environ, ours), redirect_stdout(said), redirect_stderr(said):
            run(shlex.split(command)[1:])
        return said.getvalue()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env={**os.environ, **ours, "PATH": path, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.stdout


def plain(text: str) -> str:
    """Return text without what nobody sees: blanks at the ends of lines, empty lines at either end."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def renewed(page: str, language: str) -> str:
    """Return a page with what its commands print now where it says otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        typed = iter(list(played(page, Path(folder), language)))

    def block(match: re.Match[str]) -> str:
        if match[1] != "console":
            return match[0]
        parts = [
            (t.command, t.expected if t.as_said else t.printed)
            for _ in COMMAND.findall(match[4])
            for t in [next(typed)]
        ]
        return "```console\n" + "".join(f"$ {c}\n{p}\n" if p else f"$ {c}\n" for c, p in parts) + "```"

    return BLOCK.sub(block, page)


if __name__ == "__main__":
    for named in sys.argv[1:]:
        place = Path(named)
        tongue = "zh" if re.search(r"[\u4e00-\u9fff]", place.name) else "en"
        place.write_text(renewed(place.read_text(encoding="utf-8"), tongue), encoding="utf-8")
