"""The HTTP API against its own document: schemathesis asks every operation as every role; nothing fails, nothing differs.

`make test` asks little and always the same; `make fuzz` asks much and anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from alerts.model import card_id
from console.access.access import Access
from console.access.roles import GRANTS, Role
from console.api.document import openapi
from console.app import create_app
from ledger import Ledger
from tests.console.carded import carded, case_of
from tests.console.people import token
from tests.console.serving import NOW, Site, explain_nothing, serving

CHECKS: Final = [not_a_server_error, response_schema_conformance, content_type_conformance]
BY_NOBODY: Final = "/api/v1/stream"
"""It has no end, and a test of its own."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("schema"), Access()) as site:
        for number in range(3):
            carded(site.ledger, NOW, f"L{number}")
        yield site


@pytest.fixture(scope="module")
def tokens(site: Site) -> dict[Role, str]:
    """Return the header of a token of each role, held to nothing but its role."""
    return {role: token(site, role, acts=GRANTS[role], now=NOW) for role in Role}


def _document() -> dict[str, Any]:
    app = create_app(Ledger(""), access=Access(), metrics=lambda: b"", troubles=list, explain=explain_nothing)
    said = openapi(app)
    said["openapi"] = "3.1.0"
    del said["paths"][BY_NOBODY]
    return said


SCHEMA: Final = schemathesis.openapi.from_dict(_document())
SCHEMA.config.generation.update(allow_x00=True)
KNOWN: Final = {"card_id": card_id(case_of("L1"), "promise", "promise", 1), "namespace": "licences",
                "kind": "application", "case_no": "L1"}  # fmt: skip


def _ask(case: schemathesis.Case[Any], site: Site, tokens: dict[Role, str], examples: list[int]) -> None:
    """Ask as a role that may, every other time about the card that is there, and hold the answer to the document."""
    examples[0] += 1
    act = case.operation.definition.raw["x-act"]
    holders = [role for role in Role if act in GRANTS[role]]
    role = holders[examples[0] % len(holders)]
    if examples[0] % 2:
        case.path_parameters = {name: KNOWN.get(name, value) for name, value in (case.path_parameters or {}).items()}
    answer: Response = case.call(base_url=site.url, headers={"authorization": tokens[role]}, timeout=20)
    assert answer.status_code != 401
    case.validate_response(answer, checks=CHECKS)


_EXAMPLES = [0]


@SCHEMA.parametrize()
@settings(max_examples=2, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
          suppress_health_check=list(HealthCheck))  # fmt: skip
def test_every_operation_answers_as_its_document_says(
    case: schemathesis.Case[Any], site: Site, tokens: dict[Role, str]
) -> None:
    _ask(case, site, tokens, _EXAMPLES)


@pytest.mark.fuzz
@SCHEMA.parametrize()
@settings(max_examples=200, database=None, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_answers_as_its_document_says_at_length(
    case: schemathesis.Case[Any], site: Site, tokens: dict[Role, str]
) -> None:
    _ask(case, site, tokens, _EXAMPLES)
