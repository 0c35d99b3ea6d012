"""The page of a card, over a real server: who may do what to it, what is refused and why, what papers become."""

from __future__ import annotations

import itertools
import re
import urllib.parse
from collections.abc import Iterator
from typing import Final

import pytest

from console.words import WORDS
from rules.policy import Colour
from tests.console.carded import carded
from tests.console.people import OPEN, Client, signed_in
from tests.console.serving import NOW, Site, serving

NUMBERS: Final = itertools.count(1)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("card"), OPEN) as site:
        yield site


@pytest.fixture
def site(served: Site) -> Site:
    served.clock.at = NOW
    return served


def a_card(site: Site, colour: Colour = Colour.YELLOW) -> str:
    """Issue a card on a case of its own; return its number."""
    return carded(site.ledger, NOW, f"L{next(NUMBERS)}", colour=colour)


def deeds(page: str) -> list[str]:
    """Return the deeds for which the page has a form."""
    return re.findall(r'action="/cards/\w+/(\w+)', page)


def multipart(
    client: Client, path: str, fields: dict[str, str], files: list[tuple[str, bytes, str]]
) -> tuple[int, str]:
    """Send a form with papers as a browser does; a file is its name, its bytes and the date that it bears."""
    mark, parts = "----mark", []
    for name, value in {"form_token": client.form_token, **fields}.items():
        parts.append(f'--{mark}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, content, dated in files:
        head = f'--{mark}\r\ncontent-disposition: form-data; name="paper"; filename="{name}"\r\ncontent-type: text/html\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
        parts.append(f'--{mark}\r\ncontent-disposition: form-data; name="dated_on"\r\n\r\n{dated}\r\n'.encode())
    body = b"".join(parts) + f"--{mark}--\r\n".encode()
    typed = {"content-type": f"multipart/form-data; boundary={mark}", "origin": client.url}
    status, page, _ = client.ask("POST", path, body, headers=typed)
    return status, page


def test_a_card_shows_its_story_its_deadline_and_who_was_told(site: Site) -> None:
    name = a_card(site)
    status, page, _ = signed_in(site, "inspector", now=NOW).get(f"/cards/{name}")

    assert status == 200
    for said in ("待签收", "城管局", "剩余 1 天", "纪检监察室", "环节图", "发牌", "未见签收"):
        assert said in page, said
    assert 'href="/case/licences/application/L' in page


def test_each_side_is_offered_only_its_own_deeds(site: Site) -> None:
    name = a_card(site)
    _, units_page, _ = signed_in(site, "unit_user", units=["城管局"], now=NOW).get(f"/cards/{name}")
    _, inspectors_page, _ = signed_in(site, "inspector", now=NOW).get(f"/cards/{name}")

    assert deeds(units_page) == ["sign"]
    assert deeds(inspectors_page) == ["record_consequence", "assign"]


def test_another_unit_sees_nothing_of_the_card(site: Site) -> None:
    name = a_card(site)
    other = signed_in(site, "unit_user", units=["住建局"], now=NOW)

    assert other.get(f"/cards/{name}")[0] == 403
    assert other.post(f"/cards/{name}/sign", {"serial": "1"})[0] == 403
    assert other.get("/cards/none")[0] == 403
    assert signed_in(site, "inspector", now=NOW).get("/cards/none")[0] == 404


def test_signing_leads_back_to_the_card_and_can_be_taken_back_for_ten_minutes(site: Site) -> None:
    name = a_card(site)
    clerk = signed_in(site, "unit_user", units=["城管局"], now=NOW)
    status, _, headers = clerk.post(f"/cards/{name}/sign?lang=en", {"serial": "1"})

    assert (status, headers["location"]) == (303, f"/cards/{name}?done=sign&lang=en")
    assert "unsign" in deeds(clerk.get(f"/cards/{name}")[1])
    assert WORDS["clocks_stale"][0] in clerk.get(f"/cards/{name}")[1]

    site.clock.at += 601
    assert "unsign" not in deeds(clerk.get(f"/cards/{name}")[1])
    status, page, _ = clerk.post(f"/cards/{name}/unsign", {"serial": "2"})
    assert status == 422
    assert "10 分钟内撤回" in page


def test_the_second_of_two_is_told_who_was_first_and_keeps_his_words(site: Site) -> None:
    name = a_card(site)
    first, second = (signed_in(site, "unit_user", units=["城管局"], now=NOW, account=a) for a in ("first", "second"))
    first.post(f"/cards/{name}/sign", {"serial": "1"})
    status, page, _ = second.post(f"/cards/{name}/explain", {"serial": "1", "text": "系统迟报<b>"})

    assert status == 409
    assert "first" in page
    assert "系统迟报&lt;b&gt;</textarea>" in page
    assert 'name="serial" value="2"' in page


def test_a_deed_without_its_words_is_refused_with_every_sentence(site: Site) -> None:
    name = a_card(site, Colour.RED)
    chief = signed_in(site, "chief_inspector", now=NOW)
    status, page, _ = chief.post(f"/cards/{name}/record_consequence?lang=en", {"serial": "1"})

    assert status == 422
    for needed in ("the measure that was decided", "the number of the decision", "the date of the decision"):
        assert needed in page, needed
    status, page, _ = chief.post(
        f"/cards/{name}/record_consequence",
        {"serial": "1", "measure": "gallows", "document": "1", "decided_on": "yesterday"},
    )
    assert status == 422
    assert "“gallows”不可选" in page
    assert "“yesterday”不是日期" in page


def test_papers_are_kept_by_digest_and_handed_out_only_to_be_saved(site: Site) -> None:
    name = a_card(site)
    clerk = signed_in(site, "unit_user", units=["城管局"], now=NOW)
    clerk.post(f"/cards/{name}/sign", {"serial": "1"})
    files = [("..\\..\\停电<script>.html", b"<script>1</script>", "2026-01-02"), ("", b"", "")]
    status, _ = multipart(clerk, f"/cards/{name}/explain", {"serial": "2", "text": "停电"}, files)
    _, page, _ = clerk.get(f"/cards/{name}")
    (link,) = set(re.findall(r'href="(/cards/\w+/papers/\w+)"', page))
    got, content, headers = clerk.get(link)

    assert status == 303
    assert "停电&lt;script&gt;.html" in page
    assert (got, content) == (200, "<script>1</script>")
    assert headers["content-type"] == "application/octet-stream"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"].startswith("attachment;")
    assert urllib.parse.quote("停电<script>.html") in headers["content-disposition"]
    assert clerk.get(f"/cards/{name}/papers/{'0' * 64}")[0] == 404
    assert signed_in(site, "unit_user", units=["住建局"], now=NOW).get(link)[0] == 403


def test_evidence_that_is_younger_than_the_card_is_refused(site: Site) -> None:
    name = a_card(site)
    clerk = signed_in(site, "unit_user", units=["城管局"], now=NOW)
    clerk.post(f"/cards/{name}/sign", {"serial": "1"})
    status, page = multipart(
        clerk, f"/cards/{name}/appeal", {"serial": "2", "text": "不服"}, [("late.pdf", b"x", "2099-01-01")]
    )

    assert status == 422
    assert "late.pdf" in page


def test_a_card_goes_its_whole_way_by_the_pages_alone(site: Site) -> None:
    name = a_card(site)
    clerk = signed_in(site, "unit_user", units=["城管局"], now=NOW)
    one, two = (signed_in(site, "inspector", now=NOW, account=each) for each in ("one", "two"))
    steps = [
        (one, "assign", {"to": "two"}), (clerk, "sign", {}), (clerk, "explain", {"text": "说明"}),
        (one, "uphold", {"text": "维持"}), (clerk, "rectify", {"text": "已改"}), (two, "verify", {"text": "属实"}),
        (two, "close", {}),
    ]  # fmt: skip
    for serial, (person, deed, fields) in enumerate(steps, start=1):
        assert deed in deeds(person.get(f"/cards/{name}")[1]), deed
        status, page, _ = person.post(f"/cards/{name}/{deed}", {"serial": str(serial), **fields})
        assert status == 303, (deed, page)
    _, page, _ = one.get(f"/cards/{name}?done=close")

    assert deeds(page) == ["reopen"]
    assert WORDS["deed_done"][0] in page
    assert re.search(r'class="node now">\s*<rect[^>]*/>\s*<text[^>]*>已销号', page)
