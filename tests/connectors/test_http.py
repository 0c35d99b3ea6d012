"""Interfaces on a real socket: ways of paging, and every way of failing that was seen in the field."""

from __future__ import annotations

import datetime as dt
import json
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trustme

from connectors.base import Connector, SourceFailed
from connectors.registry import open_connector
from rules.problems import UserError
from tests.connectors.interface import Interface, serving
from tests.contracts.connector_contract import events, fetch, row, spec_of

SECRETS = {"token": "s3cr3t-t0ken\n"}
LINK = {"by": "link", "field": "data.link"}
CURSOR = {"by": "cursor", "parameter": "cursor", "field": "data.next"}


@pytest.fixture
def interface() -> Iterator[Interface]:
    with serving(Interface()) as served:
        yield served


def connector(interface: Interface, read: Mapping[str, object] | None = None, base: Path = Path()) -> Connector:
    block = {"url": interface.url, "records": "data.items", "retry": {"attempts": 3, "wait": "1ms"}, **(read or {})}
    return open_connector(spec_of("http", block), SECRETS, base)


def numbers(interface: Interface, **read: object) -> list[str]:
    return sorted({event.case_no for event in events(fetch(connector(interface, read)))})


# ── paging ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("paging", "asked"),
    [
        (CURSOR, [{}, {"cursor": "2"}, {"cursor": "4"}]),
        (
            {"by": "page", "parameter": "page", "size_parameter": "size", "size": 2},
            [{"page": "1", "size": "2"}, {"page": "2", "size": "2"}, {"page": "3", "size": "2"}],
        ),
        ({"by": "page"}, [{"page": "1"}, {"page": "2"}, {"page": "3"}, {"page": "4"}]),
        ({"by": "link", "field": "data.link"}, [{}, {"cursor": "2"}, {"cursor": "4"}]),
        ({"by": "link"}, [{}, {"cursor": "2"}, {"cursor": "4"}]),
    ],
)
def test_pages_are_followed_by_cursor_number_or_link(
    interface: Interface, paging: dict[str, object], asked: list[dict[str, str]]
) -> None:
    interface.records, interface.page = [row(n) for n in range(5)], 2
    assert numbers(interface, paging=paging) == [f"A{n:05}" for n in range(5)]
    assert [query for _, query in interface.asked] == asked


def test_only_what_changed_is_asked_for_from_the_second_time_on(interface: Interface) -> None:
    interface.records = [row(n) for n in (0, 120)]
    since = {"parameter": "updated_since", "column": "CHANGED", "format": "%Y-%m-%d %H:%M:%S"}
    source = connector(interface, {"since": since})
    cursor = fetch(source)[-1].cursor
    fetch(source, cursor)
    assert [query for _, query in interface.asked] == [{}, {"updated_since": "2024-03-01 10:00:00"}]


@pytest.mark.parametrize(
    ("written", "asked"),
    [("iso", "2024-03-01T00:00:00Z"), ("epoch", "1709251200"), ("epoch_ms", "1709251200000")],
)
def test_the_time_to_ask_from_is_written_as_the_interface_wants_it(
    interface: Interface, written: str, asked: str
) -> None:
    interface.failures = [{"body": b'{"data": {"items": []}}'}]
    since = {"parameter": "from", "column": "CHANGED", "format": written}
    fetch(connector(interface, {"since": since}), {"since": 1709251200 + 3600})
    assert interface.asked[0][1] == {"from": asked}


def test_a_change_feed_goes_on_at_the_last_cursor(interface: Interface) -> None:
    interface.records, interface.page = [row(n) for n in range(4)], 2
    source = connector(interface, {"paging": {**CURSOR, "keep": True}})
    cursor = fetch(source)[-1].cursor
    interface.records = [row(n) for n in range(5)]
    assert {event.case_no for event in events(fetch(source, cursor))} >= {"A00004"}
    assert "A00000" not in {event.case_no for event in events(fetch(source, cursor))}


def test_a_place_that_the_interface_has_forgotten_begins_the_pass_anew(interface: Interface) -> None:
    interface.records = [row(1)]
    interface.failures = [{"status": 410}]
    batches = fetch(connector(interface, {"paging": CURSOR}), {"next": "old"})
    assert [event.case_no for event in events(batches)] == ["A00001", "A00001"]
    assert [query for _, query in interface.asked] == [{"cursor": "old"}, {}]


