"""What documents say, and that each form of them says it whole: HTML, PDF and DOCX from the same data."""

from __future__ import annotations

import io
import re
import zipfile
from html.parser import HTMLParser

import docx
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.documents.as_docx import as_docx
from alerts.documents.as_html import as_html
from alerts.documents.as_pdf import as_pdf
from alerts.documents.as_text import as_text
from alerts.documents.cardfile import CardFile, Numbered
from alerts.documents.composing import compose
from alerts.documents.model import (
    Document,
    DocumentKind,
    Fields,
    Listing,
    Office,
    Said,
    Signatures,
    Slip,
    check_code,
    document_of,
    encode,
    typed_code,
)  # fmt: skip
from alerts.model import CardChange, ChangeKind, Deed, Done, Stage
from rules.glossary import label
from rules.problems import Language
from tests.alerts.filed import HOSTILE, NOW, card, changes, file, written

KINDS = pytest.mark.parametrize("kind", DocumentKind)
FORMS = {"html": as_html, "pdf": as_pdf, "docx": as_docx}

# domain.md 8.3, by the names of the glossary's group document_fields
WANTED = {
    DocumentKind.CARD_NOTICE: "reference business unit colour issue finding basis step rule stage answer_by issued_at over_by",
    DocumentKind.SUPERVISION_ORDER: "addressee cc basis started_at limit used due_at over_by deadline contact",
    DocumentKind.RECOMMENDATION: "addressee finding rule basis office contact",
    DocumentKind.FEEDBACK_FORM: "case_no step colour answer_by finding explained_at explained",
    DocumentKind.APPEAL_FORM: "unit appealed_at appealed appealed_papers decision decided_at decided decide_by",
    DocumentKind.RECTIFICATION_REPORT: "unit rectify_by rectified_at rectified verify_by",
    DocumentKind.LEAD_TRANSFER: "unit person finding basis office",
}
SLIPS = {
    DocumentKind.CARD_NOTICE: 1, DocumentKind.SUPERVISION_ORDER: 2, DocumentKind.RECOMMENDATION: 1,
    DocumentKind.FEEDBACK_FORM: 1, DocumentKind.APPEAL_FORM: 1, DocumentKind.RECTIFICATION_REPORT: 0,
    DocumentKind.LEAD_TRANSFER: 1,
}  # fmt: skip


def fields(document: Document) -> dict[str, str]:
    """Return the labelled values of a document."""
    rows = [row for block in document.blocks if isinstance(block, Fields) for row in block.rows]
    return {row.label.zh: row.value.zh for row in rows}


def pages(pdf: bytes) -> list[str]:
    """Return the text of each page, without spaces: line breaks fall where they fall."""
    return [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in pypdfium2.PdfDocument(pdf)]


@KINDS
def test_each_document_has_the_fields_of_its_kind_and_room_to_sign(kind: DocumentKind) -> None:
    document = written(kind)
    assert {label("document_fields", name, "zh") for name in WANTED[kind].split()} <= set(fields(document))
    assert any(isinstance(block, Signatures) and block.seal.zh for block in document.blocks)
    assert sum(isinstance(block, Slip) for block in document.blocks) == SLIPS[kind]
    assert (document.draft, document.reference.zh) == (
        kind in {DocumentKind.RECOMMENDATION, DocumentKind.LEAD_TRANSFER}, "监督〔2026〕第 12 号",
    )  # fmt: skip
    assert (document.rulebook, document.calendar, document.item, document.revision) == (
        "time-limits@3", "cn@2026", "330117@2", 7,
    )  # fmt: skip


@KINDS
def test_what_is_kept_gives_the_same_document_its_code_and_the_same_bytes_in_every_form(kind: DocumentKind) -> None:
    document = written(kind)
    again = document_of(encode(document))
    assert (again, encode(again)) == (document, encode(document))
    for draw in FORMS.values():
        assert draw(again, "zh") == draw(document, "zh")


@KINDS
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_a_pdf_bears_code_versions_and_its_number_and_nothing_is_cut_off(
    kind: DocumentKind, language: Language
) -> None:
    document = written(kind)
    pdf = as_pdf(document, language)
    assert b"pdfaid" in pdf  # every character was in the fonts, and the file may be archived
    told = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(told, start=1):
        text = page.get_textpage()
        said = re.sub(r"\s", "", text.get_text_range())
        assert check_code(encode(document)) in said
        assert "time-limits@3" in said
        counted = label("documents", "page", language).format(page=number, pages=len(told))
        assert re.sub(r"\s", "", counted) in said
        width, height = page.get_size()
        for place in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(place)
            assert left >= 0
            assert bottom >= 0
            assert right <= width - 40
            assert top <= height - 20
    whole = "".join(pages(pdf))
    for row in (row for block in document.blocks if isinstance(block, Fields) for row in block.rows):
        assert re.sub(r"\s", "", row.value.of(language)) in whole
        assert re.sub(r"\s", "", row.label.of(language)) in whole


def test_a_slip_stays_on_one_sheet() -> None:
    document = written(DocumentKind.SUPERVISION_ORDER)
    sheets = [page for page in pages(as_pdf(document, "zh")) if "督办结果反馈单" in page]
    assert len(sheets) == 1
    assert all(each in sheets[0] for each in ("办理结果", "整改措施", "单位负责人", "（反馈单位印章）"))


