"""What every form of a document says in the same words: by which versions it was made, and where its date stands."""

from __future__ import annotations

from alerts.documents.model import Document, Listing, Signatures
from rules.glossary import label
from rules.problems import Language


def versions(document: Document, language: Language) -> str:
    """Return by what the facts of a document can be worked out again, in one line."""

    def word(key: str) -> str:
        return label("documents", key, language)

    named = [name for name in (document.rulebook, document.calendar, document.item) if name]
    numbers = [f"{word('revision')} {document.revision}", f"{word('template')} {document.kind}@{document.template}"]
    colon = "：" if language == "zh" else ": "
    return f"{word('versions')}{colon}{' · '.join([*named, *numbers])} · {document.card_id}-{document.serial}"


def shares(block: Listing) -> list[float]:
    """Return the shares of a table's columns in its width: by the longest text that each holds, within bounds."""
    wanted = []
    for place, head in enumerate(block.head):
        texts = [head.zh, *(row[place].zh for row in block.rows)]
        longest = max(sum(2 if ord(c) > 0x2E7F else 1 for c in text) for text in texts)
        wanted.append(min(max(longest, 6), 44) + 3)
    return [each / sum(wanted) for each in wanted]


def dated(document: Document) -> int:
    """Return the place (from 1) of the signature under which the date of making stands; 0 where people write their own.

    It is the first one, and only where the office itself issues the document.
    """
    for place, block in enumerate(document.blocks, start=1):
        if isinstance(block, Signatures):
            return place if _of_the_office(document) else 0
    return 0


def _of_the_office(document: Document) -> bool:
    return document.kind.value in {"card_notice", "supervision_order"}
