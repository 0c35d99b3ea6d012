"""Idempotency keys, and the lists that programs page through, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger import Ledger, idempotency, views
from ledger.idempotency import KEPT, LEASE, Answer, Claim, Standing
from ledger.views import Within
from ledger.views.findings import findings
from ledger.views.lights import last_light, light_changes
from tests.console.carded import carded

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