def test_pages_that_lead_in_a_circle_are_noticed(interface: Interface) -> None:
    interface.failures = [
        {"body": json.dumps({"data": {"items": [], "next": mark}}).encode()} for mark in ("a", "b", "a", "b")
    ]
    with pytest.raises(SourceFailed, match="in a circle"):
        fetch(connector(interface, {"paging": CURSOR}))


# ── records ────────────────────────────────────────────────────────────────────────────────────


def test_a_field_that_a_record_lacks_is_a_finding_and_never_a_retraction(interface: Interface) -> None:
    closed = {name: value for name, value in row(1).items() if name != "CLOSED"}
    interface.records = [{**closed, "CLOSD": None}, row(2)]
    batches = fetch(connector(interface))
    (found,) = batches[0].quarantined
    assert (found.code, found.column, found.row, found.part) == ("row/column", "CLOSED", 1, False)
    assert "The nearest is 'CLOSD'" in found.en
    assert found.raw["NO"] == "A00001"
    assert {event.case_no for event in events(batches)} == {"A00002"}


def test_a_field_that_a_record_lacks_is_empty_where_the_mapping_says_so(interface: Interface) -> None:
    interface.records = [{name: value for name, value in row(1).items() if value is not None}]
    assert numbers(interface, absent="empty") == ["A00001"]


def test_records_that_are_no_objects_and_values_with_nul_are_set_aside(interface: Interface) -> None:
    interface.records = [row(1), row(2, UNIT="a\0b")]
    interface.failures = [{"body": json.dumps({"data": {"items": ["what", *interface.records]}}).encode()}]
    (batch,) = fetch(connector(interface))
    assert [(q.row, q.code) for q in batch.quarantined] == [(1, "row/shape"), (3, "row/nul")]
    assert {event.case_no for event in batch.events} == {"A00001"}
    assert "\0" not in batch.quarantined[1].raw["UNIT"]


def test_columns_may_lead_inward_and_numbers_read_as_they_are_written(interface: Interface) -> None:
    record = {**row(1), "UNIT": {"name": "住建局"}, "NO": 17, "RESULT": 0, "CLOSED": "2024-03-05 10:00:00"}
    interface.records = [record]
    spec = spec_of("http", {"url": interface.url, "records": "data.items"}, common={"unit": "UNIT.name"})
    found = events(fetch(open_connector(spec, {}, Path())))
    assert [(e.case_no, e.data["unit"], e.data.get("result")) for e in found] == [
        ("17", "住建局", None), ("17", "住建局", "granted"),
    ]  # fmt: skip


def test_an_answer_without_the_list_of_records_says_where_it_was_expected(interface: Interface) -> None:
    interface.failures = [{"body": b'{"records": []}'}]
    with pytest.raises(SourceFailed, match=r"no list of records at 'record'\. The nearest is 'records'"):
        fetch(connector(interface, {"records": "record"}))


# ── failures ───────────────────────────────────────────────────────────────────────────────────

GOOD = b'{"data": {"items": []}}'


@pytest.mark.parametrize(
    ("how", "asked", "passing", "said"),
    [
        ({"status": 500}, 3, True, "it answered 500"),
        ({"status": 503}, 3, True, "it answered 503"),
        ({"status": 429, "headers": {"Retry-After": "3600"}}, 1, True, "asks to wait 3600 s"),
        ({"status": 401}, 1, False, "refuses our credentials"),
        ({"status": 404}, 1, False, "it answered 404"),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}}, 1, False, "it redirects"),
        ({"body": b"<html>login</html>"}, 1, True, "a web page (HTML) instead of JSON"),
        ({"body": b"{}", "headers": {"Content-Type": "text/html"}}, 1, True, "a web page (HTML) instead of JSON"),
        ({"body": GOOD[:-4]}, 3, True, "not whole JSON"),
        ({"body": GOOD, "missing": 50}, 3, True, "broke off in the middle"),
        ({"body": b"[" * 100_000}, 3, True, "not whole JSON"),
        ({"body": b'{"data": {"items": ["\xb9\xfa"]}}'}, 3, True, "not whole JSON in UTF-8"),
        ({"body": b"not gzip", "headers": {"Content-Encoding": "gzip"}}, 3, True, "broke off"),
        ({"sleep": 1.0}, 3, True, "did not answer within 0.3 s"),
    ],
)  # fmt: skip
def test_a_failing_interface_is_told_in_a_sentence_and_asked_again_where_that_helps(
    interface: Interface, how: dict[str, object], asked: int, passing: bool, said: str
) -> None:
    interface.failures = [how] * 3
    with pytest.raises(SourceFailed) as failed:
        fetch(connector(interface, {"timeout": "300ms"}))
    assert said in failed.value.en
    assert "licensing" in failed.value.zh
    assert failed.value.passing is passing
    assert len(interface.asked) == asked


