"""Whether all six packages are ours: ``rules`` and ``daemon`` are also names of other distributions."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from rules.problems import refuse

PACKAGES: Final = ("rules", "connectors", "alerts", "ledger", "console", "daemon")


def one_roof() -> None:
    """Raise ``UserError`` unless all six packages lie in one directory."""
    homes = {name: _home(name) for name in PACKAGES}
    own = homes["daemon"]
    strangers = {name: home for name, home in homes.items() if home != own}
    if strangers:
        listed = ", ".join(f"{name} ({home or 'missing'})" for name, home in strangers.items())
        raise refuse(
            "house/packages", str(own),
            f"These packages are not Mingdeng's own: {listed}.", f"以下包不是明灯自己的：{listed}。",
            mend_en="Install Mingdeng into a virtual environment of its own, without python-daemon or django-rules.",
            mend_zh="请把明灯装进单独的虚拟环境，其中不得有 python-daemon、django-rules。",
        )  # fmt: skip


def _home(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).resolve().parents[1] if spec is not None and spec.origin else None
