"""The words of the pages on which documents are made and handed out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DOCUMENT_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "documents_say": (
        "文书按本机关年度连续编号，编号时内容即入台账哈希链，此后不能更改。",
        "Numbers run through the year without a gap; a numbered document enters the hash chain and never changes again.",
    ),
    "no_documents": ("尚未制作文书。", "No document has been made yet."),
    "document_number": ("文号", "Number"),
    "document_kind": ("文书", "Document"),
    "document_made_at": ("制发时间", "Made at"),
    "document_code": ("校验码", "Check code"),
    "document_download": ("下载", "Download"),
    "document_view": ("查看", "View"),
    "document_make": ("制作文书", "Make a document"),
    "document_make_button": ("编号并制作", "Number and make"),
    "document_made": ("已制作：", "Made: "),
    "document_drafts": (
        "标注“稿”的文书须经有权机关审定签发方可生效，被监察单位不可见。",
        "What is called a draft takes effect only when the competent body has signed it; units do not see it.",
    ),
    "evidence_pack": ("证据包", "Evidence pack"),
    "evidence_pack_says": (
        "一个 ZIP：数据、逐日计时、通知、附件、文书、所依据的规则文本和哈希链证明，可脱离系统核验。",
        "One ZIP: data, arithmetic, notices, papers, documents, law and hash chain; it can be verified without the system.",
    ),
    "evidence_pack_get": ("下载证据包", "Download the pack"),
    "evidence_pack_refused": (
        "证据包供监督机关和审计人员使用。",
        "Evidence packs are for the supervision office and auditors.",
    ),
    "back_to_card": ("返回本牌", "Back to the card"),
    "back_to_documents": ("返回文书列表", "Back to the documents"),
    "document_altered": (
        "注意：此文书在台账中的内容与其链值不符，请立即核查。",
        "Warning: what the ledger holds of this document does not match its hash. Look into it at once.",
    ),
}
