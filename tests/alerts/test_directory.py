"""The organisation directory: who holds a rank on a date, who stands in, and what is wrong with an import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest

from alerts.directory import Address, Directory, Leave, Person, Post, Tenure, Unit
from alerts.directorycheck import check_directory
from alerts.directorydiff import directory_changes
from alerts.directoryimport import Table, read_directory
from alerts.routes import Recipient, Routes
from alerts.routing import Routing, without_recipient
from rules.policy import Rank
from rules.problems import UserError
from tests.alerts.builders import POLICIES

ON = dt.date(2024, 10, 8)
BEFORE = ON - dt.timedelta(1)


def person(account: str, *addresses: Address) -> Person:
    return Person(account, f"{account}名", addresses or (Address("mail", f"{account}@county.example"),))


DIRECTORY = Directory(
    units=(Unit("county", "县政府", "County"), Unit("housing", "住建局", "Housing", "county")),
    posts=(Post("housing", "head", Rank.R3, "局长", "director"), Post("county", "leader", Rank.R4, "分管县领导")),
    people=(person("a"), person("b", Address("sms", "1"), Address("mail", "b@county.example")), person("c")),
    holders_of=(Tenure("housing", "head", "a", until_on=ON), Tenure("county", "leader", "c")),
    deputies=(Tenure("housing", "head", "b"),),
    leave=(Leave("a", ON, ON),),
)


def who(directory: Directory, unit: str, rank: Rank, on: dt.date) -> list[tuple[str, str | None]]:
    held = directory.holders(unit, rank, on)
    assert held.why
    return [(each.person.account, each.acting_for["zh"] if each.acting_for else None) for each in held.people]


def test_the_holder_is_told_while_he_is_there_and_his_deputy_while_he_is_away_or_the_post_is_vacant() -> None:
    assert who(DIRECTORY, "housing", Rank.R3, BEFORE) == [("a", None)]
    assert who(DIRECTORY, "housing", Rank.R3, ON) == [("b", "局长（a名）")]
    assert who(DIRECTORY, "housing", Rank.R3, ON + dt.timedelta(1)) == [("b", "局长（空缺）")]
    assert DIRECTORY.holders("housing", Rank.R3, ON).acting


def test_a_unit_without_such_a_post_asks_the_unit_above_and_says_so() -> None:
    held = DIRECTORY.holders("housing", Rank.R4, ON)
    assert [each.person.account for each in held.people] == ["c"]
    assert held.why[0].zh == "住建局未设该级岗位，由上级县政府负责"
    assert who(DIRECTORY, "housing", Rank.R1, ON) == []


def test_a_deputy_on_leave_leaves_a_vacancy_that_is_not_passed_upwards() -> None:
    from msgspec.structs import replace

    both = replace(DIRECTORY, leave=(*DIRECTORY.leave, Leave("b", ON)))
    assert who(both, "housing", Rank.R3, ON) == []
    assert both.holders("housing", Rank.R3, ON).why[-1].en == "there is no deputy who is present"


def test_the_route_table_goes_first_and_a_second_address_is_the_fall_back() -> None:
    table = Recipient(name="表", channel="mail", address="table@county.example")
    owner = Recipient(name="效能办", channel="mail", address="owner@county.example")
    routing = Routing(Routes(owner=(owner,), units={"*": {Rank.R4: (table,)}}), DIRECTORY)
    at = int(dt.datetime(2024, 10, 8, 12, tzinfo=dt.UTC).timestamp())
    assert routing.recipients("housing", Rank.R4, at) == (table,)
    (deputy,) = routing.recipients("housing", Rank.R3, at)
    assert (deputy.channel, deputy.address, deputy.acting_for) == ("sms", "1", "局长（a名）")
    assert deputy.fallback is not None
    assert deputy.fallback.address == "b@county.example"
    missing = without_recipient(routing, {"housing"}, POLICIES, at)
    assert missing == (("housing", Rank.R0), ("housing", Rank.R1), ("housing", Rank.R2))


def codes(directory: Directory, **more: object) -> set[str]:
    return {problem.code.removeprefix("directory/") for problem in check_directory(directory, BEFORE, **more)}  # type: ignore[arg-type]  # channels


def test_what_cannot_be_right_is_found() -> None:
    from msgspec.structs import replace

    assert codes(DIRECTORY) == set()
    assert codes(DIRECTORY, channels=("mail",)) == {"channel"}
    himself = replace(DIRECTORY, deputies=(Tenure("housing", "head", "a"),))
    assert codes(himself) == {"deputy"}
    circle = replace(DIRECTORY, units=(Unit("county", "县政府", "", "housing"), DIRECTORY.units[1]))
    assert codes(circle) == {"cycle"}
    two = replace(DIRECTORY, holders_of=(*DIRECTORY.holders_of, Tenure("housing", "head", "c", BEFORE)))
    assert codes(two) == {"overlap"}
    after = replace(DIRECTORY, holders_of=(*DIRECTORY.holders_of, Tenure("housing", "head", "c", ON + dt.timedelta(1))))
    assert codes(after) == set()
    assert codes(replace(DIRECTORY, deputies=(), holders_of=DIRECTORY.holders_of[1:])) == {"head"}
    strangers = replace(DIRECTORY, leave=(Leave("z", ON),), posts=(*DIRECTORY.posts, Post("zz", "x", Rank.R1)))
    assert codes(strangers) == {"person", "unit"}
    assert codes(replace(DIRECTORY, units=(*DIRECTORY.units, DIRECTORY.units[0]))) == {"twice"}
    assert codes(replace(DIRECTORY, people=(*DIRECTORY.people[:2], Person("c", "丙")))) == {"unreached"}


def table(*rows: Mapping[str, str]) -> Table:
    return Table("d.csv", tuple(enumerate(rows, 2)))


def test_a_directory_is_read_with_english_or_chinese_columns() -> None:
    found = read_directory(
        {
            "units": table({"编码": "housing", "名称": "住建局"}),
            "posts": table({"unit": "housing", "post": "head", "rank": "r3", "zh": "局长"}),
            "people": table({"账号": "a", "姓名": "甲", "联系方式": "mail=a@county.example；sms＝138", "语言": "en"}),
            "holders": table({"单位": "housing", "岗位": "head", "账号": "a", "自": "2024/1/2", "至": ""}),
        }
    )
    assert found.people == (Person("a", "甲", (Address("mail", "a@county.example"), Address("sms", "138")), "en"),)
    assert found.holders_of == (Tenure("housing", "head", "a", dt.date(2024, 1, 2)),)
    changed = [(each.sign, each.table) for each in directory_changes(Directory(), found)]
    assert changed == [("+", "units"), ("+", "posts"), ("+", "people"), ("+", "holders_of")]
    assert not list(directory_changes(found, found))


def test_everything_that_is_wrong_with_an_import_is_told_at_once_with_its_place() -> None:
    with pytest.raises(UserError) as refused:
        read_directory(
            {
                "units": table({"code": "", "zh": "住建局", "nmae": "x"}),
                "posts": table({"unit": "h", "post": "p", "rank": "boss"}),
                "people": table({"account": "a", "name": "甲", "addresses": "somewhere", "language": "fr"}),
                "leave": table({"account": "a", "from": "soon", "until": ""}),
            }
        )
    found = {(problem.code.removeprefix("directory/"), str(problem.place)) for problem in refused.value.problems}
    assert found == {
        ("table", "holders"), ("column", "d.csv:1"), ("empty", "d.csv:2"), ("rank", "d.csv:2"), ("address", "d.csv:2"),
        ("language", "d.csv:2"), ("date", "d.csv:2"),
    }  # fmt: skip
    assert all(problem.zh and problem.en for problem in refused.value.problems)
