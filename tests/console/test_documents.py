"""The documents of a card over a real server: made once, seen by whom they concern, the same bytes every time."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import docx
import pypdfium2
import pytest

from alerts.documents.checking import check
from alerts.documents.model import DocumentKind, Office
from alerts.model import Deed, Done, Evidence
from alerts.moves import BY_DEED
from console.app import create_app
from ledger import Ledger, views
from ledger.cardlife import Paper
from rules.facts import Case
from rules.policy import Colour
from tests.alerts.filed import HOSTILE, POLICY, explanation
from tests.console.carded import carded, case_of
from tests.console.people import OPEN, Client, signed_in
from tests.console.serving import NOW, Clock, served

UNIT = "housing"
PAPER = Paper("../../etc/=cmd.pdf", "application/pdf", b"%PDF-1.4 attached")


@dataclass
class Site:
    """The console under test, with a card of which documents can be made."""

    url: str
    ledger: Ledger
    card: str

    def code(self, inspector: Client, kind: DocumentKind) -> str:
        """Make a document as its page does; return its code."""
        status, page, headers = inspector.post(self.path, {"kind": kind.value, "serial": "3"})
        assert status == 303, page
        return headers["location"].rpartition("/")[2]

    @property
    def path(self) -> str:
        """The address of the card's documents."""
        return f"/cards/{self.card}/documents"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    ledger.upgrade()
    name = carded(ledger, NOW, "2026-17", UNIT, Colour.RED, rule="T05")
    followed(ledger, name)

    def explain(case: Case) -> object:
        return explanation(str(case.case_id), HOSTILE)

    app = create_app(
        ledger, access=OPEN, metrics=bytes, troubles=list, explain=explain, policies={"T05": POLICY}, now=Clock(),  # type: ignore[arg-type]  # an explanation
        office=Office("县效能办", "监督", "8600"), titles={("unit", UNIT): {"zh": "住房和城乡建设局", "en": "Housing Bureau"}},
    )  # fmt: skip
    with served(lambda _url: app) as url:
        yield Site(url, ledger, name)
    ledger.close()


def followed(ledger: Ledger, card: str) -> None:
    """Let the unit sign for the card and explain it, with a hostile text and a paper."""
    shown = Evidence(PAPER.name, PAPER.sha256, PAPER.media_type, len(PAPER.content), dt.date(2020, 1, 1))
    for serial, deed in ((1, Deed.SIGN), (2, Deed.EXPLAIN)):
        done = Done(deed=deed, by="clerk", role="unit_user", text=HOSTILE, evidence=(shown,) if serial == 2 else ())
        ledger.act(
            card, serial, done, BY_DEED[deed].side, NOW, "Asia/Shanghai", lambda _, at: at, lambda _: (), [PAPER]
        )


def fetched(client: Client, path: str) -> bytes:
    """Return the bytes that a browser would save."""
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    request = urllib.request.Request(client.url + path, headers={"cookie": cookie})  # noqa: S310  # our own address
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  # as above
        return bytes(answer.read())


def test_an_inspector_numbers_documents_and_hands_each_out_in_three_forms_the_same_every_time(site: Site) -> None:
    inspector = signed_in(site, "inspector", now=NOW)
    code = site.code(inspector, DocumentKind.SUPERVISION_ORDER)
    second = site.code(inspector, DocumentKind.CARD_NOTICE)
    status, page, _ = inspector.get(f"{site.path}/{code}")
    assert (status, "监督〔2027〕第 1 号" in page, "住房和城乡建设局" in page, code in page) == (200, True, True, True)
    status, listed, _ = inspector.get(f"{site.path}?lang=en")
    assert (status, "监督〔2027〕 No. 2" in listed, second in listed) == (200, True, True)
    for form in ("html", "pdf", "docx"):
        assert fetched(inspector, f"{site.path}/{code}/{form}") == fetched(inspector, f"{site.path}/{code}/{form}")
    pdf = pypdfium2.PdfDocument(fetched(inspector, f"{site.path}/{code}/pdf"))
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    assert code in text
    assert "督办通知单" in text


