"""The item catalogue: dated versions of items from YAML or CSV."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.catalogue import load_catalogue
from rules.problems import UserError
from tests.rules.moments import day

YAML = """\
items:
  - {code: "0101", name: 食品经营许可, from: 2020-01-01, until: 2024-01-01, limits: {promised: 10 workdays}}
  - {code: "0101", name: 食品经营许可, from: 2024-01-01, limits: {promised: 7 workdays}, data: {unit: 市场监管局}}
"""
CSV = "code,name,from,until,version,limit.promised,fee\n0101,食品经营许可,2020-01-01,,3,7个工作日,200\n"


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problem_of(path: Path) -> str:
    with pytest.raises(UserError) as refused:
        load_catalogue(path)
    return str(refused.value)


def test_the_version_in_force_on_a_date_is_found(tmp_path: Path) -> None:
    catalogue = load_catalogue(written(tmp_path, "items.yaml", YAML))
    found = [catalogue.version_at("0101", day(on)) for on in ("2019-12-31", "2023-12-31", "2024-01-01")]

    assert [item and item.limits["promised"] for item in found] == [None, "10 workdays", "7 workdays"]
    assert catalogue.version_at("9999", day("2024-01-01")) is None


def test_a_gap_between_versions_has_no_version(tmp_path: Path) -> None:
    text = YAML.replace("until: 2024-01-01", "until: 2023-01-01")

    assert load_catalogue(written(tmp_path, "items.yaml", text)).version_at("0101", day("2023-06-01")) is None


def test_a_csv_catalogue_bears_limits_and_attributes(tmp_path: Path) -> None:
    item = load_catalogue(written(tmp_path, "items.csv", CSV)).version_at("0101", day("2024-06-01"))

    assert item is not None
    assert (item.name, item.version, dict(item.limits), dict(item.data)) == (
        "食品经营许可", "3", {"promised": "7个工作日"}, {"fee": 200},
    )  # fmt: skip


def test_versions_that_overlap_are_refused(tmp_path: Path) -> None:
    overlapping = written(tmp_path, "items.yaml", YAML.replace("until: 2024-01-01", "until: 2024-06-01"))

    assert "Two versions of item '0101' hold on 2024-01-01." in problem_of(overlapping)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", YAML.replace("7 workdays", "7 fortnights"), "'fortnights' is not a unit"),
        ("a.yaml", YAML.replace("limits", "limit"), "Did you mean 'limits'?"),
        ("a.csv", CSV.replace("code", "item"), "The column 'code' is missing."),
        ("a.csv", CSV.replace("7个工作日", "soon"), "'soon' is not a number with a unit"),
        ("a.csv", CSV.replace("2020-01-01", "1.1.2020"), "a.csv:2: from: a date belongs here."),
    ],
)  # fmt: skip
def test_a_wrong_catalogue_is_refused_with_a_sentence(tmp_path: Path, name: str, text: str, said: str) -> None:
    assert said in problem_of(written(tmp_path, name, text))
