"""Kind ``http``: an interface that hands out records as JSON, page by page, all of them or only what has changed."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Iterator, Mapping
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import ClassVar, Final, Literal, cast
from zoneinfo import ZoneInfo

import httpx2
from pydantic import Field, field_validator

from connectors.answers import Allowed, Answer, Asker, Manners, NotAnswered
from connectors.base import Batch, Cursor, SourceFailed
from connectors.cells import cells_of
from connectors.durations import seconds
from connectors.mapping import Part, SourceSpec, Words
from connectors.paging import ABSENT, Paging, at_path, field_of, first_parameters, next_position
from connectors.quarantine import DoesNotFit, Gathering, MapRow, raw_row
from connectors.rows import compile_rows
from connectors.secrets import secret_named
from connectors.times import EPOCHS, ISO, BadFormat, BadTime, ReadTime, compile_times
from rules.documents import nearest
from rules.facts import Instant, Value
from rules.problems import refuse

_SLACK: Final = 86_400


class Auth(Part):
    """The header that carries the secret, and the word before it."""

    header: str = Field(default="Authorization", pattern=r"^[A-Za-z0-9-]+$")
    scheme: str = ""
    secret: str


class Since(Part):
    """How to ask only for what changed: the parameter, the record's field, and how its times are written."""

    parameter: str
    column: str
    format: str = ISO
    overlap: str = "1h"

    @field_validator("overlap")
    @classmethod
    def _is_duration(cls, text: str) -> str:
        seconds(text)
        return text

    @field_validator("format")
    @classmethod
    def _can_be_written(cls, written: str) -> str:
        try:
            compile_times([written], None)
        except BadFormat as error:
            raise ValueError(str(error)) from None
        if written != ISO and written not in EPOCHS and "%" not in written:
            raise ValueError("write iso, epoch, epoch_ms or a pattern such as '%Y-%m-%d %H:%M:%S'")
        return written


class Retry(Part):
    """How often to ask, the first pause, and the longest."""

    attempts: int = Field(default=3, ge=1, le=10)
    wait: str = "500ms"
    longest: str = "10s"

    @field_validator("wait", "longest")
    @classmethod
    def _is_duration(cls, text: str) -> str:
        seconds(text)
        return text


class Read(Part):
    """Which interface, how it pages, and how patiently it is asked."""

    url: str
    records: str = ""
    parameters: dict[str, str] = Field(default_factory=dict)
    auth: Auth | None = None
    paging: Paging | None = None
    since: Since | None = None
    absent: Literal["refused", "empty"] = "refused"
    retry: Retry = Field(default_factory=Retry)
    timeout: str = "30s"
    allow_hosts: Words = Field(default_factory=list)
    networks: Words = Field(default_factory=list)
    ca_file: str | None = None

    @field_validator("url")
    @classmethod
    def _plain_address(cls, text: str) -> str:
        try:
            url = httpx2.URL(text)
        except httpx2.InvalidURL:
            raise ValueError("this is not an address such as https://host/path") from None
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError("an address begins with https:// or http:// and names a host")
        if url.userinfo:
            raise ValueError("a password does not belong in a mapping; name a secret under 'auth:'")
        return text

    @field_validator("networks")
    @classmethod
    def _are_networks(cls, written: list[str]) -> list[str]:
        for each in written:
            ip_network(each)  # its ValueError says what is wrong
        return written

    @field_validator("timeout")
    @classmethod
    def _is_duration(cls, text: str) -> str:
        seconds(text)
        return text


