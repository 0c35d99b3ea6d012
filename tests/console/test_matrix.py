"""Every route of the application x every role x inside and outside of the scope, against the real server.

The routes are those that the application serves, so that a new one is tried without an entry here.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from console.access.access import Access
from console.access.acts import Act
from console.access.roles import GRANTS, Role
from tests.console.gate import SECRET_UNIT, SECRETS, Asker, Knocker, askers, doors, expected, furnish
from tests.console.serving import Site, serving

pytestmark = pytest.mark.timeout(600)  # two thousand requests, on a machine that others use


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("matrix"), Access()) as site:
        furnish(site)
        yield site


def test_nobody_gets_further_than_the_table_says(site: Site) -> None:
    """Each role, from inside and outside, half-way, by a token held to the act and one held to others; and strangers."""
    knocker, wrong = Knocker(site), []
    tried = 0
    for door in doors():
        for asker in askers(door):
            answer = knocker.knock(door, asker)
            tried += 1
            if answer.let_in is not expected(door, asker) or answer.status >= 500:
                wrong.append(f"{door} {asker}: {answer.status}")

    assert wrong == []
    assert tried > 10 * len(doors())


def test_what_lies_outside_is_in_no_answer(site: Site) -> None:
    """Not in a list, not in an export, not on asking for the other unit by name, to no role that sees only its own."""
    knocker, leaks, read = Knocker(site), [], 0
    for door in doors():
        act = door.needs.act
        if door.method != "GET" or act is None or not door.names_what_is_there:
            continue
        for role in (role for role in Role if act in GRANTS[role]):
            for query in ("lang=en", f"unit={quote(SECRET_UNIT)}&text=SECRET&q=SECRET"):
                body = knocker.knock(door, Asker(role), query).body
                read += 1
                leaks += [f"{door} {role} ?{query}" for secret in SECRETS if secret in body.replace("=SECRET", "")]

    assert leaks == []
    assert read > 100


def test_who_sees_everything_does_find_the_secret(site: Site) -> None:
    """So that the test before could fail."""
    door = next(each for each in doors() if str(each) == "GET /api/v1/cards")
    site.ledger.accounts.add("all", "all", [Role.INSPECTOR], site.clock.at, units=["*"])
    token = site.ledger.accounts.tokens.create("all", "t", [Act.VIEW_CARDS], site.clock.at, 60)
    found = Knocker(site).send("GET", door.address(), b"", {"authorization": f"Bearer {token}"})

    assert all(secret in found.body for secret in SECRETS)
