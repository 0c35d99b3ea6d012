"""The HTTP API over a real server: what programs are told, what they may do, and that nothing is done twice."""

from __future__ import annotations

import base64
import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.model import Deed, Done, Outcome, Receipt
from alerts.moves import Side
from alerts.routes import Recipient, Routes
from console.api.document import openapi
from console.app import create_app
from ledger import Ledger, idempotency
from ledger.idempotency import LEASE, Answer, Standing
from rules.policy import Rank
from tests.console.carded import carded, urged
from tests.console.people import OPEN, Client, signed_in, stranger, token
from tests.console.serving import NOW, Site, explain_nothing, serving

KEY = "idempotency-key"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("api"), OPEN) as site:
        yield site


@pytest.fixture
def site(house: Site) -> Site:
    """Return the site at its beginning of time."""
    house.clock.at = NOW
    return house


_NUMBERS = iter(range(1, 1000))


@pytest.fixture
def card(site: Site) -> str:
    """Return the number of a new card of 城管局."""
    return carded(site.ledger, NOW, f"L{next(_NUMBERS)}")


@pytest.fixture
def clerk(site: Site) -> Client:
    """Return somebody of 城管局."""
    return signed_in(site, "unit_user", units=["城管局"], now=NOW)


def said(answer: tuple[int, str, dict[str, str]]) -> tuple[int, dict[str, object]]:
    """Return status and document of an answer."""
    return answer[0], json.loads(answer[1])


def test_a_program_finds_its_cards_and_signs_for_one(site: Site, card: str) -> None:
    """A service that signs for a unit: the role of the unit beside its own, and a token held to just that."""
    site.ledger.accounts.add(f"oa-{card}", "OA", ["service", "unit_user"], NOW, units=["城管局"])
    whole = site.ledger.accounts.tokens.create(f"oa-{card}", "OA", ["view_cards", "view_card", "sign_card"], NOW, 60)
    ask, bearer = stranger(site), f"Bearer {whole}"
    _, page = said(ask.get("/api/v1/cards?stage=issued&limit=200", authorization=bearer))
    (line,) = [each for each in page["cards"] if each["card"]["card_id"] == card]  # type: ignore[attr-defined]  # JSON

    assert (line["turn"], line["clock"]) == ("unit", "sign")
    status, done = said(ask.send("POST", f"/api/v1/cards/{card}/deeds/sign", {"serial": 1}, authorization=bearer))
    assert (status, done["kind"]) == (200, "signed")
    assert (
        ask.send("POST", f"/api/v1/cards/{card}/deeds/explain", {"serial": 2, "text": "x"}, authorization=bearer)[0]
        == 403
    )


def test_a_list_is_paged_to_its_end_without_a_gap(site: Site) -> None:
    for _ in range(5):
        carded(site.ledger, NOW, f"P{next(_NUMBERS)}", unit="住建局")
    reader = signed_in(site, "inspector", units=["住建局"], now=NOW)
    for path, key, name in (
        ("/api/v1/cards?limit=2", "cards", lambda line: line["card"]["card_id"]),
        ("/api/v1/cases/late?limit=2", "cases", lambda line: line["case_id"]),
        ("/api/v1/findings?limit=2", "findings", lambda line: line["监察编号"]),
    ):
        seen, more = [], ""
        while True:
            _, page = said(reader.get(path + more))
            seen += [name(line) for line in page[key]]  # type: ignore[no-untyped-call, attr-defined]  # JSON
            if page["next"] is None:
                break
            more = f"&after={page['next']}"
        assert len(seen) == len(set(seen)) == 5, path


@pytest.mark.parametrize("cursor", ["x", "MTIz", "a" * 401, "MTpiAA", "%F0%9F%92%A9", "LTE6YQ=="])
def test_a_cursor_that_was_not_given_out_is_refused(site: Site, cursor: str) -> None:
    status, why = said(signed_in(site, "inspector", now=NOW).get(f"/api/v1/cards?after={cursor}"))

    assert (status, why["type"]) == (422, "urn:mingdeng:problem:input")


