"""The log never shows a secret or personal data, and is JSON for machines."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from pydantic import SecretStr

from daemon import log


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    yield
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


def logged(**fields: object) -> dict[str, object]:
    """Return the line that these fields become."""
    stream = io.StringIO()
    log.configure(form="json", stream=stream)
    log.get(duty="ingest", source="water").info("ingested", **fields)
    line: dict[str, object] = json.loads(stream.getvalue())
    return line


@pytest.mark.parametrize(
    "field",
    ["password", "smtp_password", "token", "housing_token", "authorization", "Authorization", "applicant",
     "applicant_name", "phone", "mobile", "id_number", "id_card", "api_key", "apikey", "cookie", "secrets"],
)  # fmt: skip
def test_a_field_named_like_a_secret_or_a_person_is_masked(field: str) -> None:
    """Whatever stands in it, at any depth."""
    assert logged(**{field: "张三"})[field] == "***"
    assert logged(row={"deep": [{field: ["张三"]}]})["row"] == {"deep": [{field: "***"}]}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://user:hunter2@host/db refused", "postgresql://user:***@host/db refused"),
        ("header Authorization: Bearer abcdef123456", "header Authorization: Bearer ***"),
        ("?token=abc123&page=2", "?token=***&page=2"),
        ("applicant 110101199003070015 called", "applicant *** called"),
        ("call 13812345678 back", "call *** back"),
        ("3 rows of 20240924100000", "3 rows of 20240924100000"),
    ],
)
def test_a_text_that_looks_like_a_secret_is_masked(text: str, shown: str) -> None:
    """Also where it stands in a sentence of somebody else's."""
    assert logged(answer=text)["answer"] == shown
    assert logged(values=[text])["values"] == [shown]


def test_a_case_number_that_looks_like_an_identity_number_is_shown() -> None:
    """A region's code, a date and a serial make such a number; it is the subject of the line."""
    assert logged(case="110101201803070015")["case"] == "110101201803070015"


def test_a_secret_object_is_masked_under_any_name() -> None:
    """Pydantic's SecretStr never reaches the log."""
    assert logged(anything=SecretStr("hunter2"))["anything"] == "***"


def test_a_traceback_is_masked() -> None:
    """An exception may carry the address it failed to reach."""
    stream = io.StringIO()
    log.configure(form="json", stream=stream)
    try:
        raise ConnectionError("http://user:hunter2@host")  # noqa: TRY301  # it has to be caught here
    except ConnectionError:
        log.get().exception("failed")

    assert "hunter2" not in stream.getvalue()
    assert "ConnectionError" in stream.getvalue()


def test_what_libraries_log_goes_the_same_way() -> None:
    """The standard library's loggers give the same masked JSON lines."""
    stream = io.StringIO()
    log.configure(form="json", stream=stream)
    logging.getLogger("driver").warning("password=%s", "hunter2")

    line = json.loads(stream.getvalue())

    assert (line["event"], line["level"]) == ("password=***", "warning")


def test_a_line_has_a_machine_word_and_its_subject() -> None:
    """The subject is bound once and stands in every line."""
    line = logged(new=3)

    assert (line["event"], line["duty"], line["source"], line["new"], line["level"]) == (
        "ingested",
        "ingest",
        "water",
        3,
        "info",
    )


def test_text_is_for_terminals_and_debug_is_quiet_by_default() -> None:
    """The readable form is no JSON, and lines below the level do not appear."""
    stream = io.StringIO()
    log.configure(form="text", stream=stream)
    log.get().debug("unseen")
    log.get().info("seen", new=3)

    assert "unseen" not in stream.getvalue()
    assert "seen" in stream.getvalue()
    with pytest.raises(json.JSONDecodeError):
        json.loads(stream.getvalue())
