"""What the ledger promises of steps of escalation."""

from __future__ import annotations

import msgspec

from alerts.urging import Urge, urge_key
from ledger import Ledger
from rules.judgement import Light
from rules.policy import Rank
from tests.contracts.ledger_parts.builders import NOW, PIN, append, claim_cases, happened, issued, judged


class UrgingContract:
    """A step that ran is known to every later claim, and is written once."""

    def test_a_step_that_ran_is_known_when_its_card_is_claimed_again(self, ledger: Ledger) -> None:
        append(ledger, happened())
        (claimed,) = claim_cases(ledger)
        ledger.record([judged(claimed, Light.RED, changes=(issued(claimed.case.case_id),))], NOW)
        (own,) = ledger.claim(NOW + 1)
        assert own.urged == frozenset()
        key = urge_key(own.case.case_id, "A01", NOW)
        urge = Urge(
            key=key, case_id=own.case.case_id, rule="A01", unit="health", tell=Rank.R2, light=Light.YELLOW, due_at=NOW,
            told_at=NOW + 1, pin=PIN,
        )  # fmt: skip
        result = msgspec.structs.replace(judged(own, Light.YELLOW, next_review_at=NOW + 10), urges=(urge, urge))
        ledger.record([result], NOW + 1)
        (again,) = ledger.claim(NOW + 10)
        assert again.urged == {key}
