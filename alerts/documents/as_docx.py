"""A document as DOCX, for offices that go on writing in it; always the same bytes for the same document."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import Final, Protocol

import docx
from docx.document import Document as Docx
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph as Line
from docx.text.run import Run

from alerts.documents.model import (
    Block,
    Document,
    Fields,
    Heading,
    Listing,
    Paragraph,
    Room,
    Said,
    Signatures,
    Slip,
    check_code,
    encode,
)  # fmt: skip
from alerts.documents.wording import dated, shares, versions
from rules.glossary import label
from rules.problems import Language

FONT: Final = "SimSun"
SMALL: Final = Pt(8)
WIDTH: Final = 162
"""Of the text on a sheet, in millimetres."""
RED: Final = RGBColor(0xB3, 0x26, 0x1E)
FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)


class _Holder(Protocol):
    def add_paragraph(self) -> Line: ...


def as_docx(document: Document, language: Language) -> bytes:
    """Return the document for word processors; text in it is text: no field, no link, no macro."""
    return _Sheet(document, language).drawn()


class _Sheet:
    def __init__(self, document: Document, language: Language) -> None:
        self.told, self.language, self.docx = document, language, docx.Document()

    def drawn(self) -> bytes:
        self._prepare()
        self._head()
        for place, block in enumerate(self.told.blocks, start=1):
            self._block(block, place)
        self._foot()
        return _settled(self.docx)

    def _prepare(self) -> None:
        told, properties = self.told, self.docx.core_properties
        made = dt.datetime.fromtimestamp(told.made_at, dt.UTC).replace(tzinfo=None)
        properties.title = f"{self._said(told.title)} {self._said(told.reference)}"
        properties.author = properties.last_modified_by = told.office
        properties.created = properties.modified = made
        properties.comments = ""
        section = self.docx.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(24)
        section.top_margin, section.bottom_margin = Mm(22), Mm(24)
        style = self.docx.styles["Normal"]
        style.font.size, style.font.name = Pt(11), FONT
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
        style.paragraph_format.space_after = Pt(3)

    def _head(self) -> None:
        told = self.told
        _line(self.docx, told.office, ALIGN.CENTER, size=Pt(13), colour=RED)
        _line(self.docx, self._said(told.title), ALIGN.CENTER, size=Pt(20), bold=True)
        _line(self.docx, self._said(told.reference), ALIGN.CENTER)
        if told.draft:
            _line(self.docx, self._word("draft"), ALIGN.CENTER, colour=RED)

    def _block(self, block: Block, place: int) -> None:
        match block:
            case Heading(text):
                _line(self.docx, self._said(text), size=Pt(12), bold=True).paragraph_format.keep_with_next = True
            case Paragraph(text):
                indent = Pt(22) if self.language == "zh" else Pt(0)
                _line(self.docx, self._said(text)).paragraph_format.first_line_indent = indent
            case Fields(rows):
                self._table([(each.label, each.value) for each in rows], (Mm(36), Mm(WIDTH - 36)))
            case Listing(head, rows, none):
                if rows:
                    self._table([head, *rows], [Mm(WIDTH * share) for share in shares(block)], head=True)
                else:
                    _line(self.docx, self._said(none))
            case Room(text, lines):
                table = self._table([(text,)], (Mm(WIDTH),))
                table.rows[0].height = Pt(22 * lines + 14)
            case Signatures(slots, seal):
                self._signatures(slots, seal, place)
            case Slip(title):
                cut = f"- - - - - - - - - -  {self._word('cut')}  - - - - - - - - - -"
                _line(self.docx, cut, ALIGN.CENTER, size=SMALL).paragraph_format.page_break_before = True
                _line(self.docx, self._said(title), ALIGN.CENTER, size=Pt(13), bold=True)

    def _table(self, rows: list[tuple[Said, ...]], widths: Sequence[Length], head: bool = False) -> Table:
        table: Table = self.docx.add_table(rows=0, cols=len(rows[0]))
        table.style, table.autofit = "Table Grid", False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for each in rows:
            row = table.add_row()  # type: ignore[no-untyped-call]  # python-docx leaves this one out
            for cell, text, width in zip(row.cells, each, widths, strict=True):
                _write(cell, self._said(text), small=head)
                cell.width = width
        if head:
            table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001  # no other way
        self.docx.add_paragraph().paragraph_format.space_after = Pt(0)
        return table

    def _signatures(self, slots: tuple[Said, ...], seal: Said, place: int) -> None:
        colon = "：" if self.language == "zh" else ": "
        for slot in slots:
            _line(self.docx, f"{self._said(slot)}{colon}＿＿＿＿＿＿＿＿＿＿", ALIGN.RIGHT)
        if self._said(seal):
            _line(self.docx, self._said(seal), ALIGN.RIGHT)
        issued = place == dated(self.told)
        _line(self.docx, self._said(self.told.made_on) if issued else self._word("sign_date"), ALIGN.RIGHT)

    def _foot(self) -> None:
        footer, code = self.docx.sections[0].footer, check_code(encode(self.told))
        line = footer.paragraphs[0]
        _run(line, f"{self._word('code')} {code} · {self._word('verify')} {code}", size=SMALL)
        _run(_line(footer, versions(self.told, self.language), size=SMALL), "", size=SMALL)
        before, _, rest = self._word("page").partition("{page}")
        between, _, after = rest.partition("{pages}")
        pages = _line(footer, before, ALIGN.RIGHT, size=SMALL)
        _counted(pages, "PAGE")
        _run(pages, between, size=SMALL)
        _counted(pages, "NUMPAGES")
        _run(pages, after, size=SMALL)

    def _said(self, text: Said) -> str:
        return text.of(self.language)

    def _word(self, key: str) -> str:
        return label("documents", key, self.language)


def _line(
    holder: _Holder, text: str, align: ALIGN = ALIGN.LEFT, *, size: Pt | None = None, bold: bool = False,
    colour: RGBColor | None = None,
) -> Line:  # fmt: skip
    line = holder.add_paragraph()
    line.alignment = align
    _run(line, text, size=size, bold=bold, colour=colour)
    return line


def _run(line: Line, text: str, *, size: Pt | None = None, bold: bool = False, colour: RGBColor | None = None) -> Run:
    run = line.add_run(text)
    run.bold = bold or None
    if size is not None:
        run.font.size = size
    if colour is not None:
        run.font.color.rgb = colour
    return run


def _write(cell: _Cell, text: str, *, small: bool) -> None:
    _run(cell.paragraphs[0], text, size=Pt(9) if small else None)


def _counted(line: Line, instruction: str) -> None:
    """Add the number of the page, or of all pages, as the word processor counts them."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    field.append(_run(line, "1", size=SMALL)._r)  # noqa: SLF001  # no other way
    line._p.append(field)  # noqa: SLF001  # as above


def _settled(made: Docx) -> bytes:
    """Return the file with its parts as they are and the dates of the archive fixed."""
    first, settled = io.BytesIO(), io.BytesIO()
    made.save(first)
    with zipfile.ZipFile(first) as read, zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as written:
        for name in sorted(read.namelist(), key=lambda each: (each != "[Content_Types].xml", each)):
            info = zipfile.ZipInfo(name, FIRST_DAY)
            info.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(info, read.read(name))
    return settled.getvalue()
