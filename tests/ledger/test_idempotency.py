"""Idempotency keys, and the lists that programs page through, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from alerts.documents.composing import compose
from alerts.documents.model import DocumentKind
from alerts.model import Deed, Done
from ledger import Ledger, idempotency, views
from ledger.idempotency import KEPT, LEASE, Answer, Claim, Sent, Standing
from ledger.views import Within
from ledger.views.findings import findings
from ledger.views.lights import last_light, light_changes
from rules.policy import Colour
from rules.problems import UserError
from tests.alerts.filed import file
from tests.console.carded import carded, case_of

NOW = 1_800_000_000


@pytest.fixture(params=["sqlite_ledger", "postgres_ledger"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Ledger)
    return found


def claimed(ledger: Ledger, at: int = NOW, request: bytes = b"r", account: str = "a") -> Claim:
    """Claim the key ``k``."""
    return idempotency.claim(ledger.store, account, "k", request, at)


def test_of_many_who_claim_at_once_one_is_let_through(ledger: Ledger) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = [each.standing for each in pool.map(lambda _: claimed(ledger), range(12))]

    assert sorted(found) == [Standing.OURS] + [Standing.UNDER_WAY] * 11


def test_a_claim_that_was_cut_off_is_taken_up_once_by_the_same_request(ledger: Ledger) -> None:
    claimed(ledger)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: claimed(ledger, NOW + LEASE), range(6)))

    assert sorted(each.standing for each in found) == [Standing.AGAIN] + [Standing.UNDER_WAY] * 5
    assert {each.began_at for each in found} == {NOW}
    assert claimed(ledger, NOW + LEASE, b"another").standing is Standing.ANOTHER
    assert claimed(ledger, account="b").standing is Standing.OURS


def test_an_answer_is_kept_for_a_day_and_the_first_one_stays(ledger: Ledger) -> None:
    claimed(ledger)
    for body in (b"\x00first", b"second"):
        idempotency.keep(ledger.store, "a", "k", Answer(201, b"{}", body))
    idempotency.let_go(ledger.store, "a", "k")

    assert claimed(ledger, NOW + KEPT).answer == Answer(201, b"{}", b"\x00first")
    assert claimed(ledger, NOW + KEPT + 1).standing is Standing.OURS


def test_a_key_that_was_let_go_is_free(ledger: Ledger) -> None:
    claimed(ledger)
    idempotency.let_go(ledger.store, "a", "k")

    assert claimed(ledger, request=b"other").standing is Standing.OURS


def test_a_form_that_is_sent_twice_at_once_makes_one_card_and_one_document(ledger: Ledger) -> None:
    card = carded(ledger, NOW, "17", "housing", Colour.RED, rule="T05")
    done, sent = Done(deed=Deed.ISSUE, by="a", role="inspector", text="seen"), Sent("a", "k", b"said")

    def issued(form: Sent | None) -> str:
        return ledger.issue_by_hand(
            case_of("17"), Colour.YELLOW, "basis", done, NOW, lambda _, at: at, lambda _: (), form
        ).card.card_id

    def made(form: Sent | None) -> int:
        return ledger.make_document(
            card, 1, "organ", "a", NOW, "Asia/Shanghai",
            lambda numbered: compose(DocumentKind.SUPERVISION_ORDER, file(), numbered), form,
        ).document.number  # fmt: skip

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: issued(sent), range(4)))) == 1
        assert set(pool.map(lambda _: made(Sent("a", "k2", b"said")), range(4))) == {1}
    assert made(Sent("a", "k3", b"said")) == 2  # no number was eaten
    assert len(views.documents_of(ledger, card)) == 2
    for act in (issued, made):
        with pytest.raises(UserError, match="nothing more was done"):
            act(Sent("a", "k", b"something else"))
    assert {issued(sent)} < {issued(Sent("b", "k", b"said")), issued(sent)}
    assert ledger.verify() == ()


def test_lists_and_lights_go_on_where_they_were_left_and_stay_in_scope(ledger: Ledger) -> None:
    names = [carded(ledger, NOW, f"L{number}", unit=unit, due_in=None) for number, unit in enumerate("ABA")]
    own = Within(frozenset({"A"}))
    first = findings(ledger, 0, NOW + 1, limit=2)
    rest = findings(ledger, 0, NOW + 1, limit=2, beyond=(NOW, first[-1].card_id))
    late = views.late(ledger, NOW, limit=1)
    later = views.late(ledger, NOW, beyond=(late[0].due_at, str(late[0].case_id)))

    assert [each.card_id for each in (*first, *rest)] == sorted(names)
    assert {each.unit for each in findings(ledger, 0, NOW + 1, own)} == {"A"}
    assert findings(ledger, NOW + 1, NOW + 2) == ()
    assert [each.case_id.case_no for each in (*late, *later)] == ["L0", "L1", "L2"]
    seen, reached = light_changes(ledger, 0, own)
    assert [each.position for each in seen] == [1, 3]
    assert reached == last_light(ledger) == 3
    assert light_changes(ledger, 3) == ((), 3)
    assert [each.position for each in light_changes(ledger, 1, limit=1)[0]] == [2]
