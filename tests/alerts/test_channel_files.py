"""The channels that write files: a mail folder and a log."""

from __future__ import annotations

import email
import email.policy
import json
import mailbox
from pathlib import Path

import pytest
import structlog.testing

from alerts.channels.registry import open_channel
from alerts.model import Outcome
from tests.alerts.builders import attempt
from tests.contracts.channel_contract import ChannelContract, Mood

ADDRESS = "xnb@county.example"


class Folder:
    """A mail folder as a receiver; what is in its way makes it refuse."""

    address = ADDRESS

    def __init__(self, path: Path) -> None:
        self.path = path
        self.channel = open_channel("inbox", {"kind": "maildir", "folder": path.name}, {}, path.parent)

    def turn(self, mood: Mood) -> bool:
        return turned(self.path, mood)

    def received(self) -> list[tuple[str, bool]]:
        return [(str(mail["X-Mingdeng-Key"]), "X-Mingdeng-Possible-Repeat" in mail) for mail in letters(self.path)]


class LogFile:
    """A log as a receiver."""

    address = ADDRESS

    def __init__(self, path: Path) -> None:
        self.path = path
        self.channel = open_channel("log", {"kind": "log", "file": path.name}, {}, path.parent)

    def turn(self, mood: Mood) -> bool:
        return turned(self.path, mood)

    def received(self) -> list[tuple[str, bool]]:
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.is_file() else []
        return [(line["key"], line["possible_repeat"]) for line in map(json.loads, lines)]


def turned(path: Path, mood: Mood) -> bool:
    """Put something of the other kind (a file for a folder, a folder for a file) in the way, or take it away."""
    blocker = path.parent / "blocker"
    if mood in {Mood.REFUSES_FOR_NOW, Mood.IS_DOWN}:
        blocker.write_text("in the way")
        path.symlink_to(blocker / "nowhere")
        return True
    if mood is Mood.ACCEPTS:
        path.unlink()
        return True
    return False


def letters(folder: Path) -> list[email.message.EmailMessage]:
    files = sorted((folder / "new").glob("*")) if (folder / "new").is_dir() else []
    return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]


class TestMailFolderKeepsTheContract(ChannelContract):
    @pytest.fixture
    def other_side(self, tmp_path: Path) -> Folder:
        return Folder(tmp_path / "inbox")


class TestLogKeepsTheContract(ChannelContract):
    @pytest.fixture
    def other_side(self, tmp_path: Path) -> LogFile:
        return LogFile(tmp_path / "notices.jsonl")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "inbox")


def test_a_mail_program_finds_the_letter_in_the_folder(folder: Folder) -> None:
    folder.channel.send(attempt(ADDRESS))
    (mail,) = mailbox.Maildir(folder.path, create=False)
    assert mail["To"] is not None
    (letter,) = letters(folder.path)
    assert letter["Subject"] == "【黄牌】住建局：T04 超承诺时限"
    assert letter.get_content() == "对住建局发出黄牌。\r\n.\r\n单位：住建局\r\n"
    assert (letter["To"].addresses[0].addr_spec, letter["To"].addresses[0].display_name) == (ADDRESS, "效能办")


def test_a_repeat_takes_the_place_of_the_letter_that_it_repeats(folder: Folder) -> None:
    folder.channel.send(attempt(ADDRESS))
    folder.channel.send(attempt(ADDRESS, number=2, possible_repeat=True))
    (letter,) = letters(folder.path)
    assert letter["X-Mingdeng-Possible-Repeat"] == "yes; attempt 2"
    assert list((folder.path / "tmp").iterdir()) == []


def test_an_address_that_is_no_mail_address_is_permanent(folder: Folder) -> None:
    for address in ("two@at@signs", "space @county.example", "局长@county.example", "@"):
        assert folder.channel.send(attempt(address)).outcome is Outcome.PERMANENT, address


def test_on_this_machine_a_recipient_may_be_called_by_a_mere_name(folder: Folder) -> None:
    made = attempt("纪检监察室", recipient="")
    assert folder.channel.send(made).outcome is Outcome.DELIVERED
    (letter,) = letters(folder.path)
    assert letter["To"].addresses[0].display_name == "纪检监察室"


def test_without_a_file_of_its_own_the_notice_is_a_line_of_the_daemons_log(tmp_path: Path) -> None:
    channel = open_channel("log", {"kind": "log"}, {}, tmp_path)
    with structlog.testing.capture_logs() as lines:
        channel.send(attempt(ADDRESS))
    (line,) = lines
    assert (line["event"], line["to"], line["facts"]["case_no"]) == ("notice", "效能办", "2018-0007")