def test_an_interface_that_fails_twice_and_then_answers_is_read(interface: Interface) -> None:
    interface.records = [row(1)]
    interface.failures = [{"status": 502}, {"body": GOOD[:-4]}]
    assert numbers(interface) == ["A00001"]


def test_retry_after_is_honoured_up_to_the_longest_pause(interface: Interface) -> None:
    interface.records = [row(1)]
    interface.failures = [{"status": 503, "headers": {"Retry-After": "1"}}]
    began = time.monotonic()
    assert numbers(interface) == ["A00001"]
    assert time.monotonic() - began >= 1


def test_an_answer_that_only_drips_is_cut_off(interface: Interface) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        interface.url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        began = time.monotonic()
        with pytest.raises(SourceFailed, match="did not answer within"):
            fetch(connector(interface, {"timeout": "300ms", "retry": {"attempts": 1}}))
        assert time.monotonic() - began < 3


def test_an_answer_that_is_too_large_is_not_taken_in(interface: Interface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.answers.MAX_ANSWER", 10_000)
    interface.failures = [{"body": b'"' + b"x" * 20_000 + b'"'}]
    with pytest.raises(SourceFailed, match="larger than 10,000 bytes") as failed:
        fetch(connector(interface))
    assert not failed.value.passing


def test_nobody_listening_is_a_passing_failure(interface: Interface) -> None:
    interface.url = "http://127.0.0.1:1/"
    with pytest.raises(SourceFailed, match="it cannot be reached") as failed:
        fetch(connector(interface))
    assert failed.value.passing


def test_chinese_in_a_declared_charset_is_read(interface: Interface) -> None:
    body = json.dumps({"data": {"items": [row(1)]}}, ensure_ascii=False).encode("gb18030")
    interface.failures = [{"body": body, "headers": {"Content-Type": "application/json; charset=gb18030"}}]
    assert events(fetch(connector(interface)))[0].data["unit"] == "市场监管局"


# ── who is asked, and what is told ─────────────────────────────────────────────────────────────


def test_the_secret_goes_into_the_header_and_into_nothing_else(
    interface: Interface, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    interface.failures = [{"status": 401}]
    with pytest.raises(SourceFailed) as failed:
        fetch(connector(interface, {"auth": {"scheme": "Bearer", "secret": "token"}}))
    assert interface.headers[0]["authorization"] == "Bearer s3cr3t-t0ken"
    assert "s3cr3t" not in failed.value.en + failed.value.zh + caplog.text


def test_a_link_to_another_host_is_not_followed(interface: Interface) -> None:
    body = {"data": {"items": [], "link": "http://localhost:1/internal"}}
    interface.failures = [{"body": json.dumps(body).encode()}]
    with pytest.raises(SourceFailed, match="'localhost' is not in the allow-list") as failed:
        fetch(connector(interface, {"paging": LINK}))
    assert not failed.value.passing


def test_a_name_that_leads_to_this_machine_is_not_followed_unless_its_network_is_named(interface: Interface) -> None:
    interface.records, interface.url = [row(1)], interface.url.replace("127.0.0.1", "localhost")
    with pytest.raises(
        SourceFailed, match=r"'localhost' leads to .*127.0.0.1.* where this source may not go"
    ) as failed:
        fetch(connector(interface))
    assert (failed.value.passing, interface.asked) == (False, [])
    assert numbers(interface, networks=["127.0.0.0/8"]) == ["A00001"]
    with pytest.raises(SourceFailed, match="may not go"):
        fetch(connector(interface, {"networks": ["10.0.0.0/8"]}))


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    interface: Interface, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another interface waits on the same port of another loopback address; only the checked answer is connected to."""
    interface.records, asked = [row(1)], []
    port = httpx2.URL(interface.url).port or 0
    real = socket.getaddrinfo

    def changing(host: object, *rest: Any, **more: Any) -> Any:
        if host != "licences.county":
            return real(host, *rest, **more)  # type: ignore[arg-type]  # as it was asked
        asked.append(host)
        return real(answers.pop(0), *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    interface.url = interface.url.replace("127.0.0.1", "licences.county")
    with serving(Interface(), address=("127.0.0.2", port)) as secret:
        answers = ["127.0.0.1", "127.0.0.2"]
        assert numbers(interface, networks=["127.0.0.1/32"]) == ["A00001"]
        assert (asked, answers) == (["licences.county"], ["127.0.0.2"])
        with pytest.raises(SourceFailed, match=r"leads to 127\.0\.0\.2"):
            fetch(connector(interface, {"networks": ["127.0.0.1/32"]}))
        interface.failures = [{"status": 302, "headers": {"Location": secret.url}}]
        answers = ["127.0.0.1"]
        with pytest.raises(SourceFailed, match="it redirects"):
            fetch(connector(interface, {"networks": ["127.0.0.1/32"]}))
        assert secret.asked == []


@pytest.mark.parametrize(
    "trick", ["http://127.0.0.1@localhost:1/", "//localhost:1/", "http://[::ffff:127.0.0.2]/", "http://2130706434/"]
)
def test_no_way_of_writing_an_address_leads_past_the_allow_list(interface: Interface, trick: str) -> None:
    interface.failures = [{"body": json.dumps({"data": {"items": [], "link": trick}}).encode()}]
    with pytest.raises(SourceFailed, match="allow-list"):
        fetch(connector(interface, {"paging": LINK}))


def test_the_secret_does_not_go_to_another_allowed_host(interface: Interface) -> None:
    with serving(Interface()) as other:
        other.records = [row(1)]
        interface.failures = [{"body": json.dumps({"data": {"items": [], "link": other.url}}).encode()}]
        fetch(connector(interface, {"paging": LINK, "auth": {"secret": "token"}}))
        assert "authorization" in interface.headers[0]
        assert "authorization" not in other.headers[0]


def test_no_proxy_is_taken_from_the_environment(interface: Interface, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    interface.records = [row(1)]
    assert numbers(interface) == ["A00001"]


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ({"url": "http://user:pass@host/x"}, "a password does not belong in a mapping"),
        ({"url": "file://localhost/etc/passwd"}, "an address begins with https:// or http://"),
        ({"auth": {"secret": "tokn"}}, "Did you mean 'token'"),
        ({"auth": {"secret": "token", "header": "X: y"}}, "It has to match"),
        ({"since": {"parameter": "s", "column": "CHANGED", "format": "d/m/yyyy"}}, "write iso, epoch"),
        ({"since": {"parameter": "s", "column": "CHANGED", "overlap": "a while"}}, "is not a length of time"),
        ({"timeout": "fast"}, "'fast' is not a length of time"),
        ({"ca_file": "nowhere.pem"}, "certificate authorities cannot be used"),
    ],
)
def test_a_read_block_that_cannot_be_used_is_refused(interface: Interface, read: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said) as refused:
        connector(interface, read)
    assert "pass@" not in str(refused.value)


# ── certificates ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Callable[..., Interface]]:
    """Serve over TLS with a certificate of one's own authority (``ca.pem`` in the temporary folder)."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    open_servers = []

    def serve(*, name: str = "127.0.0.1", expired: bool = False) -> Interface:
        ends = dt.datetime.now(dt.UTC) - dt.timedelta(days=1) if expired else None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name, not_after=ends).configure_cert(context)
        served = serving(Interface(), context)
        open_servers.append(served)
        interface = served.__enter__()
        interface.records = [row(1)]
        return interface

    yield serve
    for served in open_servers:
        served.__exit__(None, None, None)


def test_a_certificate_of_an_authority_of_ones_own_is_trusted_where_it_is_named(
    secure: Callable[..., Interface], tmp_path: Path
) -> None:
    source = connector(secure(), {"ca_file": "ca.pem"}, tmp_path)
    assert {event.case_no for event in events(fetch(source))} == {"A00001"}


@pytest.mark.parametrize(
    ("certificate", "read", "passing", "said"),
    [
        ({"expired": True}, {"ca_file": "ca.pem"}, True, "its certificate has expired"),
        ({}, {}, False, "its certificate is not trusted"),
        ({"name": "other.example"}, {"ca_file": "ca.pem"}, False, "its certificate is not trusted"),
    ],
)
def test_a_certificate_that_cannot_be_trusted_stops_the_source_with_a_sentence(
    secure: Callable[..., Interface],
    tmp_path: Path,
    certificate: dict[str, bool],
    read: dict[str, str],
    passing: bool,
    said: str,
) -> None:
    with pytest.raises(SourceFailed, match=said) as failed:
        fetch(connector(secure(**certificate), read, tmp_path))
    assert failed.value.passing is passing
    assert "证书" in failed.value.zh
