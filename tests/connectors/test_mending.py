"""Rows that were put aside, read once more through a mended mapping: only as they came, and never guessed."""

from __future__ import annotations

import pytest

from connectors.base import QuarantinedRow
from connectors.mapping import SourceSpec
from connectors.mending import reread
from connectors.quarantine import MAX_RAW_CELL, MAX_RAW_CELLS
from connectors.registry import source_of
from rules.documents import parse
from rules.problems import UserError

MAPPING = """\
source: licences
kind: files
namespace: licences
of: application
rows: snapshot
read: {path: rows.csv}
zone: Asia/Shanghai
case_no: "no"
events:
  - {name: accepted, at: {column: AT, format: "%Y-%m-%d"}}
"""


def spec(column: str = "at", more: str = "") -> SourceSpec:
    """Return the mapping, its time read from a column."""
    return source_of(parse(MAPPING.replace("AT", column) + more, "mapping.yaml"))


def row(**raw: str) -> QuarantinedRow:
    """Return a row that was put aside."""
    return QuarantinedRow(
        source="licences", place="rows.csv", row=7, column="at", code="time/format", en="e", zh="z", raw=raw
    )


def test_a_row_that_fits_tells_its_events_and_one_that_does_not_says_why() -> None:
    fits, not_yet = reread(spec(), [row(no="A1", at="2026-01-02"), row(no="A2", at="02.01.2026")])
    assert (fits.fits, [event.case_no for event in fits.events]) == (True, ["A1"])
    assert (not_yet.fits, not_yet.events) == (False, ())
    assert "02.01.2026" in not_yet.en
    assert "02.01.2026" in not_yet.zh


@pytest.mark.parametrize(
    "cut",
    [
        {"line": "A1,2026-01-02,too,many"},
        {"no": "A1", "at": "2026-01-02", "note": "x" * (MAX_RAW_CELL + 5)},
        {"no": "A1", "at": "2026-01-02", **{f"c{n}": "" for n in range(MAX_RAW_CELLS)}},
    ],
)
def test_a_row_of_which_only_a_part_was_kept_stays_aside(cut: dict[str, str]) -> None:
    (found,) = reread(spec(), [row(**cut)], known=["no", "at"])
    assert (found.fits, found.events) == (False, ())


def test_a_column_that_no_row_has_is_an_error_and_never_an_empty_value() -> None:
    with pytest.raises(UserError, match=r"'att', which is not there\. The nearest is 'at'"):
        reread(spec("att"), [row(no="A1", at="2026-01-02")])
    (found,) = reread(spec("att"), [row(no="A1", at="2026-01-02")], known=["att"])
    assert [event.retracted for event in found.events] == [True]


def test_a_dotted_column_leads_into_a_field_that_was_kept_as_json() -> None:
    rows = [row(no="A1", times='{"in": "2026-01-02"}'), row(no="A2", times="no JSON")]
    found = reread(spec("times.in"), rows)
    assert [event.occurred_at is None for each in found for event in each.events] == [False, True]


def test_a_log_of_changes_is_not_read_row_by_row() -> None:
    changes = SourceSpec.model_validate({**spec().model_dump(by_alias=True), "rows": "changes"})
    with pytest.raises(UserError, match="not alone"):
        reread(changes, [row(no="A1", at="2026-01-02")])
