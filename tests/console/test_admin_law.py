"""Administrators write rulebooks: checked at their lines, tested, tried over the ledger, published by two persons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from starlette.responses import Response

from console.admin_words import ADMIN_WORDS
from console.errands import Outcome
from console.lawtexts import difference, normal, shown_problems
from console.trials import Trials
from console.words import WORDS
from ledger import views
from rules.problems import Place, Problem, UserError
from tests.console.people import signed_in
from tests.console.serving import NOW
from tests.console.workshops import BOOK, PAYLOAD, Office, office, text_of, words_of


@pytest.fixture(scope="module")
def open_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Return an office with an empty history of law."""
    with office(tmp_path_factory.mktemp("law")) as made:
        yield made


def corrected(text: str, revision: int = 2) -> str:
    """Return a rulebook as the correction of itself, its first title changed."""
    return re.sub(
        r"^(version: \d+)$",
        rf"\1\nrevision: {revision}",
        text.replace("zh: 公开,", "zh: 公示,"),
        count=1,
        flags=re.MULTILINE,
    )


def settled(at: Office, address: str) -> str:
    """Return the page of a back-test that has ended."""
    waiting = Event()
    for _ in range(600):
        page = at.one.get(address)[1]
        if "<progress" not in page:
            return page
        waiting.wait(0.05)
    raise AssertionError(f"{address} does not end")


def test_the_rulebooks_in_force_are_listed_and_shown_with_line_numbers(open_office: Office) -> None:
    status, page, _ = open_office.one.get("/rules")
    assert (status, "公开" in page, 'href="/rules/publicity?version=1"' in page) == (200, True, True)
    status, page, _ = open_office.one.get("/rules/publicity?lang=en")
    first = BOOK.read_text("utf-8").splitlines()[0]
    assert status == 200
    assert re.search(rf'<tr id="line-1"><th scope="row">1</th><td>{first}</td>', page)
    assert "Edit" in words_of(page)
    assert [open_office.one.get(f"/rules/{name}")[0] for name in ("unknown", "publicity?version=9")] == [404, 404]


def test_a_rulebook_is_read_in_words_and_a_rule_is_found_by_its_id(open_office: Office) -> None:
    status, page, _ = open_office.one.get("/rules/publicity")
    rule, english = re.search(r'<article id="(\w+)">.*?</article>', page, re.DOTALL), "/rules/publicity?lang=en"
    assert status == 200
    assert rule is not None
    for word in ("情形", "依据", "后果", "所需数据"):
        assert f"<strong>{word}</strong>" in rule[0]
    assert "<strong>Basis</strong>" in open_office.one.get(english)[1]
    status, _, headers = open_office.one.get(f"/rule/{rule[1]}")
    assert (status, headers["location"]) == (303, f"/rules/publicity#{rule[1]}")
    assert open_office.one.get("/rule/X99")[0] == 404


def test_a_wrong_rulebook_shows_its_problems_at_their_lines_with_a_caret_and_what_mends_them(
    open_office: Office,
) -> None:
    text = BOOK.read_text("utf-8").replace("light: yellow", "light: yelow", 1)
    line = 1 + text[: text.index("light: yelow")].count("\n")
    status, page, _ = open_office.one.post("/rules/check", {"text": text})
    assert status == 200
    assert f'data-line="{line}"' in page
    assert re.search(r'class="caret">\s*\^+<', page)
    assert 'class="mend"' in page
    english = open_office.one.post("/rules/check?lang=en", {"text": text})[1]
    assert words_of(english) != words_of(page)
    assert "<html" not in page
    whole = open_office.one.post("/rules/publicity/edit", {"text": text, "do": "check"})[1]
    assert f'data-line="{line}"' in whole
    assert text_of(whole) == text


def test_a_right_rulebook_has_no_problem_and_each_of_its_tests_says_how_it_went(open_office: Office) -> None:
    text = BOOK.read_text("utf-8")
    assert "没有问题" in open_office.one.post("/rules/check", {"text": text})[1]
    page = open_office.one.post("/rules/publicity/edit?lang=en", {"text": text, "do": "test"})[1]
    assert page.count('<li class="ok">') == text.count("  - name:") > 3
    assert '<li class="bad">' not in page
    broken = text.replace(": not I01", ": I01", 1)
    assert '<li class="bad">' in open_office.one.post("/rules/publicity/edit", {"text": broken, "do": "test"})[1]


