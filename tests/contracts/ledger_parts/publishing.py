"""What the ledger promises of published law."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from ledger import LawState, LawText, Ledger
from rules.judgement import Light
from rules.problems import UserError
from tests.contracts.ledger_parts.builders import NOW, append, case, claim_cases, happened, issued, judged

BOOK = LawText(kind="rulebook", name="own", version=1, text="rulebook: own\n")


def code_of(error: pytest.ExceptionInfo[UserError]) -> str:
    (problem,) = error.value.problems
    return problem.code


class PublishingContract:
    """Two persons make a law; nothing of it is ever rewritten."""

    def test_a_law_is_in_force_only_once_a_second_person_approved_it(self, ledger: Ledger) -> None:
        number = ledger.propose_law(BOOK, "first", NOW)
        assert (ledger.law_revision(), ledger.published()) == (0, ())

        with pytest.raises(UserError) as same:
            ledger.approve_law(number, " First ", NOW + 1)
        assert code_of(same) == "law/same-person"
        assert ledger.law_revision() == 0

        assert ledger.approve_law(number, "second", NOW + 2) == 1
        (story,) = ledger.published()
        assert (story.law, story.state, story.published_as) == (BOOK, LawState.PUBLISHED, 1)
        assert (story.proposed_by, story.proposed_at, story.decided_by, story.decided_at) == (
            "first", NOW, "second", NOW + 2,
        )  # fmt: skip
        assert ledger.law_revision() == 1
        assert ledger.verify() == ()

    def test_a_law_is_decided_once(self, ledger: Ledger) -> None:
        number = ledger.propose_law(BOOK, "first", NOW)
        assert ledger.reject_law(number, "second", NOW + 1, "too strict") is LawState.REJECTED
        for decide in (
            lambda: ledger.approve_law(number, "third", NOW + 2),
            lambda: ledger.reject_law(number, "third", NOW + 2, "again"),
            lambda: ledger.approve_law(number + 7, "third", NOW + 2),
        ):
            with pytest.raises(UserError) as refused:
                decide()
            assert code_of(refused) == "law/not-waiting"
        (story,) = ledger.law_history()
        assert (story.state, story.decided_by, story.reason) == (LawState.REJECTED, "second", "too strict")

    def test_who_proposed_a_law_withdraws_it(self, ledger: Ledger) -> None:
        number = ledger.propose_law(BOOK, "first", NOW)
        assert ledger.reject_law(number, "first", NOW + 1, "a slip") is LawState.WITHDRAWN
        assert ledger.propose_law(BOOK, "first", NOW + 2) != number

    def test_nobody_decides_nothing_and_the_same_text_waits_once(self, ledger: Ledger) -> None:
        with pytest.raises(UserError) as nobody:
            ledger.propose_law(BOOK, " ", NOW)
        assert code_of(nobody) == "law/nobody"
        ledger.propose_law(BOOK, "first", NOW)
        with pytest.raises(UserError) as again:
            ledger.propose_law(BOOK, "third", NOW)
        assert code_of(again) == "law/waiting"

    def test_an_approval_under_another_law_than_it_was_held_against_is_refused(self, ledger: Ledger) -> None:
        one = ledger.propose_law(BOOK, "first", NOW)
        two = ledger.propose_law(replace(BOOK, name="other", text="rulebook: other\n"), "first", NOW)
        assert ledger.approve_law(one, "second", NOW + 1, expected=0) == 1
        with pytest.raises(UserError) as changed:
            ledger.approve_law(two, "second", NOW + 1, expected=0)
        assert code_of(changed) == "law/changed"
        assert ledger.approve_law(two, "second", NOW + 1, expected=1) == 2
        assert [story.law.name for story in ledger.published()] == ["own", "other"]
        assert [story.law.name for story in ledger.published(1)] == ["own"]

    def test_what_a_publication_concerns_stays_to_be_marked_until_it_is(self, ledger: Ledger) -> None:
        ledger.approve_law(ledger.propose_law(BOOK, "first", NOW), "second", NOW)
        assert ledger.unmarked_laws() == (1,)
        ledger.law_marked(1, NOW + 1)
        assert ledger.unmarked_laws() == ()

    def test_a_law_that_is_altered_breaks_the_chain(self, ledger: Ledger) -> None:
        ledger.approve_law(ledger.propose_law(BOOK, "first", NOW), "second", NOW)
        with ledger.store.writing() as connection:
            connection.execute(text("update law_acts set who = 'nobody' where act = 'published'"))
        assert [problem.code for problem in ledger.verify()] == ["chain/altered"]

    def test_a_law_about_units_makes_every_judged_unit_due(self, ledger: Ledger) -> None:
        append(ledger, happened("accepted"))
        ledger.record([judged(claim_cases(ledger)[0], Light.RED, changes=(issued(case()),))], NOW)
        (unit,) = ledger.claim_subjects(NOW)
        ledger.record([judged(unit, Light.GREEN)], NOW)
        assert ledger.claim_subjects(NOW + 1) == ()
        ledger.mark_subjects_due(NOW + 1)
        assert [claimed.case.case_id for claimed in ledger.claim_subjects(NOW + 1)] == [unit.case.case_id]
