"""What others wrote and the pages load: the very files that were released, named once, kept for good by browsers."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from console.desk import HERE
from console.security import HEADERS, kept

VENDOR: Final = HERE / "static" / "vendor"
README: Final = (VENDOR / "README.md").read_text(encoding="utf-8")


def test_every_script_of_others_is_the_one_that_the_list_names() -> None:
    listed = dict(re.findall(r"^\| `([^`]+)` .* ([0-9a-f]{64}) \|$", README, re.MULTILINE))

    assert {path.name for path in VENDOR.glob("*.js")} == set(listed)
    assert {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name in listed} == listed


def test_every_file_is_named_with_its_licence_and_no_host_is() -> None:
    assert {path.name for path in VENDOR.iterdir()} - {"README.md"} == set(
        re.findall(r"`([\w.-]+\.(?:js|txt))`", README)
    )
    assert not re.search(r"https?:|\bregistry\b", README)


def test_templates_load_what_is_there() -> None:
    loaded = re.findall(r"/static/vendor/([^\"]+)", (HERE / "templates" / "scripts.html").read_text(encoding="utf-8"))

    assert set(loaded) == {path.name for path in VENDOR.glob("*.js")}


def test_a_browser_keeps_for_good_only_what_has_its_version_in_its_name() -> None:
    assert "immutable" in kept("/static/vendor/htmx-4.0.1.min.js", 200)
    assert kept("/static/vendor/other.js", 404) == kept("/static/live.js", 200) == "max-age=300"
    assert kept("/month", 200) == "no-store"
    assert all(re.search(r"-\d+\.\d+\.\d+\.min\.js$", path.name) for path in VENDOR.glob("*.js"))


def test_the_policy_of_browsers_stays_strict() -> None:
    assert "unsafe" not in HEADERS["content-security-policy"]
