"""Pages that show commands with what they print: every command prints what its page says."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGES = {
    "docs/rule-in-ten-minutes.md": "en",
    "docs/十分钟写一条规则.md": "zh",
}


def consoles() -> ModuleType:
    spec = importlib.util.spec_from_file_location("consoles", Path(__file__).with_name("consoles.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["consoles"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_the_page_prints_what_the_page_says(page: str, tmp_path: Path) -> None:
    """If this fails and the page is wrong: python tests/docs/consoles.py PAGE."""
    runner = consoles()
    text = (ROOT / page).read_text(encoding="utf-8")

    typed = list(runner.played(text, tmp_path, PAGES[page]))

    assert len(typed) >= 10
    assert [(t.command, t.printed) for t in typed if not t.as_said] == []


def test_the_runner_notices_a_page_that_says_something_else(tmp_path: Path) -> None:
    page = "```text file=a.txt\nhello\n```\n\n```console\n$ cat a.txt\nhe...\n$ cat a.txt\ngood-bye\n```\n"

    assert [t.as_said for t in consoles().played(page, tmp_path, "en")] == [True, False]
