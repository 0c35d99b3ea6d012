"""The settings say everything that is wrong at once, each thing where it was written, and how to mend it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.settingsdoc import page
from daemon.settingsfile import load_settings
from rules.problems import Problem, UserError

Write = Callable[[str], Path]

GOOD = """\
[owner]
name = "纪检监察室"
tell = [{channel = "inbox", address = "inbox"}]

[channels.inbox]
kind = "log"
"""


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MINGDENG_")]:
        monkeypatch.delenv(name)


def problems_of(path: Path) -> dict[str, Problem]:
    """Return the problems by ``line:column`` (or by the name of the variable)."""
    with pytest.raises(UserError) as caught:
        load_settings(path)
    return {str(p.place).removeprefix(f"{path}:"): p for p in caught.value.problems}


QUOTES = 'Texts stand in quotes (name = "..."), tables in brackets ([console]), each key once.'

BAD = [
    (
        "a key with a slip of the pen",
        GOOD + "[console]\nprot = 1\n",
        "8:1",
        "'prot' is not a setting here.",
        "Did you mean 'port'?",
    ),
    (
        "a table with a slip of the pen",
        GOOD + "[consol]\nport = 1\n",
        "7:2",
        "'consol' is not a setting here.",
        "Did you mean 'console'?",
    ),
    (
        "a text where a number is meant",
        GOOD + '[console]\nport = "abc"\n',
        "8:8",
        "console.port has to be a whole number.",
        "",
    ),
    (
        "a number where a text is meant",
        GOOD + "[console]\nhost = 3\n",
        "8:8",
        "console.host has to be a text in quotes.",
        "",
    ),
    (
        "a port beyond the last",
        GOOD + "[console]\nport = 70000\n",
        "8:8",
        "console.port may be at most 65535.",
        "",
    ),
    (
        "a length of time without sense",
        GOOD + '[duties]\nreview = "5x"\n',
        "8:10",
        "duties.review has to be a length of time such as 30s, 5m or 1h.",
        "",
    ),
    (
        "a zone that is nowhere",
        GOOD + '[rules]\nzone = "Asia/Atlantis"\n',
        "8:8",
        "rules.zone has to be a time zone such as Asia/Shanghai.",
        "",
    ),
    (
        "a word that is no choice",
        GOOD + '[log]\nlevel = "loud"\n',
        "8:9",
        "log.level has to be one of 'debug', 'info', 'warning' or 'error'.",
        "",
    ),
    (
        "a source without its mapping",
        GOOD + '[[sources]]\ninterval = "1m"\n',
        "7:1",
        "'mapping' is missing in sources.0.",
        "Add a line mapping = ...",
    ),
    (
        "a table where a list of tables is meant",
        GOOD + '[sources]\nmapping = "a.yaml"\n',
        "7:1",
        "sources has to be a list: write [[sources]] before each table.",
        "",
    ),
    (
        "no supervision owner",
        '[channels.inbox]\nkind = "log"\n',
        "1:1",
        "No supervision owner is named, so nobody would hear of a card.",
        'Add [owner] with name = "..." and tell = [{channel = "...", address = "..."}].',
    ),
    (
        "an owner whom no channel reaches",
        '[owner]\nname = "x"\ntell = []\n',
        "3:8",
        "owner.tell needs at least one entry.",
        "",
    ),
    (
        "a recipient over a channel with a slip of the pen",
        GOOD.replace('channel = "inbox"', 'channel = "inbxo"'),
        "3:20",
        "There is no channel 'inbxo'.",
        "Did you mean 'inbox'?",
    ),
    (
        "a secret in the file",
        GOOD.replace("[owner]", 'secrets = {token = "x"}\n[owner]'),
        "1:1",
        "A secret must not stand in the settings file.",
        "Put it into a file of its own in the folder that secrets_dir names.",
    ),
    (
        "a folder of secrets that is not there",
        'secrets_dir = "nowhere"\n' + GOOD,
        "1:15",
        "There is no folder {folder}/nowhere.",
        "Make it, readable by this user only, or remove secrets_dir.",
    ),
    (
        "a value without quotes",
        GOOD + "[console]\nhost = localhost\n",
        "8:8",
        "This is not well-formed TOML: Invalid value.",
        QUOTES,
    ),
    (
        "a key twice",
        GOOD + "[console]\nport = 1\nport = 2\n",
        "9:9",
        "This is not well-formed TOML: Cannot overwrite a value.",
        QUOTES,
    ),
]


@pytest.mark.parametrize(("text", "place", "said", "mend"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_wrong_is_said_at_its_line_and_column(
    settings_file: Write, tmp_path: Path, text: str, place: str, said: str, mend: str
) -> None:
    """Each fault has one sentence at the place where it was written, in both languages."""
    found = problems_of(settings_file(text))

    assert list(found) == [place]
    assert (found[place].en, found[place].mend_en) == (said.format(folder=tmp_path) if "{" in said else said, mend)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in found[place].zh)


def test_all_problems_are_reported_at_once(settings_file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with four faults and an environment with two give six problems in one go."""
    monkeypatch.setenv("MINGDENG_CONSOLE__PORT", "abc")
    monkeypatch.setenv("MINGDENG_CONSOL__HOST", "x")
    text = GOOD.replace('"inbox"}', '""}') + '[console]\nhost = 3\n[[sources]]\nmaping = "a"\n'

    found = problems_of(settings_file(text))

    assert {"3:39", "8:8", "9:1", "10:1", "MINGDENG_CONSOLE__PORT", "MINGDENG_CONSOL__HOST"} == set(found)


