"""A small county in a house of its own: departments that work, a daemon that judges, pages that people sign in to by link."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, ViewportSize

from alerts.directoryimport import read_directory
from console.access.links import JUST_SIGN_IN, one_time_link
from console.access.roles import Role
from daemon.bootstrap import House, assemble
from daemon.directorytables import read_tables
from daemon.settingsfile import load_settings
from ledger import views
from samples.county.run import prepare

BEGAN: Final = 1_795_140_000
"""Friday 2026-11-20, 10:00 in Beijing: a workday of a published year."""

UNIT: Final = "labour"
"""The unit whose people are followed; another is ``OTHER``."""
OTHER: Final = "planning"

MORE: Final = """
[console]
port = 0

[[sources]]
mapping = "sources/permits.yaml"
interval = "1s"
"""

MAPPING: Final = """\
source: permits
kind: files
namespace: permits
of: application
rows: snapshot
read: {path: permits.csv}
zone: Asia/Shanghai
case_no: 编号
events:
  - {name: accepted, at: {column: 受理时间, format: "%Y-%m-%d %H:%M"}}
"""

ROWS: Final = """\
编号,受理时间
A1,2026-11-16 09:00
A2,2026/11/17 09:00
A3,2026/11/18 09:00
"""

DESK: Final[ViewportSize] = {"width": 1280, "height": 900}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}


@dataclass
class Clock:
    """Time as the town has it: it goes as everywhere, from a day of its own."""

    began: float = field(default_factory=time.monotonic)

    def __call__(self) -> float:
        """Return the instant."""
        return BEGAN + time.monotonic() - self.began


@dataclass
class Town:
    """The house, its clock, the folder of its departments, and the browser in which its people work."""

    house: House
    clock: Clock
    home: Path
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    @property
    def now(self) -> int:
        """The instant."""
        return int(self.clock())

    def link(self, account: str, role: Role, *units: str) -> str:
        """Add the account if it is new; return a link that signs it in once."""
        accounts = self.house.ledger.accounts
        if accounts.find(account) is None:
            accounts.add(account, account, [role], self.now, units=units or ("*",))
        return one_time_link(self.house.ledger, account, self.house.url, self.now, purpose=JUST_SIGN_IN)

    @contextmanager
    def at_work(
        self, account: str, role: Role, *units: str, phone: bool = False, dark: bool = False, scripts: bool = True
    ) -> Iterator[Page]:
        """Open a browser in which the person has signed in by link; a page that breaks its own rules fails."""
        context = self.browser.new_context(
            viewport=PHONE if phone else DESK, color_scheme="dark" if dark else "light", base_url=self.house.url,
            java_script_enabled=scripts, locale="zh-CN",
        )  # fmt: skip
        context.set_default_timeout(15_000)
        page, complaints = context.new_page(), list[str]()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto(self.link(account, role, *units))
        page.get_by_role("button", name="登录").click()
        yield page
        context.close()
        assert complaints == []


@contextmanager
def town(folder: Path, size: int) -> Iterator[Callable[[Browser], Town]]:
    """Let a county of ``size`` cases live until the end of the block, judged already; a browser makes it the town to walk."""
    clock = Clock()
    county = prepare(folder, size=size, now=BEGAN)
    (folder / "sources" / "permits.yaml").write_text(MAPPING, encoding="utf-8")
    (folder / "permits.csv").write_text(ROWS, encoding="utf-8")
    county.config.write_text(county.config.read_text(encoding="utf-8") + MORE, encoding="utf-8")
    county.serve(clock)
    house = assemble(load_settings(county.config), str(county.config), clock)
    house.ledger.import_directory(read_directory(read_tables(folder / "directory")), "personnel", BEGAN)
    house.start()
    try:
        _judged(house)
        yield lambda browser: Town(house, clock, folder, browser)
    finally:
        house.stop()
        county.stop()


def _judged(house: House) -> None:
    """Wait until no more cards come."""
    seen, quiet, until = -1, 0, time.monotonic() + 90
    while quiet < 3:
        assert time.monotonic() < until, "the county is not judged"
        found = len(views.latest_cards(house.ledger, 1_000))
        quiet = quiet + 1 if found == seen and found else 0
        seen = found
        time.sleep(0.5)