def test_the_order_shows_the_arithmetic_of_the_limit_day_by_day() -> None:
    (days, *_) = [block for block in written(DocumentKind.SUPERVISION_ORDER).blocks if isinstance(block, Listing)]
    assert len(days.rows) == 28
    assert [cell.zh for cell in days.rows[0]] == ["1", "2026-08-20 周四", "工作日"]
    assert [cell.en for cell in days.rows[5]] == ["–", "2026-08-25 Tue", "weekend"]
    assert fields(written(DocumentKind.SUPERVISION_ORDER))["已超"] == "2.5 个工作日"


@KINDS
def test_who_acted_stays_in_the_ledger_and_only_a_transfer_names_the_person_concerned(kind: DocumentKind) -> None:
    content = encode(written(kind)).decode()
    assert "person-231" not in content
    assert ("H-0231" in content) is (kind is DocumentKind.LEAD_TRANSFER)


@KINDS
def test_a_card_of_which_little_is_known_leaves_room_to_write(kind: DocumentKind) -> None:
    bare = CardFile(card=card(), changes=(), office=Office(), zone="Asia/Shanghai", unit=Said("甲", "A"))
    document = compose(kind, bare, Numbered(1, 2026, NOW))
    assert fields(document)["监察信息编号"] == "ab12cd34ef56ab78cd90-6"
    assert "甲" in "".join(pages(as_pdf(document, "zh")))


def test_a_transfer_tells_whose_share_of_the_overdue_time_the_trace_back_found() -> None:
    borne = replace(card(), shares={"N-1": 2_550, "N-2": 7_450})
    transfer = compose(DocumentKind.LEAD_TRANSFER, file(card=borne), Numbered(1, 2026, NOW))
    (bearers, *_) = [block for block in transfer.blocks if isinstance(block, Listing)]
    assert [[cell.zh for cell in row] for row in bearers.rows] == [["N-2", "74.5 %"], ["N-1", "25.5 %"]]


def test_a_recorded_consequence_names_its_person_in_the_drafts_of_the_office_and_in_nothing_that_goes_to_the_unit() -> (
    None
):
    done = Done(deed=Deed.RECORD_CONSEQUENCE, by="person-231", role="inspector", measure="admonitory_talk",
                document="效能〔2026〕3号", to="zhou", to_name="周某", to_post="窗口首席代表")  # fmt: skip
    recorded = (*changes(), CardChange(ChangeKind.CONSEQUENCE, NOW, card(serial=7), None, done))
    for kind in DocumentKind:
        made = compose(kind, file(changes=recorded), Numbered(1, 2026, NOW))
        assert ("诫勉谈话\\n窗口首席代表 周某" in encode(made).decode()) is made.draft, kind


def test_a_revoked_card_says_why() -> None:
    revoked = replace(card(), stage=Stage.REVOKED, revoked_at=NOW, reason="facts_changed")
    notice = compose(DocumentKind.CARD_NOTICE, file(card=revoked), Numbered(1, 2026, NOW))
    assert "更正后的数据" in fields(notice)["撤销原因"]


class Tags(HTMLParser):
    """Collects the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and that no attribute acts."""
        self.found.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in {"href", "src"}]


def tags(page: bytes) -> set[str]:
    """Return the tags that a browser would see."""
    reader = Tags()
    reader.feed(page.decode())
    return reader.found


PLAIN = {kind: tags(as_html(written(kind), "zh")) for kind in DocumentKind}


@KINDS
def test_hostile_text_is_shown_as_text_in_every_form(kind: DocumentKind) -> None:
    document = written(kind, HOSTILE)
    assert tags(as_html(document, "zh")) == PLAIN[kind]
    for form in (as_text(document, "zh"), encode(document).decode()):
        assert "\x07" not in form
        assert "\u202e" not in form
    if "business" in WANTED[kind]:
        assert '{{7*7}}{number}#eval("1")$x$' in "".join(pages(as_pdf(document, "zh")))
    with zipfile.ZipFile(io.BytesIO(as_docx(document, "zh"))) as archive:
        body = archive.read("word/document.xml").decode()
        assert not [name for name in archive.namelist() if "vba" in name.lower() or "embed" in name.lower()]
    assert "w:instr" not in body
    assert "w:hyperlink" not in body
    assert "<script" not in body


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=300), st.sampled_from(DocumentKind))
def test_no_text_whatever_breaks_a_document(said: str, kind: DocumentKind) -> None:
    document = written(kind, said)
    assert tags(as_html(document, "zh")) == PLAIN[kind]
    docx.Document(io.BytesIO(as_docx(document, "zh")))
    assert as_pdf(document, "zh").startswith(b"%PDF-")


def test_a_number_and_every_letter_change_the_code_and_a_code_is_read_as_people_type_it() -> None:
    codes = {check_code(encode(written(kind, number=number))) for kind in DocumentKind for number in (1, 2)}
    assert len(codes) == 14
    code = codes.pop()
    assert re.fullmatch(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", code)
    assert typed_code(f" {code.lower().replace('-', ' － ')}\n") == code
    assert [typed_code(wrong) for wrong in ("", "AAAA", f"{code}A", code.replace(code[0], "1"))] == [None] * 4