def test_a_refusal_is_a_problem_document_in_the_language_that_was_asked_for(
    site: Site, card: str, clerk: Client
) -> None:
    status, text, headers = clerk.send(
        "POST", f"/api/v1/cards/{card}/deeds/explain", {"serial": 1}, accept_language="en"
    )
    why = json.loads(text)

    assert (status, headers["content-type"], headers["content-language"]) == (422, "application/problem+json", "en")
    assert why["type"] == "urn:mingdeng:problem:card/stage"
    assert [each["code"] for each in why["problems"]] == ["card/stage", "card/needs-text"]
    assert why["detail"] == why["en"]
    assert "情况说明" in clerk.send("POST", f"/api/v1/cards/{card}/deeds/explain?lang=zh", {"serial": 1})[1]
    assert json.loads(stranger(site).get("/api/v1/cards")[1])["status"] == 401
    assert json.loads(clerk.get("/api/v1/audit")[1])["status"] == 403
    assert clerk.get("/api/v1/cards/%00")[0] == 400
    assert clerk.get("/api/v1/cards?text=%00")[0] == 400


def test_every_field_that_cannot_be_used_is_named_at_once(card: str, clerk: Client) -> None:
    body = {"serial": "one", "colour": "red", "decided_on": "yesterday", "ground": "a\nb"}
    status, why = said(clerk.send("POST", f"/api/v1/cards/{card}/deeds/sign", body))

    assert status == 422
    assert sorted(each["at"] for each in why["problems"]) == [  # type: ignore[attr-defined]  # JSON
        "body/colour", "body/decided_on", "body/ground", "body/serial",
    ]  # fmt: skip
    assert clerk.ask(
        "POST", f"/api/v1/cards/{card}/deeds/sign", b"{", headers={"content-type": "application/json", "x-form-token": clerk.form_token}
    )[0] == 422  # fmt: skip


def test_if_match_holds_a_deed_to_the_card_that_was_seen(site: Site, card: str, clerk: Client) -> None:
    path = f"/api/v1/cards/{card}"
    tag = clerk.get(path)[2]["etag"]

    assert clerk.send("POST", f"{path}/deeds/sign", {}, if_match='"7"')[0] == 412
    assert clerk.send("POST", f"{path}/deeds/sign", {"serial": 2}, if_match=tag)[0] == 422
    assert clerk.send("POST", f"{path}/deeds/sign", {})[0] == 422
    status, _, headers = clerk.send("POST", f"{path}/deeds/sign", {}, if_match=tag)
    assert (status, headers["etag"]) == (200, '"2"')
    assert clerk.send("POST", f"{path}/deeds/sign", {"serial": 1})[0] == 409


def test_papers_go_in_with_the_deed_and_come_out_as_they_were(card: str, clerk: Client) -> None:
    path, content = f"/api/v1/cards/{card}", bytes(range(256))
    clerk.send("POST", f"{path}/deeds/sign", {"serial": 1})
    paper = {"name": "../停电.pdf", "dated_on": "2026-01-02", "content": base64.b64encode(content).decode()}
    status, _ = said(clerk.send("POST", f"{path}/deeds/explain", {"serial": 2, "text": "停电", "papers": [paper]}))
    _, story = said(clerk.get(path))
    (kept,) = story["changes"][-1]["evidence"]  # type: ignore[index]  # JSON
    request = urllib.request.Request(  # noqa: S310  # our own address
        f"{clerk.url}{path}/papers/{kept['sha256']}", headers={"cookie": f"mingdeng={clerk.cookies['mingdeng']}"}
    )

    odd = {**paper, "media_type": "文/件"}
    assert clerk.send("POST", f"{path}/deeds/rectify", {"serial": 3, "text": "x", "papers": [odd]})[0] == 422
    assert status == 200
    assert (kept["name"], kept["size"], kept["dated_on"]) == ("停电.pdf", 256, "2026-01-02")
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
        assert answer.read() == content
        assert answer.headers["content-disposition"].startswith("attachment")


def test_a_card_by_hand_is_issued_once_per_key(site: Site, card: str) -> None:
    inspector = signed_in(site, "inspector", now=NOW)
    _, story = said(inspector.get(f"/api/v1/cards/{card}"))
    path = f"/api/v1/cases/{story['card']['case_id']}/cards"  # type: ignore[index]  # JSON
    body = {"colour": "red", "basis": "本中心办法第三条", "text": "现场查见"}
    first, again = (inspector.send("POST", path, body, **{KEY: "by-hand"}) for _ in range(2))

    assert first[0] == again[0] == 201
    assert first[1] == again[1]
    assert again[2]["idempotency-replayed"] == "true"
    assert again[2]["location"] == first[2]["location"]
    assert inspector.send("POST", path, {**body, "text": "x"}, **{KEY: "by-hand"})[0] == 422
    assert inspector.send("POST", path, {**body, "colour": "reminder"})[0] == 422


