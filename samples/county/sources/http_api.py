"""Housing: a construction bureau's own case system with a JSON interface, paged by a change cursor, behind a token."""

from __future__ import annotations

import datetime as dt
import json
import secrets
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from samples.county.departments import ITEM, UNIT
from samples.county.story import Story
from samples.county.workdays import ZONE

MAX_PAGE: Final = 200
RESULTS: Final = {"granted": "准予", "refused": "不予", "withdrawn": "撤回", "returned": "退件"}
TIMES: Final = {
    "received": "receivedTime", "accepted": "acceptedTime", "completed": "finishedTime", "withdrawn": "withdrawnTime",
    "returned": "returnedTime",
}  # fmt: skip


def create(path: Path) -> None:
    """Make the bureau's own store, unless it is there: the latest state of each case, numbered by change."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(
            "CREATE TABLE IF NOT EXISTS cases "
            "(change INTEGER PRIMARY KEY AUTOINCREMENT, case_no TEXT UNIQUE, updated INTEGER, state TEXT)"
        )


def write(path: Path, stories: Iterable[Story], until: int) -> int:
    """Bring these cases to what is known at ``until``; return how many are new or changed."""
    written = 0
    with closing(sqlite3.connect(path, timeout=30)) as database, database:
        for story in stories:
            if not story.known(until):
                continue
            state = json.dumps(snapshot(story, until), ensure_ascii=False)
            known = database.execute("SELECT state FROM cases WHERE case_no = ?", (story.case_no,)).fetchone()
            if known != (state,):
                database.execute(
                    "REPLACE INTO cases (case_no, updated, state) VALUES (?, ?, ?)",
                    (story.case_no, story.known(until)[-1].written_at, state),
                )
                written += 1
    return written


def snapshot(story: Story, until: int) -> dict[str, str | int | None]:
    """Return a case as the bureau shows it at ``until``: one object that changes as the case goes on."""
    known, item = story.known(until), ITEM[story.item]
    times = dict.fromkeys(TIMES.values()) | {TIMES[h.what]: _iso(h.at) for h in known}
    result = next((RESULTS[str(h.data["result"])] for h in known if "result" in h.data), None)
    return {
        "caseNo": story.case_no, "itemCode": item.code, "itemName": item.name, "deptCode": item.unit,
        "deptName": UNIT[item.unit].zh, "officer": str(known[-1].data["officer"]),
        "channel": str(known[0].data["channel"]),
        **times, "result": result, "version": len(known), "updatedTime": _iso(known[-1].written_at),
    }  # fmt: skip


def _iso(at: int) -> str:
    return dt.datetime.fromtimestamp(at, ZONE).isoformat()


def _since(text: str) -> int | None:
    """Return the instant that is written, 0 for none, None where it cannot be read."""
    try:
        return int(dt.datetime.fromisoformat(text).timestamp()) if text else 0
    except ValueError:
        return None


class Interface(ThreadingHTTPServer):
    """Serves ``GET /api/v1/cases?updatedSince=&cursor=&limit=`` on 127.0.0.1 to whoever bears the token."""

    daemon_threads = True

    def __init__(self, store: Path, token: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Answer)
        self.store, self.token = store, token

    def page(self, since: int, cursor: int, limit: int) -> dict[str, object]:
        """Return cases updated at ``since`` or later, by change number; ``next`` is None on the last page."""
        with closing(sqlite3.connect(f"{self.store.as_uri()}?mode=ro", uri=True, timeout=30)) as database:
            found = database.execute(
                "SELECT change, state FROM cases WHERE change > ? AND updated >= ? ORDER BY change LIMIT ?",
                (cursor, since, limit + 1),
            ).fetchall()
        shown = found[:limit]
        return {
            "items": [json.loads(state) for _, state in shown],
            "next": str(shown[-1][0]) if len(found) > limit else None,
        }


class _Answer(BaseHTTPRequestHandler):
    server: Interface
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        said = {name: values[-1] for name, values in parse_qs(asked.query).items()}
        if not secrets.compare_digest(self.headers.get("Authorization", ""), f"Bearer {self.server.token}"):
            self._answer(HTTPStatus.UNAUTHORIZED, {"code": 401, "message": "令牌无效"})
        elif asked.path != "/api/v1/cases":
            self._answer(HTTPStatus.NOT_FOUND, {"code": 404, "message": "无此接口"})
        elif not all(said.get(name, "0").isdecimal() for name in ("cursor", "limit")):
            self._answer(HTTPStatus.BAD_REQUEST, {"code": 400, "message": "cursor 与 limit 须为数字"})
        elif (since := _since(said.get("updatedSince", ""))) is None:
            self._answer(HTTPStatus.BAD_REQUEST, {"code": 400, "message": "updatedSince 须为带时区的 ISO 8601 时间"})
        else:
            limit = min(int(said.get("limit", MAX_PAGE)) or MAX_PAGE, MAX_PAGE)
            page = self.server.page(since, int(said.get("cursor", "0")), limit)
            self._answer(HTTPStatus.OK, {"code": 0, "data": page})

    def _answer(self, status: HTTPStatus, body: dict[str, object]) -> None:
        raw = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Stay silent: the terminal belongs to the daemon."""