def test_a_check_while_somebody_types_leaves_nothing_in_the_audit_chain(open_office: Office) -> None:
    before = len(views.acts(open_office.site.ledger, limit=1_000))
    open_office.one.post("/rules/check", {"text": "rulebook: x"})
    assert len(views.acts(open_office.site.ledger, limit=1_000)) == before
    forged = open_office.one.post("/rules/check", {"text": "x", "form_token": "wrong"})
    assert forged[0] == 403


def test_what_is_typed_is_shown_and_never_run(open_office: Office) -> None:
    for do in ("check", "test", "differences"):
        status, page, _ = open_office.one.post("/rules/publicity/edit", {"text": f"rulebook: {PAYLOAD}", "do": do})
        assert (status, "<script>alert" in page) == (200, False)
    assert "<script>alert" not in open_office.one.post("/rules/check", {"text": f"{PAYLOAD}: [{PAYLOAD}"})[1]


def test_a_correction_is_proposed_by_one_refused_to_the_same_and_published_by_another(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        text = corrected(text_of(at.one.get("/rules/publicity/edit")[1]))
        page = at.one.post("/rules/publicity/edit?lang=en", {"text": text, "do": "differences"})[1]
        assert "version" in words_of(page)
        status, _, headers = at.one.post("/rules/publicity/propose", {"text": text, "reason": f"名称 {PAYLOAD}"})
        assert (status, headers["location"]) == (303, "/law/1?done=proposed")
        mine = at.one.get("/law/1")[1]
        assert "批准并发布" not in mine
        assert "须由另一人" in mine
        assert "<script>alert" not in mine
        status, page, _ = at.one.post("/law/1/approve?lang=en")
        assert (status, "another person has to approve" in words_of(page)) == (403, True)
        assert at.site.ledger.law_revision() == 0
        assert "公示" in at.other.post("/law/1/hold")[1]
        assert at.other.post("/law/1/withdraw", {"reason": "x"})[0] == 403
        status, _, headers = at.other.post("/law/1/approve")
        assert (status, headers["location"]) == (303, "/law/1?done=published")
        assert at.site.ledger.law_revision() == 1
        assert at.law.look() is not None
        assert "公示" in at.one.get("/rules/publicity")[1]
        shown = at.one.get("/law/1?done=published")[1]
        assert re.search(r'<tr class="plus">.*?revision: 2</td>', shown)
        assert at.other.post("/law/1/approve")[0] == 422
        again = at.one.post("/rules/publicity/propose", {"text": text})
        assert (again[0], 'class="problems"' in again[1]) == (422, True)
        done = {act.act for act in views.acts(at.site.ledger, limit=1_000)}
        assert {"propose_law", "approve_law"} <= done


def test_a_proposal_is_turned_down_with_a_reason_or_taken_back_by_who_made_it(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        text = corrected(BOOK.read_text("utf-8"))
        at.one.post("/rules/publicity/propose", {"text": text})
        chief = signed_in(at.site, "chief_inspector", now=NOW)
        assert chief.post("/law/1/reject", {"reason": "请补充依据"})[2]["location"] == "/law/1?done=rejected"
        assert "请补充依据" in at.one.get("/law")[1]
        at.one.post("/rules/publicity/propose", {"text": text})
        assert at.one.post("/law/3/reject", {"reason": "x"})[0] == 403
        assert at.one.post("/law/3/withdraw", {"reason": "x"})[2]["location"] == "/law/3?done=withdrawn"


def test_a_back_test_says_how_many_cases_it_judged_and_whom_the_text_would_card(open_office: Office) -> None:
    text = corrected(BOOK.read_text("utf-8"))
    status, _, headers = open_office.one.post("/rules/publicity/trial?lang=en", {"text": text})
    assert status == 303
    page = settled(open_office, headers["location"])
    assert "All 1 cases of the ledger." in words_of(page)
    assert "Cards by this text 0" in words_of(page)
    assert text_of(page) == text
    wrong = open_office.one.post("/rules/publicity/trial", {"text": "rulebook: x\n"})[2]["location"]
    assert 'class="problems"' in settled(open_office, wrong)
    assert open_office.one.get("/trials/99")[0] == 404


def test_who_need_not_wait_is_led_to_a_page_that_renews_itself_and_what_came_to_nothing_is_noted(
    open_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_office.site.errands, "patience", 0)
    text, go_on = BOOK.read_text("utf-8"), Event()
    open_office.site.errands.begin("-", lambda: Outcome(lambda _: Response(), go_on.wait(20)))
    open_office.site.errands.begin("-", lambda: Outcome(lambda _: Response(), go_on.wait(20)))  # as many as go at once

    status, _, headers = open_office.one.post("/rules/publicity/propose?lang=en", {"text": text})
    address = headers["location"]
    assert (status, address) == (303, f"/errands/{open_office.site.errands.last}?lang=en")
    assert "the result will show by itself" in open_office.one.get(address)[1]
    assert [open_office.other.get(address)[0], open_office.one.get("/errands/x")[0]] == [404, 404]

    go_on.set()
    for _ in range(600):
        status, page, _ = open_office.one.get(address)
        if 'http-equiv="refresh"' not in page:
            break
        Event().wait(0.05)
    assert (status, text_of(page), "there is nothing to publish" in page) == (422, text, True)
    for _ in range(600):  # it is noted in the background too
        last = views.acts(open_office.site.ledger, who=open_office.one.account, act="propose_law")[0]
        if "not done" in last.detail:
            break
        Event().wait(0.05)
    assert last.detail == "POST /rules/publicity/propose · not done: 422"


def test_one_back_test_runs_at_a_time_and_stops_when_it_is_cancelled() -> None:
    trials, begun, ended = Trials(), Event(), Event()

    def judge(_text: str, _who: str, going: object) -> None:
        assert callable(going)
        while going(1, 2):
            begun.set()
        ended.set()

    first = trials.begin(judge, "a", "text", "one")
    assert begun.wait(10)
    with pytest.raises(UserError, match="number 1 still runs"):
        trials.begin(judge, "a", "text", "one")
    assert (first.running, first.done, first.asked) == (True, 1, 2)
    first.cancelled = True
    assert ended.wait(10)


def test_inspectors_read_rules_and_neither_write_nor_approve_them(open_office: Office) -> None:
    inspector = signed_in(open_office.site, "inspector", now=NOW)
    assert inspector.get("/rules/publicity")[0] == 200
    assert inspector.get("/rules/publicity/edit")[0] == 403
    assert inspector.post("/rules/check", {"text": ""})[0] == 403
    assert [
        inspector.get(path)[0] for path in ("/items/edit", "/calendar/cn/2026/edit", "/sources/licences/quarantine")
    ] == [403] * 3


def test_the_caret_stands_under_its_column_also_behind_chinese_words() -> None:
    problem = Problem("x", Place("f", 1, 4, 2), "e", "z", "m", "改")
    (shown,) = shown_problems([problem], "标题 xy\n", "zh")
    assert (shown.caret, shown.source, shown.mend) == ("\u3000\u3000 ^^", "标题 xy", "改")


def test_the_difference_of_two_texts_numbers_both_and_passes_over_what_is_equal() -> None:
    before = "\n".join(f"line {n}" for n in range(1, 21))
    found = difference(before, before.replace("line 12", "line zwölf"))
    assert found is not None
    assert [(line.sign, line.before, line.after) for line in found if line.sign in "+-"] == [
        ("-", 12, None),
        ("+", None, 12),
    ]
    assert (found[0].sign, len(found)) == ("…", 9)
    assert difference("a\n" * 7_000, "b\n") is None
    assert normal("a\r\nb") == "a\nb\n"


def test_no_word_of_these_pages_is_another_page_s_word() -> None:
    assert [key for key, said in ADMIN_WORDS.items() if WORDS[key] != said] == []
