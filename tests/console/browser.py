"""A real Chromium for tests of pages: the distribution's own, one for the whole run of a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.console.people import Client

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESK: Final[ViewportSize] = {"width": 1280, "height": 900}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser; skip where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no Chromium on this machine; install the package chromium (apt-get install chromium)")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser, client: Client, *, phone: bool = False, dark: bool = False, scripts: bool = True
) -> Iterator[Page]:
    """Open a page in which the client is signed in; a fault of a script, whatever the strict policy refuses, and every
    question to another host fails the test.
    """
    context = browser.new_context(
        viewport=PHONE if phone else DESK, color_scheme="dark" if dark else "light", base_url=client.url,
        java_script_enabled=scripts,
    )  # fmt: skip
    context.add_cookies([{"name": name, "value": value, "url": client.url} for name, value in client.cookies.items()])
    page, complaints = context.new_page(), list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    page.on("request", lambda asked: complaints.append(asked.url) if _leaves(asked.url, client.url) else None)
    yield page
    context.close()
    assert complaints == []


def _leaves(url: str, home: str) -> bool:
    return not url.startswith((home, "about:", "data:", "blob:"))


def hindrances(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical on a page, each with where it is."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {', '.join(str(node['target']) for node in each['nodes'][:3])}"
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]
