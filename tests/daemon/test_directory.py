"""``mingdeng directory``: a workbook or a folder of CSV files becomes the directory in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.cli.entry import run

SETTINGS = """\
[owner]
name = "纪检监察室"
tell = [{channel = "hook", address = "owner"}]

[[routes]]
rank = "R0"
name = "窗口"
tell = [{channel = "hook", address = "window"}]

[channels.hook]
kind = "log"
"""

TABLES = {
    "单位": "编码,名称,上级\ncounty,县政府,\nmarket,市场监管局,county\n",
    "posts": "unit,post,rank,zh,en\nmarket,head,R3,局长,director\ncounty,leader,R4,分管县领导,\n",
    "people": "account,name,addresses\na,甲,hook=a\nb,乙,hook=b\nc,丙,hook=c\n",
    "holders": "unit,post,account,from,until\nmarket,head,a,2018-01-01,\ncounty,leader,c,,\n",
    "deputies": "unit,post,account\nmarket,head,b\n",
    "leave": "account,from,until\na,2018-10-22,2018-10-26\n",
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return the settings of a deployment beside a folder ``org`` with the tables."""
    (tmp_path / "org").mkdir()
    for name, content in TABLES.items():
        encoding = "gb18030" if name == "people" else "utf-8"
        (tmp_path / "org" / f"{name}.csv").write_text(content, encoding=encoding)
    settings = tmp_path / "mingdeng.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    return settings


def test_what_is_imported_answers_who_would_be_told_and_why(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def directory(*arguments: str) -> tuple[int, str, str]:
        code = run(["--lang", "en", "directory", *arguments, "-c", str(config)])
        out, err = capsys.readouterr()
        return code, out, err

    org = str(config.parent / "org")
    assert directory("check", org)[:2] == (0, "Nothing is wrong.\n")
    assert len(directory("diff", org)[1].splitlines()) == 11
    assert directory("import", org, "--by", "admin")[1] == "Version 1 is in force; 11 lines changed.\n"
    assert directory("import", org, "--by", "admin")[1] == "Nothing changed; version 1 stays in force.\n"
    assert directory("diff", org)[1] == ""

    code, said, _ = directory("who", "market", "R3", "--at", "2018-10-23T10:00")
    assert (code, said.splitlines()[1:]) == (
        0, ["  乙 (for 局长（甲）): hook b", "  - 甲, director, is on leave", "  - 乙 deputises"],
    )  # fmt: skip
    assert "hook a" in directory("who", "market", "R3", "--at", "2018-10-27T10:00")[1]
    assert "the route table of the settings" in directory("who", "market", "R0")[1]
    code, said, _ = directory("who", "market", "R1")
    assert (code, "nobody" in said) == (1, True)

    (config.parent / "org" / "holders.csv").write_text("unit,post,account\nmarket,chief,zz\n", encoding="utf-8")
    code, _, said = directory("import", org, "--by", "admin")
    assert (code, "directory/post" in said, "directory/person" in said) == (1, True, True)
