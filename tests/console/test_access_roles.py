"""Who may do what, from the table: every role, every act, every scope, and what one person may not do twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from console.access.access import Access
from console.access.acts import ACT_LABELS, FACTS, Act, act_label
from console.access.callers import who
from console.access.declared import insist, needs, needs_of
from console.access.roles import (
    CLASHES,
    EVERYTHING,
    GRANTS,
    ROLE_LABELS,
    SUPERVISORS,
    Role,
    Scope,
    Target,
    Who,
    allowed,
    clashing,
    granted_to,
)
from console.access.separation import APART, separated
from console.app import create_app, routes
from ledger import Ledger
from tests.console.people import signed_in, stranger, token
from tests.console.serving import NOW, Site, explain_nothing, serving


def person(*roles: Role, scope: Scope = EVERYTHING, only: frozenset[Act] | None = None) -> Who:
    """Return somebody with these roles."""
    return Who("p", "p", frozenset(roles), scope, "session" if only is None else "token", only)


@pytest.mark.parametrize("role", Role)
def test_a_role_may_exactly_what_the_table_grants(role: Role) -> None:
    """Everything else is refused, with a sentence in both languages that names role and act."""
    for act in Act:
        verdict = allowed(person(role), act)
        assert verdict.allowed is (act in GRANTS[role])
        if not verdict:
            assert ROLE_LABELS[role][0] in verdict.zh
            assert verdict.en == f"Your role ({ROLE_LABELS[role][1]}) may not {act_label(act, 'en')}."


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (
            Role.INSPECTOR,
            "decide_appeal confirm_card verify_card",
            "mend_quarantine edit_rule sign_card manage_accounts",
        ),
        (Role.CHIEF_INSPECTOR, "approve_law revoke_card", "edit_rule edit_items manage_accounts"),
        (
            Role.ADMINISTRATOR,
            "mend_quarantine edit_rule manage_accounts",
            "view_case decide_appeal issue_card view_audit",
        ),
        (Role.UNIT_USER, "sign_card explain_card appeal_card rectify_card", "decide_appeal verify_card view_sources"),
        (Role.LEADER, "view_screen view_reports view_cards", "view_case view_card read_personal_data export"),
        (Role.AUDITOR, "view_audit view_case", "sign_card decide_appeal edit_rule export manage_accounts"),
        (Role.SERVICE, "view_cards view_metrics", "sign_card export view_audit"),
    ],
)
def test_the_table_says_what_the_field_says(role: Role, may: str, may_not: str) -> None:
    """Written out, so that a slip in the table is seen."""
    assert {Act(act) for act in may.split()} <= GRANTS[role]
    assert not {Act(act) for act in may_not.split()} & GRANTS[role]


@given(roles=st.frozensets(st.sampled_from(Role)))
def test_whoever_supervises_cannot_edit_facts(roles: frozenset[Role]) -> None:
    """Whatever else they are."""
    assert not (roles & SUPERVISORS and granted_to(roles) & FACTS)


def test_nobody_may_do_anything() -> None:
    """Neither a stranger nor an account without a role."""
    assert [act for act in Act if allowed(None, act) or allowed(person(), act)] == []


words = st.sampled_from(["", "market", "housing", "*"])


@given(
    units=st.frozensets(words), regions=st.frozensets(words), unit=st.sampled_from(["", "market", "housing"]),
    region=st.sampled_from(["", "north"]),
)  # fmt: skip
def test_a_scope_holds_what_it_names_and_nothing_else(
    units: frozenset[str], regions: frozenset[str], unit: str, region: str
) -> None:
    """An empty one nothing, ``*`` everything; what bears no unit belongs to everything only; queries agree."""
    scope = Scope(regions, units)
    expected = "*" in units | regions or (unit != "" and unit in units) or (region != "" and region in regions)
    covered = scope.covered({unit: region} if unit else {})

    assert scope.holds(unit, region) is expected
    assert allowed(person(Role.INSPECTOR, scope=scope), Act.VIEW_CASE, Target(unit, region)).allowed is expected
    if unit:
        assert (covered is None or unit in covered) is expected


def test_a_token_is_held_to_its_acts() -> None:
    """Also where its role may more, and it never gives what the role has not."""
    held = person(Role.INSPECTOR, only=frozenset({Act.VIEW_BOARD, Act.MANAGE_ACCOUNTS}))

    assert held.acts == {Act.VIEW_BOARD}
    assert allowed(held, Act.VIEW_CASE).en == "This token may not see a case."


@pytest.mark.parametrize(("act", "earlier"), [(act, e) for act, apart in APART.items() for e in sorted(apart)])
def test_what_one_did_another_decides(act: Act, earlier: Act) -> None:
    """The same person is refused with a sentence, another is not."""
    assert separated(act, "other", {earlier: {"me"}})
    refused = separated(act, "me", {earlier: {"me"}})
    assert not refused
    assert act_label(earlier, "zh") in refused.zh


def test_the_issue_s_three_separations_are_there() -> None:
    """Who issued, who wrote, who rectified."""
    assert Act.ISSUE_CARD in APART[Act.DECIDE_APPEAL]
    assert Act.EDIT_RULE in APART[Act.APPROVE_LAW]
    assert Act.RECTIFY_CARD in APART[Act.VERIFY_CARD]


def test_roles_that_clash_are_found() -> None:
    """In any order."""
    assert all(clashing(pair) == (pair,) for pair in CLASHES)
    assert clashing([Role.INSPECTOR, Role.CHIEF_INSPECTOR]) == ()


def test_every_act_and_role_has_its_words() -> None:
    """In both languages, and no two acts the same."""
    assert set(ACT_LABELS) == set(Act)
    assert set(ROLE_LABELS) == set(Role) == set(GRANTS)
    assert all(zh and en for zh, en in [*ACT_LABELS.values(), *ROLE_LABELS.values()])


# ── the gate ───────────────────────────────────────────────────────────────────────────────────


def test_a_route_that_says_nothing_stops_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it serves anybody."""
    router = APIRouter()

    @router.get("/forgotten")
    def forgotten() -> Response:
        return Response()

    monkeypatch.setattr("console.app.routes", lambda: iter([*routes(), *router.routes]))

    with pytest.raises(TypeError, match="/forgotten"):
        create_app(
            Ledger(""), access=Access(), metrics=lambda: b"", troubles=list, explain=explain_nothing, now=lambda: NOW
        )


