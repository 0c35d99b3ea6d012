"""Which addresses the console's benchmark asks for: every GET route, with what its parameters are in that house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.routing import APIRoute

from benchmarks.county import NOW, UNITS
from benchmarks.house import PAPER
from ledger import Ledger, views

CALENDAR: Final = "/calendar/cn/2026"
MONTHS: Final = ("/month/2025-09", "/month/2025-10?lang=en")

STREAMS: Final = frozenset({"/screen/stream", "/api/v1/stream"})
"""They never end, so how long they take is not measured; that they begin is."""

FILES: Final = frozenset(
    {
        "/export/cards.{kind}", "/export/mine.{kind}", "/export/cases.{kind}", "/export/search.{kind}", "/cards/{card_id}/evidence",
        "/cards/{card_id}/papers/{digest}", "/cards/{card_id}/documents/{code}/{form}", "/api/v1/findings.{kind}",
        "/api/v1/cards/{card_id}/evidence", "/api/v1/cards/{card_id}/papers/{sha256}",
        "/api/v1/cards/{card_id}/documents/{code}/{form}",
    }
)  # fmt: skip
"""Downloads, which are made while one waits: measured, and held to no limit."""

OTHER: Final = {
    "/month": 303, "/start": 303, "/readyz": 503, "/sign-in/oidc": 404, "/sign-in/oidc/back": 404,
    "/rule/{rule}": 303,
}  # fmt: skip
"""Routes that answer something else than 200 in this house: nobody has its duties done, no provider is known to it."""


def known(ledger: Ledger, document: str, errand: str) -> dict[str, tuple[str, ...]]:
    """Return the addresses of routes that have parameters, by route.

    ``document`` is ``card/code`` of one that was made, ``errand`` the page on which something was waited for.
    """
    line = views.queue(ledger, views.Wanted(), NOW).lines[0]
    card, case, unit = line.card.card_id, line.card.case_id, quote(UNITS[3])
    paper = f"/cards/{document.partition('/')[0]}/papers/{PAPER.sha256}"
    own, code = document.partition("/")[0], document.partition("/")[2]
    documents = f"/cards/{own}/documents"
    laws = {(s.law.kind, s.law.name, s.state): f"/law/{s.number}" for s in ledger.law_history()}
    return {
        "/queue": ("/queue", "/queue?tab=late", "/queue?text=item+7&colour=red", f"/queue?unit={unit}"),
        "/mine": ("/mine", "/mine?lateness=late"),
        "/will-breach": ("/will-breach", f"/will-breach?list=late&unit={unit}"),
        "/search": ("/search", "/search?q=4217", "/search?q=officer"),
        "/audit": ("/audit", "/audit?by=account-7", "/audit?before=10000", "/audit?by=nobody&target=nothing"),
        "/items": ("/items", "/items?page=20", "/items?find=ZJ001"),
        "/routes": ("/routes", f"/routes?unit={unit}&colour=red&tell=R3"),
        "/calendar": ("/calendar", "/calendar?name=cn&year=2025&lang=en"),
        "/accounts/{account}": ("/accounts/account-7",),
        "/calendar/{name}/{year}/edit": (f"{CALENDAR}/edit",),
        "/cards/{card_id}": (f"/cards/{card}", f"/cards/{own}"),
        "/cards/{card_id}/papers/{digest}": (paper,),
        "/cases/{namespace}/{kind}/{case_no:path}": (f"/cases/{case}",),
        "/case/{namespace}/{kind}/{case_no:path}": (f"/case/{case}",),
        "/cards/{card_id}/documents": (documents,),
        "/cards/{card_id}/documents/style.css": (f"{documents}/style.css",),
        "/cards/{card_id}/documents/{code}": (f"{documents}/{code}",),
        "/cards/{card_id}/documents/{code}/{form}": tuple(f"{documents}/{code}/{f}" for f in ("pdf", "docx", "html")),
        "/cards/{card_id}/evidence": (f"/cards/{card}/evidence",),
        "/export/cards.{kind}": ("/export/cards.csv?tab=late", "/export/cards.xlsx?tab=late"),
        "/export/mine.{kind}": ("/export/mine.csv",),
        "/export/cases.{kind}": (f"/export/cases.xlsx?list=late&unit={quote(UNITS[0])}",),
        "/export/search.{kind}": ("/export/search.csv?q=4217",),
        "/errands/{number}": (errand,),
        "/items/of/{code}": ("/items/of/ZJ001-0000",),
        "/law/{number}": tuple(laws.values()),
        "/month/{month}": MONTHS,
        "/officers/{person:path}": (f"/officers/{quote('officer 7')}",),
        "/sources/{source}/quarantine": ("/sources/housing/quarantine",),
        "/sources/{source}/mapping": ("/sources/housing/mapping",),
        "/sources/{source}": ("/sources/housing",),
        "/rules/{book}": ("/rules/time-limits", "/rules/fees?lang=en"),
        "/rule/{rule}": ("/rule/T04",),
        "/rules/{book}/edit": ("/rules/time-limits/edit",),
        "/sign-in/link/{secret}": ("/sign-in/link/none",),
        "/trials/{number}": ("/trials/1",),
        "/units/{unit:path}": (f"/units/{unit}",),
        "/api/v1/cards/{card_id}": (f"/api/v1/cards/{card}",),
        "/api/v1/cards/{card_id}/urges": (f"/api/v1/cards/{card}/urges",),
        "/api/v1/cards/{card_id}/deliveries": (f"/api/v1/cards/{card}/deliveries",),
        "/api/v1/cards/{card_id}/papers/{sha256}": (f"/api/v1{paper}",),
        "/api/v1/cases/{namespace}/{kind}/{case_no:path}": (f"/api/v1/cases/{case}",),
        "/api/v1/cards/{card_id}/documents": (f"/api/v1{documents}",),
        "/api/v1/cards/{card_id}/documents/{code}/{form}": (f"/api/v1{documents}/{code}/pdf",),
        "/api/v1/cards/{card_id}/evidence": (f"/api/v1/cards/{card}/evidence",),
        "/api/v1/findings.{kind}": ("/api/v1/findings.csv",),
        "/api/v1/rules/{name}": ("/api/v1/rules/time-limits",),
    }  # fmt: skip


def addresses(app: FastAPI, given: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str, int]]:
    """Yield every GET route's addresses with the status that each has to answer; raise where a route has none."""
    routes = [r.path for r in app.routes if isinstance(r, APIRoute) and "GET" in (r.methods or ())]
    unknown = [path for path in routes if "{" in path and path not in given]
    if unknown:
        raise SystemExit(f"nothing says how these are to be measured: {', '.join(unknown)}")
    for path in routes:
        for address in given.get(path, (path,)):
            yield path, address, OTHER.get(path, 200)