class Http:
    """Reads the records of one interface through a mapping."""

    kind: ClassVar[str] = "http"

    def __init__(self, spec: SourceSpec, read: Read, asker: Asker) -> None:
        self.source, self.spec = spec.source, spec
        self._read, self._asker = read, asker
        self._columns = list(dict.fromkeys(name for _, name in spec.columns()))
        self._map_row: MapRow = compile_rows(spec, self._columns, spec.source)
        self._place = httpx2.URL(read.url).path
        since = read.since
        self._instant_of: ReadTime | None = compile_times([since.format], spec.zone or "UTC") if since else None

    def fetch(self, cursor: Cursor, now: Instant) -> Iterator[Batch]:
        """Yield the records page by page: from where a pass broke off, else from the last change seen (less the overlap)."""
        gathering = Gathering(self.source)
        since, high = _whole(cursor.get("since")), _whole(cursor.get("high"))
        position = cast("str | None", cursor.get("next"))
        resumed, visited = position is not None, {position}
        while True:
            try:
                answer = self._ask(position, since)
            except NotAnswered as failure:
                if not resumed or not 400 <= failure.status < 500 or failure.status in {401, 403, 408, 429}:
                    raise
                position, resumed, high = (
                    None,
                    False,
                    None,
                )  # the place where the pass broke off is no longer known there
                continue
            records = self._records(answer.body)
            for record in records:
                self._take(gathering, record)
                high = self._higher(high, record, now)
            following = next_position(self._read.paging, position, answer.body, answer.headers, len(records))
            keep = self._read.paging is not None and self._read.paging.keep
            if following is None or (keep and not records):
                yield gathering.batch(
                    self._finished(since, high, (following or position) if keep else None), more=False
                )
                return
            if following in visited:
                raise self._circles(following)
            visited.add(following)
            position = following
            if gathering.full:
                yield gathering.batch(self._unfinished(since, high, position), more=True)

    def close(self) -> None:
        """Close the connections."""
        self._asker.close()

    def _ask(self, position: str | None, since: int | None) -> Answer:
        read = self._read
        if position is not None and read.paging is not None and read.paging.by == "link":
            return self._asker.ask(str(httpx2.URL(read.url).join(position)), {})
        asked = {**read.parameters, **first_parameters(read.paging, position)}
        if read.since is not None and since is not None:
            asked[read.since.parameter] = _written(
                since - int(seconds(read.since.overlap)), read.since.format, self.spec.zone
            )
        return self._asker.ask(read.url, asked)

    def _records(self, body: object) -> list[object]:
        found = at_path(body, self._read.records) if self._read.records else body
        if isinstance(found, list):
            return found
        where = f"at '{self._read.records}'" if self._read.records else "at its top"
        near = nearest(self._read.records, body) if isinstance(body, dict) and self._read.records else None
        hint = f" The nearest is '{near}'." if near else ""
        raise SourceFailed(
            f"The answer of source '{self.source}' has no list of records {where}.{hint}",
            f"数据源“{self.source}”的返回内容在 {self._read.records or '顶层'} 处没有记录列表。",
        )

    def _take(self, gathering: Gathering, record: object) -> None:
        number = gathering.total + 1
        try:
            fields = _fields(record)
            cells = cells_of(self._field(fields, column) for column in self._columns)
        except DoesNotFit as found:
            gathering.refuse(found, number, self._place, _raw(record))
            return
        gathering.take(self._map_row, self._columns, cells, number, self._place, partial(_raw, record))

    def _field(self, record: dict[str, object], column: str) -> object:
        value = field_of(record, column)
        if value is not ABSENT:
            return value
        if self._read.absent == "empty":
            return None
        near = nearest(column, record)
        raise DoesNotFit(
            column, "row/column", f"The record has no field '{column}'." + (f" The nearest is '{near}'." if near else ""),
            f"记录中没有字段“{column}”。" + (f"最接近的是“{near}”。" if near else ""),
        )  # fmt: skip

    def _higher(self, high: int | None, record: object, now: Instant) -> int | None:
        """Return the later of ``high`` and the record's time of change; an unreadable or future one does not count."""
        if self._instant_of is None or self._read.since is None:
            return None
        value = at_path(record, self._read.since.column)
        try:
            changed = self._instant_of(str(value).strip())
        except BadTime:
            return high
        return changed if changed <= now + _SLACK and (high is None or changed > high) else high

    def _unfinished(self, since: int | None, high: int | None, position: str) -> dict[str, Value]:
        """Pages by number shift when rows are added, so such a pass begins anew; cursors and links go on."""
        if self._read.paging is not None and self._read.paging.by == "page":
            return _without_none({"since": since})
        return _without_none({"since": since, "high": high, "next": position})

    def _finished(self, since: int | None, high: int | None, kept: str | None) -> dict[str, Value]:
        reached = max((mark for mark in (since, high) if mark is not None), default=None)
        return _without_none({"since": reached, "next": kept})

    def _circles(self, position: str) -> SourceFailed:
        return SourceFailed(
            f"The pages of source '{self.source}' lead in a circle (at '{position[:60]}').",
            f"数据源“{self.source}”的分页陷入循环（{position[:60]}）。",
            passing=False,
        )


def connect(
    spec: SourceSpec,
    read: Read,
    secrets: Mapping[str, str],
    base: Path,
    path: Path | None,  # noqa: ARG001  # reads no file
) -> Http:
    """Return the connector; the secret of ``auth:`` is looked up by its name."""
    url = httpx2.URL(read.url)
    header = None
    if read.auth is not None:
        secret = secret_named(read.auth.secret, secrets, spec.source).strip()
        header = (read.auth.header, f"{read.auth.scheme} {secret}".strip())
    allowed = Allowed(
        frozenset(host.lower() for host in read.allow_hosts or [url.host]), tuple(map(ip_network, read.networks))
    )
    manners = Manners(seconds(read.timeout), read.retry.attempts, seconds(read.retry.wait), seconds(read.retry.longest))
    return Http(spec, read, Asker(spec.source, read.url, manners, allowed, header, _authorities(read, base)))


def _authorities(read: Read, base: Path) -> ssl.SSLContext:
    """Return whom to trust: the usual authorities, or those of the mapping's own file."""
    if read.ca_file is None:
        return httpx2.create_ssl_context(trust_env=False)
    try:
        return ssl.create_default_context(cafile=str(base / read.ca_file))
    except OSError as error:  # an unreadable file, or one without certificates (ssl.SSLError is an OSError)
        raise refuse(
            "source/ca-file", base / read.ca_file, "This file of certificate authorities cannot be used.",
            "无法使用此根证书文件。", mend_en="It has to be a readable PEM file.", mend_zh="须为可读的 PEM 文件。",
        ) from error  # fmt: skip


def _written(instant: Instant, written: str, zone: str | None) -> str:
    if written in EPOCHS:
        return str(instant * EPOCHS[written])
    if written == ISO:
        return dt.datetime.fromtimestamp(instant, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return dt.datetime.fromtimestamp(instant, ZoneInfo(zone or "UTC")).strftime(written)


def _fields(record: object) -> dict[str, object]:
    if not isinstance(record, dict):
        raise DoesNotFit("", "row/shape", "The record is not an object with fields.", "此记录不是带字段的对象。")
    return record


def _raw(record: object) -> dict[str, str]:
    fields = record if isinstance(record, dict) else {"record": record}
    columns = [str(name) for name in fields]
    return raw_row(columns, [None if value is None else str(value) for value in fields.values()])


def _whole(value: Value) -> int | None:
    return value if isinstance(value, int) else None


def _without_none(cursor: dict[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in cursor.items() if value is not None}