def test_only_signing_in_and_being_alive_are_open_to_all() -> None:
    """The list is short and known by heart."""
    opened = {getattr(route, "path", "") for route in routes() if (said := needs_of(route)) and said.act is None}

    assert opened == {
        "/healthz", "/readyz", "/sign-in", "/sign-in/link/{secret}", "/sign-in/oidc", "/sign-in/oidc/back",
    }  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a console."""
    access = Access(regions=lambda: {"market": "north"})
    with serving(tmp_path_factory.mktemp("roles"), access) as site:
        yield site


@pytest.mark.parametrize(
    ("units", "regions", "status"),
    [(["market"], [], 200), ([], ["north"], 200), (["*"], [], 200), (["housing"], [], 403), ([], ["south"], 403), ([], [], 403)],
)  # fmt: skip
def test_a_case_is_shown_to_those_whose_scope_holds_its_unit(
    site: Site, units: list[str], regions: list[str], status: int
) -> None:
    """And the board counts only what they may see; a case that is not there is refused alike."""
    fill_once(site)
    someone = signed_in(site, "unit_user", units=units, regions=regions, now=NOW)

    assert someone.get("/case/licences/application/L1")[0] == status
    assert ("L1" in someone.get("/")[1]) is (status == 200)
    assert someone.get("/case/licences/application/none")[0] == (404 if units == ["*"] else 403)


def test_the_api_says_who_one_is_and_what_is_in_the_chain(site: Site) -> None:
    """In JSON, page by page, and only to those who may."""
    auditor, clerk = token(site, "auditor", now=NOW), token(site, "unit_user", now=NOW)
    ask = stranger(site)
    ask.get("/case/x/y/z", authorization=clerk)
    first = ask.get("/api/v1/audit?limit=1", authorization=auditor)[1]

    assert '"next":' in first
    assert ask.get("/api/v1/audit", authorization=clerk)[0] == 403
    assert ask.get("/api/v1/audit")[0] == 401
    assert ask.get("/api/v1/audit?before=x", authorization=auditor)[0] == 422
    assert '"roles":["auditor"]' in ask.get("/api/v1/me", authorization=auditor)[1]
    assert '"x-act":"view_audit"' in ask.get("/api/openapi.json", authorization=clerk)[1]
    page = signed_in(site, "auditor", now=NOW).get("/audit?by=")[1]
    assert "查看审计" in page


def test_a_page_without_a_declared_act_knows_nobody() -> None:
    """Asking for the caller there is a fault of ours, not an anonymous somebody."""
    request = Request({"type": "http", "headers": [], "method": "GET", "path": "/", "query_string": b""})

    with pytest.raises(LookupError):
        who(request)


def test_what_was_declared_is_found_on_the_route() -> None:
    """As the guard reads it."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/x")
    @needs(Act.VIEW_BOARD)
    def page() -> Response:
        return Response()

    insist(app.routes)
    assert [said.act for route in app.routes if (said := needs_of(route))] == [Act.VIEW_BOARD]


def fill_once(site: Site) -> None:
    """Write one overdue case of the market unit, unless it is there."""
    from ledger import views
    from rules.facts import CaseId
    from tests.console.test_pages import fill

    if not views.unit_of(site.ledger, CaseId("licences", "application", "L1")):
        fill(site.ledger, unit="market")