def test_a_file_in_gb18030_is_refused_with_its_place(tmp_path: Path) -> None:
    """The first byte that is not UTF-8 is named by line and column."""
    path = tmp_path / "mingdeng.toml"
    path.write_bytes(GOOD.encode("gb18030"))

    assert list(problems_of(path)) == ["2:9"]


def test_the_environment_rules_over_secret_files_and_these_over_the_file(
    settings_file: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three places that say the ledger's address, the environment wins, then the secret file, then the settings."""
    path = settings_file('secrets_dir = "secrets"\n' + GOOD + '[ledger]\nurl = "sqlite:///file.db"\n')
    (tmp_path / "secrets").mkdir()

    assert load_settings(path).ledger.url == f"sqlite:///{tmp_path}/file.db"

    (tmp_path / "secrets" / "ledger__url").write_text("postgresql://secret@h/x\n")

    assert load_settings(path).ledger.url == "postgresql://secret@h/x"

    monkeypatch.setenv("MINGDENG_LEDGER__URL", "postgresql://environment@h/x")

    assert load_settings(path).ledger.url == "postgresql://environment@h/x"


def test_a_problem_in_a_secret_file_names_that_file(settings_file: Write, tmp_path: Path) -> None:
    """A value is complained about where it was written, also when that is a secret file."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "console__port").write_text("abc")

    found = problems_of(settings_file('secrets_dir = "secrets"\n' + GOOD))

    assert list(found) == [str(tmp_path / "secrets" / "console__port")]


def test_secrets_come_from_files_and_the_environment_and_are_never_shown(
    settings_file: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret is there for those who ask by name, and masked in any dump of the settings."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "water_token").write_text("s3cret-one\n")
    monkeypatch.setenv("MINGDENG_SECRETS__MAIL", "s3cret-two")

    settings = load_settings(settings_file('secrets_dir = "secrets"\n' + GOOD))

    assert settings.secret_values() == {"water_token": "s3cret-one", "mail": "s3cret-two"}
    assert "s3cret" not in repr(settings) + settings.model_dump_json()


def test_relative_paths_start_at_the_settings_file(settings_file: Write, tmp_path: Path) -> None:
    """Whoever starts the daemon from another folder reads the same files."""
    text = GOOD + '[rules]\nbooks = ["books"]\nitems = "items.yaml"\n[[sources]]\nmapping = "a.yaml"\npath = "a.csv"\n'

    settings = load_settings(settings_file(text))

    assert settings.rules.books == (tmp_path / "books",)
    assert settings.rules.items == tmp_path / "items.yaml"
    assert (settings.sources[0].mapping, settings.sources[0].path) == (tmp_path / "a.yaml", tmp_path / "a.csv")


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """Somebody who has no settings yet is told of the sample."""
    with pytest.raises(UserError, match="mingdeng sample up"):
        load_settings(tmp_path / "mingdeng.toml")


def test_the_page_of_settings_is_what_the_model_says() -> None:
    """docs/settings.md is generated; `python -m daemon.settingsdoc` writes it anew."""
    written = Path(__file__).parents[2] / "docs" / "settings.md"

    assert page() == written.read_text(encoding="utf-8")