def test_a_consequence_against_a_person_names_him_by_the_api_too(site: Site, card: str) -> None:
    chief, path = signed_in(site, "chief_inspector", now=NOW), f"/api/v1/cards/{card}/deeds/record_consequence"
    body = {"serial": 1, "measure": "admonition_written", "document": "效能〔2027〕1号", "decided_on": "2027-01-14"}
    status, why = said(chief.send("POST", path, body))

    assert (status, {each["code"] for each in why["problems"]}) == (422, {"card/needs-to", "card/needs-to_post"})  # type: ignore[attr-defined]  # JSON
    assert chief.send("POST", path, {**body, "to_name": "周某", "to_post": "窗口"})[0] == 200
    assert chief.send("POST", path, {**body, "serial": 2, "to": "承办甲", "to_post": "经办"})[0] == 200
    _, story = said(chief.get(f"/api/v1/cards/{card}"))
    named = [(each["to"], each["to_name"], each["to_post"]) for each in story["changes"][1:]]  # type: ignore[index]  # JSON
    assert named == [("周某", "周某", "窗口"), ("承办甲", "承办甲", "经办")]


def test_a_key_belongs_to_one_account_and_one_request_and_is_forgotten_after_a_day(
    site: Site, card: str, clerk: Client
) -> None:
    path = f"/api/v1/cards/{card}/deeds"
    assert clerk.send("POST", f"{path}/sign", {"serial": 1}, **{KEY: "k"})[0] == 200
    assert clerk.send("POST", f"{path}/unsign", {"serial": 2}, **{KEY: "k"})[0] == 422
    other = signed_in(site, "unit_user", units=["城管局"], now=NOW)
    assert other.send("POST", f"{path}/sign", {"serial": 1}, **{KEY: "k"})[0] == 409
    site.clock.at += 86_401
    late = signed_in(site, "unit_user", units=["城管局"], now=site.clock.at, account=f"late-{card}")
    assert late.send("POST", f"{path}/sign", {"serial": 1}, **{KEY: "k"})[0] == 409
    claim = idempotency.claim(site.ledger.store, clerk.account, "k", b"anything", site.clock.at)
    assert claim.standing is Standing.OURS
    assert late.send("POST", f"{path}/sign", {"serial": 1}, **{KEY: " " * 201})[0] == 422


def test_a_refusal_frees_its_key(card: str, clerk: Client) -> None:
    path = f"/api/v1/cards/{card}/deeds"
    assert clerk.send("POST", f"{path}/sign", {"serial": 9}, **{KEY: f"f{card}"})[0] == 409
    assert clerk.send("POST", f"{path}/sign", {"serial": 1}, **{KEY: f"f{card}"})[0] == 200


def _cut_off(site: Site, client: Client, path: str, body: bytes, key: str) -> None:
    """Claim a key as a process did that died before it answered."""
    from hashlib import sha256

    import msgspec

    digest = sha256(msgspec.json.encode(["POST", path, "", "application/json", ""]) + body).digest()
    claim = idempotency.claim(site.ledger.store, client.account, key, digest, site.clock.at)
    assert claim.standing is Standing.OURS


def test_a_deed_is_recognised_after_a_crash_between_deed_and_answer(site: Site, card: str, clerk: Client) -> None:
    """Under its lease the key is under way; afterwards the serial and the words tell that the deed is done."""
    path, body = f"/api/v1/cards/{card}/deeds/sign", {"serial": 1}
    _cut_off(site, clerk, path, json.dumps(body).encode(), "crashed")
    done = Done(deed=Deed.SIGN, by=clerk.account, role="unit_user")
    site.ledger.act(card, 1, done, Side.UNIT, NOW, "Asia/Shanghai", lambda _colour, at: at, lambda _change: ())

    status, why = said(clerk.send("POST", path, body, **{KEY: "crashed"}))
    assert (status, why["type"]) == (409, "urn:mingdeng:problem:once/under-way")
    site.clock.at += LEASE
    status, answer = said(clerk.send("POST", path, body, **{KEY: "crashed"}))
    assert (status, answer["kind"]) == (200, "signed")
    _, story = said(clerk.get(f"/api/v1/cards/{card}"))
    assert [each["kind"] for each in story["changes"]] == ["issued", "signed"]  # type: ignore[attr-defined]  # JSON


