"""The catalogue before it judges: approval by a second person, findings, differences."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.catalogue import load_catalogue
from rules.itemdiff import diff
from rules.itementries import Entry, read_entries
from rules.itemfindings import findings
from rules.itemimport import onto
from rules.itemlengths import longer
from rules.itemwriting import as_yaml
from rules.problems import UserError
from rules.quantities import Quantity, Unit
from tests.rules.moments import cn, day

GOOD = (
    "{code: A, name: 食品经营许可, from: 2024-01-01, "
    "limits: {promised: 7 workdays, statutory: 20 workdays, step.review: 4 workdays, step.approve: 3 workdays}}"
)


def written(folder: Path, *items: str, head: str = "", name: str = "items.yaml") -> Path:
    path = folder / name
    path.write_text(head + "items:\n" + "".join(f"  - {item}\n" for item in items), encoding="utf-8")
    return path


def found(folder: Path, *items: str, cut: Fraction = Fraction(30, 100)) -> dict[str, str]:
    """Return the English sentence of each finding by its code, without the common beginning."""
    problems = findings(read_entries(written(folder, *items)).entries, cn(), cut)
    assert all(problem.zh.endswith("。") and problem.mend_zh for problem in problems)
    assert all(problem.place.line for problem in problems)
    return {problem.code.removeprefix("catalogue/"): problem.en for problem in problems}


def refused(path: Path) -> list[str]:
    with pytest.raises(UserError) as error:
        load_catalogue(path)
    return [f"{problem.place.line}: {problem.en}" for problem in error.value.problems]


# ── approval ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("head", "said", "judges"),
    [
        ("", "", True),
        ("", "entered_by: 李明", False),
        ("", "entered_by: 李明, approved_by: 王芳, approved_on: 2023-12-20", True),
        ("approval: required\n", "", False),
        ("approval: required\n", "entered_by: 李明, approved_by: 王芳, approved_on: 2023-12-20", True),
    ],
)
def test_a_version_judges_only_once_a_second_person_has_approved_it(
    tmp_path: Path, head: str, said: str, judges: bool
) -> None:
    item = GOOD[:-1] + (f", {said}}}" if said else "}")
    catalogue = load_catalogue(written(tmp_path, item, head=head))
    assert (catalogue.version_at("A", day("2024-06-01")) is not None) is judges


def test_until_a_new_version_is_approved_the_old_one_judges(tmp_path: Path) -> None:
    draft = "{code: A, from: 2024-01-01, limits: {promised: 5 workdays}, entered_by: 李明}"
    catalogue = load_catalogue(written(tmp_path, GOOD.replace("2024-01-01", "2020-01-01"), draft))
    item = catalogue.version_at("A", day("2024-06-01"))
    assert item is not None
    assert item.limits["promised"] == "7 workdays"


def test_an_approval_is_refused_where_it_is_no_second_persons(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "{code: A, entered_by: 李明, approved_by: 李明, approved_on: 2024-01-01, limits: {promised: 1 workday}}",
        "{code: B, entered_by: 李明, approved_by: 王芳, limits: {promised: 1 workday}}",
        "{code: C, approved_by: 王芳, approved_on: 2024-01-01, limits: {promised: 1 workday}}",
        "{code: D, entered_by: 李明, limits: {promised: 7}}",
        head="approval: required\n",
    )
    assert refused(path) == [
        "3: Item 'A' was entered and approved by the same person, 李明.",
        "4: The approval of item 'B' is incomplete.",
        "5: Nobody is named who entered item 'C', so its approval by a second person cannot be seen.",
        "6: The limit 'promised' of item 'D' is 7 without a unit.",
    ]


def test_a_csv_catalogue_bears_its_approval_too(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text(
        "code,from,limit.promised,entered_by,approved_by,approved_on\n"
        "A,2024-01-01,7 workdays,li,wang,2023-12-20\nB,2024-01-01,7 workdays,li,,\n"
    )
    assert set(load_catalogue(path).versions) == {"A"}


# ── findings ───────────────────────────────────────────────────────────────────────────────────


def test_a_catalogue_in_order_gives_no_finding(tmp_path: Path) -> None:
    assert found(tmp_path, GOOD, "{code: B, data: {instant: true}}") == {}


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        (("promised: 7", "promised: 21"), "promise-over-statutory", "promises 21 workdays, more than the statutory 20 workdays"),
        (("approve: 3", "approve: 4"), "steps-over-promise", "steps of 4 workdays + 4 workdays, together more than"),
        (("promised: 7", "promised: 0"), "no-limit", "promises 0 workdays and is no instant item"),
        (("promised: 7 workdays, ", ""), "no-limit", "promises nothing and is no instant item"),
        (("limits:", "data: {instant: true}, limits:"), "instant-with-days", "is an instant item with a promise of 7 workdays"),
        (("promised: 7", "promised: 15"), "small-cut", "a cut of 25 %; 30 % is required"),
        (("from:", "approved_by: W, approved_on: 2024-01-02, from:"), "approved-late", "was approved on 2024-01-02"),
    ],
)  # fmt: skip
def test_each_fault_is_found_by_its_sentence(tmp_path: Path, change: tuple[str, str], code: str, sentence: str) -> None:
    said = found(tmp_path, GOOD.replace(*change))
    assert sentence in said[code]
    assert "Item 'A' 食品经营许可 (version 2024-01-01)" in said[code]


@pytest.mark.parametrize(
    "change",
    [("promised: 7", "promised: 14"), ("from:", "approved_by: W, approved_on: 2024-01-01, from:")],
)
def test_what_lies_just_inside_is_no_finding(tmp_path: Path, change: tuple[str, str]) -> None:
    assert found(tmp_path, GOOD.replace(*change)) == {}


def test_limits_in_different_units_are_compared_by_the_calendar(tmp_path: Path) -> None:
    """Over the Spring Festival twenty working days last longer than a month."""
    said = found(tmp_path, "{code: A, from: 2024-01-01, limits: {promised: 20 workdays, statutory: 30 days}}")
    assert "begun on 2024-02-01, one ends on 2024-03-05, the other on 2024-03-04" in said["promise-over-statutory"]
    assert found(tmp_path, "{code: A, from: 2024-01-01, limits: {promised: 10 workdays, statutory: 1 month}}") == {}


def test_working_hours_are_a_finding_where_the_calendar_has_no_office_hours(tmp_path: Path) -> None:
    said = found(tmp_path, "{code: A, from: 2024-01-01, limits: {promised: 4 working hours, statutory: 5 workdays}}")
    assert any("office hours" in sentence for sentence in said.values())


def test_versions_that_overlap_are_a_finding_beside_the_others(tmp_path: Path) -> None:
    said = found(tmp_path, GOOD, GOOD.replace("promised: 7", "promised: 25"))
    assert {"overlap", "promise-over-statutory"} <= said.keys()


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([Unit.WORKDAY, Unit.NATURAL_DAY, Unit.HOUR]))
def test_in_one_unit_the_larger_number_is_longer_and_a_sum_counts_as_its_whole(
    one: int, other: int, unit: Unit
) -> None:
    parts, whole = [Quantity(Fraction(n), unit) for n in (one, 1)], [Quantity(Fraction(other), unit)]
    assert (longer(parts, whole, cn(), 2024) is not None) == (one + 1 > other)
    assert (longer(whole, parts, cn(), 2024) is not None) == (other > one + 1)


# ── differences ────────────────────────────────────────────────────────────────────────────────


def entries(folder: Path, *items: str, name: str = "items.yaml") -> tuple[Entry, ...]:
    return read_entries(written(folder, *items, name=name)).entries


def test_a_difference_names_version_field_and_direction(tmp_path: Path) -> None:
    old = entries(tmp_path, GOOD, "{code: B, from: 2023-01-01}")
    new = entries(tmp_path, GOOD.replace("promised: 7", "promised: 5"), "{code: C, from: 2025-01-01}")
    assert [(c.code, str(c.from_on), c.kind, c.field, c.before, c.after, c.direction) for c in diff(old, new)] == [
        ("A", "2024-01-01", "changed", "limits.promised", "7 workdays", "5 workdays", "shorter"),
        ("B", "2023-01-01", "removed", "", None, None, ""),
        ("C", "2025-01-01", "added", "", None, None, ""),
    ]


def test_a_catalogue_does_not_differ_from_itself_and_survives_being_written(tmp_path: Path) -> None:
    ours = entries(tmp_path, GOOD, GOOD.replace("2024-01-01", "2025-01-01").replace("}}", "}, entered_by: 李明}"))
    assert diff(ours, ours) == []
    (tmp_path / "again.yaml").write_text(as_yaml(ours, "again"), encoding="utf-8")
    assert diff(ours, read_entries(tmp_path / "again.yaml").entries) == []


def test_an_import_onto_a_catalogue_keeps_what_is_known_and_adds_the_rest_as_drafts(tmp_path: Path) -> None:
    approved = GOOD[:-1] + ", entered_by: 李明, approved_by: 王芳, approved_on: 2023-12-20}"
    old = entries(tmp_path, approved)
    same = GOOD.replace("7 workdays", "7个工作日")[:-1] + ", entered_by: 赵强}"
    other = GOOD.replace("promised: 7", "promised: 5")[:-1] + ", entered_by: 赵强}"
    made = onto(old, entries(tmp_path, same, other, name="new.yaml"))
    assert [(e.item.limits["promised"], e.draft, e.entered_by) for e in made] == [
        ("7 workdays", False, "李明"), ("5 workdays", True, "赵强"),
    ]  # fmt: skip
