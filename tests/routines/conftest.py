"""One browser and one town for all routines: they are told one after the other, in one worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.console.browser import chromium
from tests.routines.town import Town, town


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser once."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def lively(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Town]:
    """Let the county live, small enough to be judged in seconds."""
    with town(tmp_path_factory.mktemp("town"), browser, 160) as living:
        yield living
