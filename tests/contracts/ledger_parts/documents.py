"""What the ledger promises of documents: numbers without a gap, content that holds, codes that tell the genuine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from alerts.documents.cardfile import CardFile, Numbered
from alerts.documents.composing import compose
from alerts.documents.model import Document, DocumentKind, Office, Said
from ledger import Ledger, failpoints, views
from ledger.documents import Kept
from rules.problems import UserError
from tests.contracts.ledger_parts.builders import NOW, Crash, case, crash_at, issued
from tests.contracts.ledger_parts.cardlife import CARD, ZONE, with_a_card

NEW_YEAR = 1_704_067_200  # 2024-01-01 08:00 in the zone


def written(made: Numbered, organ: str) -> Document:
    card = issued(case()).card
    file = CardFile(card=card, changes=(), office=Office("the office", organ), zone=ZONE, unit=Said("局", "Bureau"))
    return compose(DocumentKind.SUPERVISION_ORDER, file, made)


def make(ledger: Ledger, now: int = NOW, organ: str = "监督", serial: int = 1) -> Kept:
    return ledger.make_document(CARD, serial, organ, "judge", now, ZONE, lambda made: written(made, organ))


class DocumentsContract:
    """A number is used once and none is left out, whatever fails; a code stands for exactly one content."""

    def test_numbers_run_without_a_gap_for_each_organ_and_year(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        made = [make(ledger), make(ledger), make(ledger, organ="效能"), make(ledger, NEW_YEAR), make(ledger, NEW_YEAR)]
        assert [(k.document.year, k.document.number) for k in made] == [
            (2023, 1), (2023, 2), (2023, 1), (2024, 1), (2024, 2),
        ]  # fmt: skip
        assert [each.document.reference.zh for each in views.documents_of(ledger, CARD)][:2] == [
            "监督〔2023〕第 1 号", "监督〔2023〕第 2 号",
        ]  # fmt: skip
        assert ledger.verify() == ()

    def test_of_many_who_make_documents_at_once_each_has_a_number_of_its_own(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda _: make(ledger).document.number, range(12)))
        assert sorted(made) == list(range(1, 13))
        assert ledger.verify() == ()

    def test_a_crash_uses_no_number_up(self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
        with_a_card(ledger)
        with monkeypatch.context() as crashing:
            crashing.setattr(failpoints, "hit", crash_at("before-document"))
            with pytest.raises(Crash):
                make(ledger)
        assert make(ledger).document.number == 1

    def test_a_document_of_a_card_that_has_changed_is_refused(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        with pytest.raises(UserError, match="has changed"):
            make(ledger, serial=2)
        assert make(ledger).document.number == 1

    def test_a_code_stands_for_the_document_that_bears_it_and_no_other_is_genuine(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        first, second = make(ledger), make(ledger)
        assert first.code != second.code
        found = views.genuine(ledger, first.code)
        assert found is not None
        assert (found.kept, found.unaltered) == (first, True)
        assert views.genuine(ledger, "AAAA-AAAA-AAAA-AAAA") is None

    def test_who_alters_a_document_in_the_database_is_found_by_its_code_and_by_the_chain(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        made = make(ledger)
        with ledger.store.writing() as connection:
            content = bytes(connection.execute(text("select content from documents")).scalar_one())
            altered = content.replace(b'"number":1', b'"number":9')
            connection.execute(text("update documents set content = :content"), {"content": altered})
        found = views.genuine(ledger, made.code)
        assert found is not None
        assert not found.unaltered
        assert [problem.code for problem in ledger.verify()] == ["chain/altered"]

    def test_only_documents_of_units_within_are_listed(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        first, second = make(ledger), make(ledger)
        seen = views.latest_documents(ledger, within=views.Within(frozenset({"health"})))
        assert [each.code for each in seen] == [second.code, first.code]
        assert views.latest_documents(ledger, before=seen[0].position) == (first,)
        assert views.latest_documents(ledger, within=views.Within(frozenset({"water"}))) == ()