def test_a_deed_that_was_not_done_before_the_crash_is_done_now(site: Site, card: str, clerk: Client) -> None:
    """And another's deed is never taken for one's own."""
    path, body = f"/api/v1/cards/{card}/deeds/sign", {"serial": 1}
    for key in ("before", "other"):
        _cut_off(site, clerk, path, json.dumps(body).encode(), f"{key}{card}")
    site.clock.at += LEASE
    assert clerk.send("POST", path, body, **{KEY: f"before{card}"})[0] == 200
    other = signed_in(site, "unit_user", units=["城管局"], now=NOW)
    _cut_off(site, other, path, json.dumps(body).encode(), "theirs")
    site.clock.at += LEASE
    assert other.send("POST", path, body, **{KEY: "theirs"})[0] == 409


def test_a_token_is_shown_once_and_made_once(site: Site, clerk: Client) -> None:
    body = {"label": "OA", "days": 30, "acts": ["view_cards"]}
    _, first = said(clerk.send("POST", "/api/v1/me/tokens", body, **{KEY: "t"}))
    _, again = said(clerk.send("POST", "/api/v1/me/tokens", body, **{KEY: "t"}))
    bearer = f"Bearer {first['whole']}"

    assert again == {**first, "whole": None}
    assert stranger(site).get("/api/v1/cards", authorization=bearer)[0] == 200
    assert stranger(site).send("POST", "/api/v1/me/tokens", body, authorization=bearer)[0] == 403
    assert clerk.send("POST", "/api/v1/me/tokens", {**body, "acts": ["view_audit"]})[0] == 422
    prefix = str(first["whole"]).split("_")[1]
    assert clerk.send("POST", f"/api/v1/me/tokens/{prefix}/revoke", None)[0] == 200
    assert stranger(site).get("/api/v1/cards", authorization=bearer)[0] == 401
    assert clerk.send("POST", "/api/v1/me/tokens/nothing/revoke", None)[0] == 404


def test_two_answers_to_one_claim_leave_the_first(site: Site) -> None:
    store = site.ledger.store
    idempotency.claim(store, "a", "twice", b"r", NOW)
    for body in (b"1", b"2"):
        idempotency.keep(store, "a", "twice", Answer(200, b"{}", body))

    assert idempotency.claim(store, "a", "twice", b"r", NOW).answer == Answer(200, b"{}", b"1")


def lines_of(site: Site, path: str, count: int, **headers: str) -> list[str]:
    """Return the first lines of a stream."""
    request = urllib.request.Request(site.url + path, headers=headers)  # noqa: S310  # our own address
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  # as above
        return [answer.readline().decode().strip() for _ in range(count)]


def events_of(lines: list[str]) -> list[tuple[int, str]]:
    """Return number and unit of the events in a stream's lines."""
    told = [json.loads(line[6:])["unit"] for line in lines if line.startswith("data: ")]
    numbers = [int(line[4:]) for line in lines[2:] if line.startswith("id: ")]
    return list(zip(numbers, told, strict=True))


