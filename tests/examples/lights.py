"""Runs the one command of an example's README on a file, and reads the lights that it writes."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
MINGDENG: Final = (sys.executable, "-c", "from daemon.cli import main; main()")


def lights(
    example: str, file: Path, at: str, out: Path, *, rulebook: str = "rulebook.yaml", more: Sequence[str] = ()
) -> dict[str, dict[str, str]]:
    """Return the row of each case by its number."""
    folder = EXAMPLES / example
    asked = ["--source", str(folder / "source.yaml"), "--path", str(file), "--rulebook", str(folder / rulebook)]
    written = ["--at", at, "--format", "csv", "--out", str(out), *more]
    subprocess.run([*MINGDENG, "review", *asked, *written], check=True, timeout=110)
    with out.open(encoding="utf-8-sig", newline="") as text:
        return {row["case_no"]: row for row in csv.DictReader(text)}


def proved(example: str, rulebook: str = "rulebook.yaml") -> str:
    """Check a whole example and run the tests of a rulebook; return the last line that it prints."""
    subprocess.run([*MINGDENG, "check", str(EXAMPLES / example)], check=True, timeout=60, stdout=subprocess.DEVNULL)
    tested = subprocess.run(
        [*MINGDENG, "test", str(EXAMPLES / example / rulebook)],
        check=True, timeout=60, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    return tested.stdout.splitlines()[-1]
