"""What the ledger promises of rows that were put aside and can be read after all."""

from __future__ import annotations

from connectors.base import Batch, QuarantinedRow
from ledger import Ledger, views
from tests.contracts.ledger_parts.builders import NOW, append, case, happened


def put_aside(ledger: Ledger, *numbers: int, source: str = "licences", now: int = NOW) -> dict[int, int]:
    """Put rows aside and return the number of each by its row."""
    rows = [
        QuarantinedRow(
            source=source, place="a.csv", row=number, column="at", code="time/format", en="e", zh="z", raw={"no": f"{number}"}
        )
        for number in numbers
    ]  # fmt: skip
    ledger.append(
        Batch(source=source, quarantined=tuple(rows), cursor=dict(ledger.cursor(source)), rows=len(rows)), now
    )
    return {aside.row.row: aside.number for aside in views.quarantined(ledger, source)}


class ReplayingContract:
    """What can be read now is taken in once, and what is old never wins over what is newer."""

    def test_a_row_that_can_be_read_now_is_taken_in_and_is_no_longer_aside(self, ledger: Ledger) -> None:
        event = happened()
        numbers = put_aside(ledger, 1, 2, source=event.source)
        assert views.quarantine_counts(ledger, event.source) == {"time/format": 2}
        brought = ledger.replay(event.source, {numbers[1]: [event]}, NOW + 9)
        assert (brought.rows, brought.new, brought.cases) == (1, 1, 1)
        assert [aside.row.row for aside in views.quarantined(ledger, event.source)] == [2]
        found = views.case(ledger, case())
        assert found is not None
        assert [each.received_at for each in found.received] == [NOW + 9]
        assert case() in [each.case.case_id for each in ledger.claim(NOW + 9)]

    def test_a_row_is_replayed_once(self, ledger: Ledger) -> None:
        event = happened()
        numbers = put_aside(ledger, 1, source=event.source)
        assert ledger.replay(event.source, {numbers[1]: [event]}, NOW + 1).new == 1
        again = ledger.replay(event.source, {numbers[1]: [event]}, NOW + 2)
        assert (again.rows, again.new, again.cases) == (0, 0, 0)

    def test_what_the_source_told_later_is_not_overwritten_by_an_older_row(self, ledger: Ledger) -> None:
        newer, older = happened(data={"limit": 20}), happened(data={"limit": 5})
        numbers = put_aside(ledger, 1, source=newer.source)
        append(ledger, newer, now=NOW + 5)
        brought = ledger.replay(newer.source, {numbers[1]: [older]}, NOW + 9)
        assert (brought.rows, brought.outdated, brought.changed) == (1, 1, 0)
        found = views.case(ledger, case())
        assert found is not None
        assert [event.data["limit"] for event in found.received] == [20]

    def test_what_came_with_the_row_is_completed_by_it(self, ledger: Ledger) -> None:
        partly, whole = happened(data={}), happened(data={"limit": 20})
        numbers = put_aside(ledger, 1, source=partly.source, now=NOW)
        append(ledger, partly, now=NOW)
        brought = ledger.replay(partly.source, {numbers[1]: [whole]}, NOW + 9)
        assert (brought.changed, brought.outdated) == (1, 0)

    def test_rows_of_another_source_are_out_of_reach(self, ledger: Ledger) -> None:
        event = happened()
        numbers = put_aside(ledger, 1, source="other")
        assert ledger.replay(event.source, {numbers[1]: [event]}, NOW).rows == 0
        assert len(views.quarantined(ledger, "other")) == 1