def test_what_somebody_wrote_is_text_in_page_and_file_and_never_runs(site: Site) -> None:
    inspector = signed_in(site, "inspector", now=NOW)
    code = site.code(inspector, DocumentKind.FEEDBACK_FORM)
    for page in (inspector.get(f"{site.path}/{code}")[1], fetched(inspector, f"{site.path}/{code}/html").decode()):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page
    told = docx.Document(io.BytesIO(fetched(inspector, f"{site.path}/{code}/docx")))
    cells = [cell.text for table in told.tables for row in table.rows for cell in row.cells]
    assert any("<script>alert(1)</script>" in cell and "{number}" in cell for cell in cells)
    headers = inspector.get(f"{site.path}/{code}/html")[2]
    assert headers["content-disposition"].startswith("attachment")


def test_a_card_that_moved_on_gets_no_document_from_an_old_page(site: Site) -> None:
    inspector = signed_in(site, "inspector", now=NOW)
    status, page, _ = inspector.post(f"{site.path}?lang=en", {"kind": "card_notice", "serial": "2"})
    assert (status, "has changed since" in page) == (409, True)
    assert views.documents_of(site.ledger, site.card) == ()


def test_a_unit_sees_what_is_addressed_to_it_and_no_draft_no_pack_and_nothing_of_others(site: Site) -> None:
    inspector = signed_in(site, "inspector", now=NOW)
    notice, draft = (site.code(inspector, kind) for kind in (DocumentKind.CARD_NOTICE, DocumentKind.RECOMMENDATION))
    clerk = signed_in(site, "unit_user", units=[UNIT], now=NOW)
    status, page, _ = clerk.get(site.path)
    assert (status, notice in page, draft in page) == (200, True, False)
    assert clerk.get(f"{site.path}/{notice}")[0] == 200
    assert clerk.get(f"{site.path}/{draft}")[0] == 404
    assert clerk.get(f"{site.path}/{draft}/html")[0] == 404
    assert clerk.get(f"/cards/{site.card}/evidence")[0] == 403
    assert clerk.post(site.path, {"kind": "card_notice", "serial": "3"})[0] == 403
    stranger = signed_in(site, "unit_user", units=["water"], now=NOW)
    assert [stranger.get(f"{site.path}{rest}")[0] for rest in ("", f"/{notice}", f"/{notice}/html")] == [403, 403, 403]


def test_a_document_answers_only_under_its_own_card(site: Site) -> None:
    inspector = signed_in(site, "inspector", now=NOW)
    code = site.code(inspector, DocumentKind.CARD_NOTICE)
    other = carded(site.ledger, NOW, "2026-18", UNIT)
    assert inspector.get(f"/cards/{other}/documents/{code}")[0] == 404
    assert inspector.get(f"{site.path}/nonsense")[0] == 404


def test_the_evidence_pack_proves_itself_and_every_alteration_is_found(site: Site, tmp_path: Path) -> None:
    inspector, auditor = signed_in(site, "inspector", now=NOW), signed_in(site, "auditor", now=NOW)
    site.code(inspector, DocumentKind.SUPERVISION_ORDER)
    pack = fetched(auditor, f"/cards/{site.card}/evidence")
    assert pack == fetched(inspector, f"/cards/{site.card}/evidence")
    checked = check(pack)
    assert (checked.card_id, checked.faults) == (site.card, ())
    assert {link.chain for link in checked.links} == {"card_changes", "judgements", "documents"}
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files[f"papers/{PAPER.sha256}"] == PAPER.content
    assert "民法计日" in files["clock.zh.txt"].decode()
    assert not [name for name in files if ".." in name or name.startswith("/")]
    alone = tmp_path / "verify.py"
    alone.write_bytes(files["verify.py"])
    (tmp_path / "pack.zip").write_bytes(pack)
    ran = subprocess.run([sys.executable, "-I", alone, tmp_path / "pack.zip"], capture_output=True, check=False)
    assert (ran.returncode, site.card in ran.stdout.decode()) == (0, True)
    for name in sorted(files):
        if name != "manifest.json":
            assert check(rezipped({**files, name: files[name] + b" "})).faults, name
            assert check(rezipped({key: value for key, value in files.items() if key != name})).faults, name
    assert check(rezipped({**files, "more.txt": b""})).faults
    assert check(b"no archive").faults


