"""The sample county is the same for the same seed, really answers, and states truthfully what it planted."""

from __future__ import annotations

import collections
import csv
import datetime as dt
import json
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from samples.county import generator, score, truth
from samples.county.departments import ITEM, ITEMS, UNIT, limits
from samples.county.run import County, prepare
from samples.county.truth import Truth
from samples.county.workdays import ZONE, close_of, instant, is_workday, later

NOW = instant(dt.date(2026, 6, 10), 10 * 3600)
SEED, SIZE = 7, 400


@pytest.fixture
def county(tmp_path: Path) -> Iterator[County]:
    county = prepare(tmp_path / "county", SEED, SIZE, NOW)
    yield county
    county.stop()


def query(county: County, sql: str) -> list[tuple[object, ...]]:
    database = sqlite3.connect(f"file:{county.home / 'licensing.sqlite'}?mode=ro", uri=True)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def iso(at: int) -> str:
    return dt.datetime.fromtimestamp(at, ZONE).isoformat()


def page(county: County, **asked_for: str) -> dict[str, object]:
    token = (county.home / "secrets" / "housing_token").read_text()
    asked = urllib.request.Request(  # noqa: S310 -- our own server
        f"{county.url}/api/v1/cases?{urllib.parse.urlencode(asked_for)}", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 -- as above
        body = json.load(answer)
    assert body["code"] == 0
    data: dict[str, object] = body["data"]
    return data


def contact_rows(county: County) -> list[dict[str, str]]:
    rows = []
    for path in sorted((county.home / "contacts").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as text:
            rows += list(csv.DictReader(text))
    return rows


def test_the_same_seed_tells_the_same_stories() -> None:
    assert generator.plan(SEED, SIZE, NOW) == generator.plan(SEED, SIZE, NOW)
    assert generator.plan(SEED, SIZE, NOW) != generator.plan(SEED + 1, SIZE, NOW)
    assert list(generator.arrivals(SEED, NOW, NOW + 600)) == list(generator.arrivals(SEED, NOW, NOW + 600))


@pytest.mark.parametrize("size", [1, 10, 26, 300])
def test_there_are_as_many_cases_as_asked_for_each_with_its_own_number(size: int) -> None:
    stories = generator.plan(SEED, size, NOW)
    assert len({story.case_no for story in stories}) == size


@pytest.mark.parametrize(
    "now", [NOW, NOW + 12 * 3600, instant(dt.date(2026, 10, 4), 0), instant(dt.date(2027, 3, 1), 40_000)]
)
def test_stories_run_forward_in_time_on_any_day_and_hour(now: int) -> None:
    for story in generator.plan(SEED, 200, now):
        names = [told.what for told in story.happenings]
        assert names[0] in {"received", "arrived"}
        assert story.happenings[0].at < now, "nothing of the first day begins in the future"
        if story.register != "contacts":
            order = [names.index(name) for name in ("received", "accepted") if name in names]
            assert order == sorted(order)
            assert names[-1] in {"completed", "withdrawn", "returned"}


def test_every_planted_breach_stands_at_the_first_start_or_within_minutes() -> None:
    truths = [t for story in generator.plan(SEED, SIZE, NOW) for t in story.truths]
    standing = collections.Counter(t.rule for t in truths if t.expected(NOW + 600) == "yes")
    assert set(standing) == set(truth.CODES)
    assert sum(standing.values()) < SIZE / 4, "breaches stand among many innocent cases"


def test_every_rule_with_a_hard_limit_has_look_alikes() -> None:
    truths = [t for story in generator.plan(SEED, SIZE, NOW) for t in story.truths]
    never = collections.Counter(t.rule for t in truths if t.may_from is None and t.yes_from is None)
    assert set(never) >= set(truth.CODES) - {"T03"}
    assert never["T04"] > sum(t.rule == "T04" and t.yes_from is not None for t in truths)


def test_lights_are_going_to_change_within_the_next_ten_minutes() -> None:
    truths = [t for story in generator.plan(SEED, SIZE, NOW) for t in story.truths]
    soon = [t for t in truths if t.rule == "T04" and t.yes_from is not None and NOW < t.yes_from <= NOW + 600]
    assert len(soon) >= 3


def test_a_look_alike_for_the_promise_really_ends_before_it() -> None:
    stories = [
        s for s in generator.plan(SEED, SIZE, NOW) if any(t.scenario == "decided_in_the_last_minute" for t in s.truths)
    ]
    assert stories
    for story in stories:
        at = {told.what: told.at for told in story.happenings}
        assert later(at["accepted"], ITEM[story.item].promised) - at["completed"] == 60


def test_the_office_diary_knows_holidays_and_make_up_days() -> None:
    assert not is_workday(dt.date(2026, 10, 1))
    assert is_workday(dt.date(2026, 10, 10))
    friday = instant(dt.date(2026, 2, 13), 36_000)
    assert later(friday, 1) == instant(dt.date(2026, 2, 14), 36_000)
    assert later(friday, 5) == instant(dt.date(2026, 2, 27), 36_000)
    assert close_of(friday) == instant(dt.date(2026, 2, 13), 86_399)


def test_the_interface_pages_by_cursor_until_every_case_was_read(county: County) -> None:
    county.serve(clock=lambda: NOW, every=60)
    seen, cursor = [], "0"
    while cursor != "None":
        data = page(county, cursor=cursor, limit="50")
        items = data["items"]
        assert isinstance(items, list)
        assert len(items) <= 50
        seen += [item["caseNo"] for item in items]
        cursor = str(data["next"])
    stories = generator.plan(SEED, SIZE, NOW)
    assert sorted(seen) == sorted(s.case_no for s in stories if s.register == "housing" and s.known(NOW))


def test_a_changed_case_is_shown_to_who_asks_for_what_changed_since(county: County) -> None:
    county.serve(clock=lambda: NOW, every=60)
    assert page(county, updatedSince=iso(NOW + 60))["items"] == []
    county.feed(NOW + 3 * 86_400)
    items = page(county, updatedSince=iso(NOW + 60))["items"]
    assert isinstance(items, list)
    assert {item["version"] for item in items} >= {3}
    assert all(item["updatedTime"] >= iso(NOW + 60) for item in items)


def test_without_the_token_the_interface_refuses(county: County) -> None:
    county.serve(clock=lambda: NOW, every=60)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{county.url}/api/v1/cases", timeout=10)  # noqa: S310 -- our own server
    assert refused.value.code == 401


def test_the_exchange_database_is_read_by_sql(county: County) -> None:
    stories = [s for s in generator.plan(SEED, SIZE, NOW) if s.register == "licensing" and s.known(NOW)]
    assert query(county, "SELECT count(*) FROM EA_JC_STEP_BASICINFO") == [(len(stories),)]
    assert query(
        county, "SELECT count(*) FROM EA_JC_STEP_DONE WHERE PROJID NOT IN (SELECT PROJID FROM EA_JC_STEP_BASICINFO)"
    ) == [(0,)]
    codes = {
        code
        for (code,) in query(county, "SELECT DISTINCT NODERESULT FROM EA_JC_STEP_PROC WHERE NODERESULT IS NOT NULL")
    }
    assert codes == {"1", "4", "5"}
    assert query(county, "SELECT count(*) FROM EA_JC_STEP_BASICINFO WHERE MAKETIME <= OCCURTIME") == [(0,)]


def test_a_row_that_changes_rises_in_version_and_is_written_once(county: County) -> None:
    open_steps = query(county, "SELECT ORGBUSNO FROM EA_JC_STEP_PROC WHERE NODESTATE = 1 AND DATAVER = 1")
    assert open_steps
    county.feed(NOW + 20 * 86_400)
    closed = query(
        county, "SELECT ORGBUSNO FROM EA_JC_STEP_PROC WHERE NODESTATE = 2 AND DATAVER = 2 AND NODEENDTIME NOT NULL"
    )
    assert set(open_steps) <= set(closed)


def test_the_contact_register_is_csv_with_unique_rows_and_known_units(county: County) -> None:
    rows = contact_rows(county)
    assert len({row["登记号"] for row in rows}) == len(rows) > 100
    assert {row["单位"] for row in rows if row["单位"]} <= {unit.zh for unit in UNIT.values()}
    assert {row["动作"] for row in rows} == {"来访", "移交", "签收", "答复", "反馈", "办结"}


def test_the_truth_file_lists_what_the_scenarios_owe(county: County) -> None:
    rows = json.loads((county.home / "truth.json").read_text(encoding="utf-8"))
    owed = [t for story in generator.plan(SEED, SIZE, NOW) for t in story.truths]
    assert len(rows) == len(owed)
    assert collections.Counter(row["expected"] for row in rows) == collections.Counter(t.expected(NOW) for t in owed)
    assert truth.read(county.home)[: len(owed)] == tuple(owed)
    known = {s.case_no for s in generator.plan(SEED, SIZE, NOW) if s.known(NOW)}
    assert {row["case_no"] for row in rows if row["expected"] == "yes"} <= known


def test_the_catalogue_publishes_each_item_with_its_limits(county: County) -> None:
    items = yaml.safe_load((county.home / "items.yaml").read_text(encoding="utf-8"))["items"]
    assert {item["code"]: item["limits"] for item in items} == {item.code: limits(item) for item in ITEMS}
    assert all(item["data"]["unit"] in UNIT for item in items)


def test_time_brings_new_rows_and_the_same_time_brings_none(county: County) -> None:
    assert county.feed(NOW) == 0
    assert sum(county.feed(NOW + 300 * step) for step in range(1, 5)) > 60
    assert county.feed(NOW + 1_200) == 0
    assert any(row["首问编号"].count("L") for row in contact_rows(county))


def test_a_second_start_goes_on_as_if_it_had_never_stopped(county: County, tmp_path: Path) -> None:
    for minute in range(1, 31):
        county.feed(NOW + minute * 60)
    other = prepare(tmp_path / "other", SEED, SIZE, NOW)
    for minute in range(1, 16):
        other.feed(NOW + minute * 60)
    again = prepare(tmp_path / "other", seed=99, size=1, now=NOW + 16 * 60)
    assert (again.diary.seed, again.diary.size, again.diary.began_at) == (SEED, SIZE, NOW)
    for minute in range(17, 31):
        again.feed(NOW + minute * 60)
    for table in ("BASICINFO", "PROC", "SPECIALNODE", "DONE"):
        sql = f"SELECT * FROM EA_JC_STEP_{table} ORDER BY 1"  # noqa: S608 -- our own names
        assert query(again, sql) == query(county, sql)
    assert sorted(map(str, contact_rows(again))) == sorted(map(str, contact_rows(county)))
    assert truth.read(again.home) == truth.read(county.home)


def test_what_was_fed_before_a_crash_is_not_doubled_after_it(county: County) -> None:
    diary = (county.home / "county.json").read_text()
    county.feed(NOW + 900)
    rows, contacts = query(county, "SELECT * FROM EA_JC_STEP_PROC ORDER BY 1"), contact_rows(county)
    (county.home / "county.json").write_text(diary)
    again = prepare(county.home, now=NOW + 900)
    assert query(again, "SELECT * FROM EA_JC_STEP_PROC ORDER BY 1") == rows
    assert {row["登记号"] for row in contact_rows(again)} == {row["登记号"] for row in contacts}


def test_nobody_arrives_while_the_county_is_switched_off(county: County) -> None:
    county.feed(NOW + 10 * 86_400)
    arrived = [row for row in query(county, "SELECT PROJID FROM EA_JC_STEP_BASICINFO") if "L" in str(row[0])]
    assert arrived == []


def test_the_feeder_writes_by_itself_and_stops(county: County) -> None:
    times = iter(range(NOW + 300, NOW + 30_000, 300))
    county.serve(clock=lambda: next(times), every=0.02)
    waited = time.monotonic() + 10
    while county.diary.fed_until < NOW + 900 and time.monotonic() < waited:
        time.sleep(0.02)
    county.stop()
    fed = county.diary.fed_until
    assert fed >= NOW + 900
    time.sleep(0.1)
    assert county.diary.fed_until == fed


def test_a_taken_port_is_left_to_its_owner_and_the_mapping_follows(county: County) -> None:
    taken = county.diary.housing_port
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken))
        other.listen()
        county.serve(clock=lambda: NOW, every=60)
        assert county.diary.housing_port != taken
        assert page(county)["items"]
    assert f"{county.url}/" in (county.home / "sources" / "housing.yaml").read_text(encoding="utf-8")
    assert prepare(county.home).url == county.url


