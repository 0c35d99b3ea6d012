"""Opens a file for reading bytes, unzipping where its name says so."""

from __future__ import annotations

import codecs
import gzip
import io
from pathlib import Path
from typing import BinaryIO, Final, cast

from rules.problems import refuse

_MARKS: Final = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16", b"PK\x03\x04": "a ZIP or XLSX archive"}


def zipped(path: Path) -> bool:
    """Say whether a file's name says that it is zipped."""
    return path.suffix == ".gz"


def open_bytes(path: Path) -> BinaryIO:
    """Open a file, unzipped."""
    if not zipped(path):
        return path.open("rb")
    return cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", gzip.open(path, "rb")), 262_144))


def open_text(path: Path) -> BinaryIO:
    """Open a file of text lines; refuse what is plainly not text in a single-byte-safe encoding."""
    with path.open("rb") as stream:
        start = stream.read(4)
    for mark, what in _MARKS.items():
        if start.startswith(mark):
            raise refuse(
                "source/not-text", path, f"The file is {what}, not delimited text in UTF-8 or GB18030.",
                "该文件不是 UTF-8 或 GB18030 的分隔文本。", mend_en="Save it as CSV in UTF-8.",
                mend_zh="请另存为 UTF-8 编码的 CSV。",
            )  # fmt: skip
    return open_bytes(path)
