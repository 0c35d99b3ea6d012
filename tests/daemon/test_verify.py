"""``mingdeng verify`` and ``mingdeng document``: what is genuine is told from what is not, by code, pack and chain."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import to_builtins
from sqlalchemy import text

from alerts.documents.composing import compose
from alerts.documents.model import DocumentKind, encode
from alerts.documents.packing import as_json, packed
from daemon.cli.entry import run
from ledger import Ledger, views
from ledger.documents import Kept
from ledger.views.proof import proof
from rules.policy import Colour
from tests.alerts.filed import file
from tests.console.carded import carded, case_of

NOW = 1_800_000_000


@pytest.fixture
def config(deployment: Path) -> list[str]:
    """Return the option that names the settings."""
    return ["--config", str(deployment / "mingdeng.toml")]


@pytest.fixture
def ledger(deployment: Path) -> Iterator[Ledger]:
    (deployment / "var").mkdir(exist_ok=True)
    ledger = Ledger(f"sqlite:///{deployment / 'var' / 'mingdeng.sqlite3'}")
    ledger.upgrade()
    yield ledger
    ledger.close()


@pytest.fixture
def kept(ledger: Ledger) -> Kept:
    card = carded(ledger, NOW, "17", "housing", Colour.RED, rule="T05")
    return ledger.make_document(
        card,
        1,
        "监督",
        "judge",
        NOW,
        "Asia/Shanghai",
        lambda made: compose(DocumentKind.SUPERVISION_ORDER, file(), made),
    )


def mingdeng(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return exit code, output and errors of a command."""
    code = run(["--lang", "en", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def pack_of(ledger: Ledger, kept: Kept) -> bytes:
    """Return a pack with what the chain holds of the document's card."""
    story = views.case(ledger, case_of("17"))
    assert story is not None
    links = proof(ledger, story.cards[0].card_id, case_of("17"))
    changes = to_builtins(story.changes)
    documents = {f"documents/{kept.position}.json": encode(kept.document)}
    return packed(story.cards[0].card_id, {
        "changes.json": as_json(changes), "card.json": as_json(changes[-1]["card"]), **documents,
        "proof/links.json": as_json(to_builtins(links.links)), "proof/heads.json": as_json(to_builtins(links.heads)),
    })  # fmt: skip


def test_a_code_is_told_from_one_that_nobody_printed_however_it_is_typed(
    kept: Kept, config: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, said, _ = mingdeng(capsys, "verify", kept.code, *config)
    assert (code, "is genuine" in said, "监督〔2027〕 No. 1" in said, "Supervision order" in said) == (
        0,
        True,
        True,
        True,
    )
    assert mingdeng(capsys, "verify", kept.code.lower().replace("-", " "), *config)[0] == 0
    code, said, _ = mingdeng(capsys, "verify", "AAAA-BBBB-CCCC-DDDD", *config)
    assert (code, "not genuine" in said) == (1, True)
    code, _, said = mingdeng(capsys, "verify", "nonsense", *config)
    assert (code, "neither a check code nor a file" in said) == (1, True)


def test_the_chains_hold_until_somebody_alters_a_row_or_cuts_them_off(
    ledger: Ledger, kept: Kept, config: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, heads, _ = mingdeng(capsys, "verify", *config)
    assert (code, "documents 1 " in heads) == (0, True)
    copy = tmp_path / "heads.txt"
    copy.write_text(heads, encoding="utf-8")
    assert mingdeng(capsys, "verify", "--heads", str(copy), *config)[0] == 0
    with ledger.store.writing() as connection:
        connection.execute(text("update documents set made_by = 'another'"))
    code, said, _ = mingdeng(capsys, "verify", *config)
    assert (code, "Row 1 of documents was altered" in said) == (1, True)
    code, said, _ = mingdeng(capsys, "verify", kept.code, *config)
    assert (code, "was altered" in said) == (1, True)
    with ledger.store.writing() as connection:
        connection.execute(text("delete from documents"))
        connection.execute(text("delete from chain_heads where chain = 'documents'"))
    assert mingdeng(capsys, "verify", *config)[0] == 0  # cut off with its head: nothing in the ledger tells
    code, said, _ = mingdeng(capsys, "verify", "--heads", str(copy), *config)
    assert (code, "no longer holds what was kept: documents 1" in said) == (1, True)


def test_a_pack_is_held_against_the_ledger_or_alone(
    ledger: Ledger, kept: Kept, config: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = tmp_path / "pack.zip"
    pack.write_bytes(pack_of(ledger, kept))
    assert mingdeng(capsys, "verify", str(pack), *config)[0] == 0
    code, said, _ = mingdeng(capsys, "verify", "--offline", str(pack))
    assert (code, "Without the ledger" in said) == (0, True)
    with ledger.store.writing() as connection:
        connection.execute(text("update card_changes set hash = :hash"), {"hash": bytes(32)})
    code, said, _ = mingdeng(capsys, "verify", str(pack), *config)
    assert (code, "card_changes #1 is not in the ledger" in said) == (1, True)
    with zipfile.ZipFile(io.BytesIO(pack.read_bytes())) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(pack, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, json.dumps([]) if name == "changes.json" else content)
    code, said, _ = mingdeng(capsys, "verify", "--offline", str(pack))
    assert (code, "changes.json was altered" in said) == (1, True)


def test_documents_are_listed_and_drawn_again_the_same_every_time(
    kept: Kept, config: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said, _ = mingdeng(capsys, "document", "list", *config)
    assert (code, said.rstrip().endswith(kept.code)) == (0, True)
    for form, begins in (("pdf", b"%PDF-"), ("docx", b"PK"), ("html", b"<!doctype html>"), ("json", b"{")):
        first, second = tmp_path / f"1.{form}", tmp_path / f"2.{form}"
        for out in (first, second):
            assert mingdeng(capsys, "document", "show", kept.code, "--format", form, "-o", str(out), *config)[0] == 0
        assert first.read_bytes() == second.read_bytes()
        assert first.read_bytes().startswith(begins)
    code, _, said = mingdeng(capsys, "document", "show", "AAAA-BBBB-CCCC-DDDD", *config)
    assert (code, "No document bears this code" in said) == (1, True)