def test_a_perfect_inspector_scores_one_and_faults_are_named() -> None:
    truths = (
        Truth("T04", "A", "u", "s", 10, 20), Truth("T04", "B", "u", "s"), Truth("T03", "A", "u", "s", 5, 8, 10),
        Truth("Q04", "C", "u", "s", 1, 1),
    )  # fmt: skip
    perfect = score.score(
        truths, [{"case_no": "A", "rules": "T04 T03"}, {"case_no": "C", "rules": ["first-contact/Q04", "K03"]}], 30
    )
    assert all((each.precision, each.recall) == (1.0, 1.0) for each in perfect)
    poor = {s.rule: s for s in score.score(truths, [{"case_no": "B", "rules": "T04;T02R"}], 30)}
    assert poor["T04"].wrong == ("+B", "-A")
    assert (poor["T04"].precision, poor["T04"].recall, poor["Q04"].recall) == (0.0, 0.0, 0.0)
    assert poor["T02"].wrong == ()


def test_the_county_knows_nothing_of_the_product() -> None:
    code = (
        "import sys, samples.county.__main__\n"
        "own = {'rules', 'connectors', 'alerts', 'ledger', 'console', 'daemon'}\n"
        "print(sorted(own & {name.split('.')[0] for name in sys.modules}))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"
