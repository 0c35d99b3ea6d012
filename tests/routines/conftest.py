"""One town for all routines, which are told one after the other in one worker; each file has a browser of its own.

A browser that outlived its file would hold the loop of its process, in which tests of other folders run too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.console.browser import chromium
from tests.routines.town import Town, town


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the browser."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Browser], Town]]:
    """Let the county live, small enough to be judged in seconds."""
    with town(tmp_path_factory.mktemp("town"), 160) as living:
        yield living


@pytest.fixture(scope="module")
def lively(settled: Callable[[Browser], Town], browser: Browser) -> Town:
    """Return the town as this file walks it."""
    return settled(browser)
