"""Road fines: the penalty falls at notification + 60 days, in every case that the authority published."""

from __future__ import annotations

from pathlib import Path

from tests.examples.lights import lights, proved
from tests.rules.moments import data_folder

HEADER = "case:concept:name,article,org:resource,time:timestamp,concept:name\n"


def test_the_rulebook_of_the_fines_is_proved() -> None:
    assert "tests passed" in proved("fines")


def test_an_early_penalty_is_red_and_a_missing_one_yellow(tmp_path: Path) -> None:
    file = tmp_path / "fines.csv"
    file.write_text(
        HEADER
        + "EARLY,157,537,2007-03-20T01:00:00.000+02:00,Create Fine\n"
        + "EARLY,,,2007-08-02T01:00:00.000+03:00,Insert Fine Notification\n"
        + "EARLY,,,2007-09-30T01:00:00.000+03:00,Add penalty\n"
        + "MISSING,157,537,2007-08-02T01:00:00.000+03:00,Insert Fine Notification\n"
        + "EXACT,157,537,2007-09-02T01:00:00.000+03:00,Insert Fine Notification\n"
        + "EXACT,157,537,2007-11-01T01:00:00.000+02:00,Add penalty\n",
        encoding="utf-8",
    )

    found = lights("fines", file, "2008-01-01", tmp_path / "lights.csv")

    assert {no: (row["light"], row["rules"]) for no, row in found.items()} == {
        "EARLY": ("red", "F02"),
        "MISSING": ("yellow", "F01"),
        "EXACT": ("green", ""),
    }


def test_every_penalty_falls_at_notification_and_sixty_days(tmp_path: Path) -> None:
    file = data_folder("road_traffic_fines") / "rtfmp_sample_10000_cases.csv.gz"

    found = lights("fines", file, "2014-01-01", tmp_path / "lights.csv")
    notified = [row for row in found.values() if row["clock"] == "penalty"]
    exact = [row for row in notified if row["stopped_at"] == row["due_at"]]
    print(f"{len(exact):,} of {len(notified):,} penalties at notification + 60 days; {len(found):,} fines")

    assert (len(found), len(notified)) == (10_000, 5_354)
    assert exact == notified
    assert {row["rules"] for row in found.values()} == {""}
    assert {row["light"] for row in notified} == {"green"}