def test_a_pack_that_was_rewritten_with_its_digests_is_found_by_its_links_and_by_the_heads(site: Site) -> None:
    pack = fetched(signed_in(site, "auditor", now=NOW), f"/cards/{site.card}/evidence")
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    changes = json.loads(files["changes.json"])
    changes[0]["card"]["unit"] = "another"
    assert [
        fault.en for fault in check(with_digests({**files, "changes.json": json.dumps(changes).encode()})).faults
    ] == ["changes.json is not what the chain holds."]
    links = json.loads(files["proof/links.json"])
    links[0]["content"] = links[0]["content"].replace("1,", "1, ", 1)
    altered = check(with_digests({**files, "proof/links.json": json.dumps(links).encode()}))
    assert "does not hold" in altered.faults[0].en
    heads = "".join(
        f"{each['chain']} {each['position']} {each['hash']}\n" for each in json.loads(files["proof/heads.json"])
    )
    assert check(pack, heads).faults == ()
    assert check(pack, heads.replace("card_changes 3 ", "card_changes 3 0")).faults


def rezipped(files: dict[str, bytes]) -> bytes:
    """Return an archive of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def with_digests(files: dict[str, bytes]) -> bytes:
    """Return an archive whose manifest was forged to fit."""
    manifest = json.loads(files["manifest.json"])
    own = {name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "manifest.json"}
    return rezipped({**files, "manifest.json": json.dumps({**manifest, "files": own}).encode()})


def test_a_program_makes_a_document_once_per_key_lists_it_and_fetches_it(site: Site) -> None:
    inspector, clerk = signed_in(site, "inspector", now=NOW), signed_in(site, "unit_user", units=[UNIT], now=NOW)
    path, body = f"/api/v1{site.path}", {"kind": "recommendation", "serial": 3}
    status, made, _ = inspector.send("POST", path, body, idempotency_key="one")
    assert status == 201, made
    assert inspector.send("POST", path, body, idempotency_key="one")[1] == made
    (listed,) = json.loads(inspector.get(path)[1])["documents"]
    assert listed == json.loads(made)
    assert (listed["number"], listed["draft"]) == (1, True)
    assert fetched(inspector, f"{path}/{listed['code']}/pdf").startswith(b"%PDF-")
    assert json.loads(clerk.get(path)[1]) == {"documents": []}
    assert [clerk.get(f"{path}/{listed['code']}/html")[0], clerk.get(f"/api/v1/cards/{site.card}/evidence")[0]] == [
        404,
        403,
    ]
    assert clerk.send("POST", path, body)[0] == 403
    assert inspector.send("POST", path, {**body, "serial": 2})[0] == 409
    assert check(fetched(inspector, f"/api/v1/cards/{site.card}/evidence")).faults == ()


def test_two_submits_of_one_form_at_the_same_moment_make_one_document_and_one_card_and_lead_both_there(
    site: Site,
) -> None:
    inspector = signed_in(site, "inspector", now=NOW)
    for path, fields in (
        (site.path, {"kind": "card_notice", "serial": "3"}),
        ("/case/licences/application/2026-17", {"colour": "red", "basis": "办法第三条", "text": "现场查见"}),
    ):
        page = inspector.get(path)[1]
        once = re.search(r'name="once" value="([^"]{20,})"', page)
        assert once
        form = {**fields, "once": once[1]}
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _, path=path, form=form: inspector.post(path, form), range(2)))
        assert [status for status, *_ in answers] == [303, 303]
        assert len({headers["location"] for *_, headers in answers}) == 1
        assert inspector.post(path, form)[2]["location"] == answers[0][2]["location"]
        changed = {**form, "kind": "feedback_form", "text": "另一情况"}
        status, page, _ = inspector.post(path, changed)
        assert (status, "本次未再办理" in page) == (409, True)
        assert once[1] not in page

    assert len(views.documents_of(site.ledger, site.card)) == 1
    story = views.case(site.ledger, case_of("2026-17"))
    assert story is not None
    assert len([each for each in story.changes if each.card.card_id != site.card]) == 1