def test_the_stream_goes_on_behind_the_last_event_that_was_seen(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving(tmp_path_factory.mktemp("stream"), OPEN) as site:
        for number, unit in enumerate(["城管局", "住建局", "城管局"]):
            carded(site.ledger, NOW, f"S{number}", unit=unit, due_in=None)
        everything = token(site, "inspector", now=NOW)
        own = token(site, "unit_user", units=["城管局"], now=NOW)
        whole = events_of(lines_of(site, "/api/v1/stream?after=0", 16, authorization=everything))
        rest = events_of(lines_of(site, "/api/v1/stream", 8, authorization=everything, **{"last-event-id": "2"}))
        scoped = events_of(lines_of(site, "/api/v1/stream?after=0", 12, authorization=own))

    assert whole == [(1, "城管局"), (2, "住建局"), (3, "城管局")]
    assert rest == whole[2:]
    assert scoped == [(1, "城管局"), (3, "城管局")]


def test_the_stream_ends_with_the_sign_in(site: Site, card: str) -> None:
    bearer = token(site, "inspector", now=NOW)
    request = urllib.request.Request(site.url + "/api/v1/stream", headers={"authorization": bearer})  # noqa: S310  # our own address
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  # as above
        answer.readline()
        site.clock.at += 3_600
        rest = answer.read().decode()

    assert "event:" not in rest


def test_findings_bear_the_eleven_fields_of_the_standard(site: Site, card: str) -> None:
    reader = signed_in(site, "inspector", now=NOW)
    _, page = said(reader.get("/api/v1/findings?limit=200"))
    (found,) = [each for each in page["findings"] if each["监察编号"] == card]  # type: ignore[attr-defined]  # JSON
    status, table, headers = reader.get("/api/v1/findings.csv")

    assert list(found) == [
        "办件编号", "督办内容", "机构名称", "事项类型代码", "督办发出时间", "监察编号", "监察规则编号",
        "监察预警类型代码", "状态产生时间", "监察结果描述", "责任部门",
    ]  # fmt: skip
    assert (found["机构名称"], found["监察预警类型代码"], found["监察结果描述"]) == ("城管局", "2", "待签收")
    assert status == 200
    assert table.removeprefix("\ufeff").splitlines()[0] == ",".join(found)
    assert headers["content-disposition"].startswith("attachment")
    assert reader.get("/api/v1/findings.exe")[0] in {404, 422}


def test_the_document_names_act_refusal_and_key_of_every_operation() -> None:
    app = create_app(
        Ledger(""), access=OPEN, metrics=lambda: b"", troubles=list, explain=explain_nothing, now=lambda: NOW
    )
    said_of = [
        (verb, operation) for path in openapi(app)["paths"].values() for verb, operation in path.items()
    ]  # fmt: skip
    changes = [each for verb, each in said_of if verb == "post"]

    assert len(said_of) > 40
    assert all(operation["x-act"] and "default" in operation["responses"] for _, operation in said_of)
    assert len({operation["operationId"] for _, operation in said_of}) == len(said_of)
    keyless = [
        each["operationId"] for each in changes
        if not any(p["name"] == KEY for p in each.get("parameters", ()))
    ]  # fmt: skip
    assert [each for each in keyless if "check" not in each] == []


def test_the_page_of_the_api_names_every_address_and_no_other() -> None:
    """A deed's address stands for all deeds."""
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `/api/")]
    named = {each for row in rows for each in re.findall(r"`([^`]+)`", row)}
    app = create_app(Ledger(""), access=OPEN, metrics=lambda: b"", troubles=list, explain=explain_nothing)
    served = {re.sub(r"/deeds/\w+$", "/deeds/{deed}", path) for path in openapi(app)["paths"]}

    assert named == served


def test_every_step_of_escalation_is_proved_to_a_program_with_the_answer_of_its_channel(site: Site) -> None:
    name = carded(site.ledger, NOW, f"L{next(_NUMBERS)}", due_in=None)
    owner, clerk = (Recipient(name=who, channel="inbox", address=who) for who in ("效能办", "承办甲"))
    urge = urged(site.ledger, name, NOW, "城管局", Routes(owner=(owner,), units={"城管局": {Rank.R0: (clerk,)}}))
    for claimed in site.ledger.claim_deliveries(NOW):
        attempt = site.ledger.start(claimed, NOW + 1)
        site.ledger.finish(attempt, Receipt(Outcome.DELIVERED, f"250 {claimed.delivery.address}"), None, NOW + 2)
    status, told = said(signed_in(site, "inspector", now=NOW).get(f"/api/v1/cards/{name}/urges"))
    assert isinstance(told["urges"], list)
    (step,) = told["urges"]

    assert status == 200
    assert (step["key"], step["rule"], step["due_at"], step["told_at"]) == (urge.key, "A01", NOW - 60, NOW)
    assert (step["tell"], step["nobody"]) == ("R2", ["R1", "R2"])
    proved = [(each["recipient"], each["rank"], each["state"], each["attempts"]) for each in step["messages"]]
    once = {
        "number": 1,
        "started_at": NOW + 1,
        "finished_at": NOW + 2,
        "outcome": "delivered",
        "possible_repeat": False,
    }
    assert proved == [
        ("承办甲", "R0", "delivered", [{**once, "answer": "250 承办甲"}]),
        ("效能办", "owner", "delivered", [{**once, "answer": "250 效能办"}]),
    ]
    assert signed_in(site, "unit_user", units=["城管局"], now=NOW).get(f"/api/v1/cards/{name}/urges")[0] == 403
    assert signed_in(site, "inspector", now=NOW).get("/api/v1/cards/none/urges")[0] == 404
