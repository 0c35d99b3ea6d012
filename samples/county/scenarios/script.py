"""The script of a play: what is delivered, read, corrected and done at which instant, for scenarios that need time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from samples.county.scenarios import feeds
from samples.county.scenarios.dossier import Dossier, Register, Role
from samples.county.workdays import date_of, instant

EVENING = 72_000


@dataclass
class Script:
    """One play: its acts, the dossiers that its feeds carry, and what the scenario comes to as a whole.

    Where ``same`` names two states, they have to be equal; ``feeds`` asks for the findings on the feed itself, too.
    """

    scenario: str
    name: str
    dossiers: list[Dossier] = field(default_factory=list)
    acts: list[dict[str, str | int]] = field(default_factory=list)
    same: tuple[str, ...] = ()
    backward: bool = False
    feeds: bool = False

    def act(self, at: int, do: str, name: str = "", case_no: str = "", day: str = "") -> None:
        """Add an act; acts may be added in any order."""
        self.acts.append({"at": at, "do": do, "name": name, "case_no": case_no, "day": day})

    def add(self, dossier: Dossier, role: Role, variant: str) -> None:
        """Take in a case; the house hears of its end as it is written down, of the rest in the evening."""
        dossier.scenario, dossier.role, dossier.variant = self.scenario, role, variant
        self.dossiers.append(dossier)
        for act in dossier.acts:
            if act.what == "completed":
                self.act(act.entered_at, "read")
            elif act.what in {"accepted", "delivered"}:
                self.act(instant(date_of(act.entered_at), EVENING), "read")

    def write(self, home: Path) -> None:
        """Write the play and its stock of rows into the folder of a county."""
        folder = home / "plays" / self.name
        registers: dict[Register, list[tuple[int, dict[str, str]]]] = {}
        for dossier in self.dossiers:
            if not dossier.acts:
                continue
            rows = zip(dossier.in_order, feeds.rows_of(dossier), strict=True)
            registers.setdefault(dossier.register, []).extend((act.entered_at, row) for act, row in rows)
        for register, told in registers.items():
            told.sort(key=lambda found: found[0], reverse=self.backward)
            feeds.stock(folder / "stock" / f"{register}.csv", register, [row for _, row in told])
        said = {
            "scenario": self.scenario, "registers": sorted(registers), "same": self.same,
            "acts": [dict(act) for act in sorted({tuple(act.items()): None for act in self.acts}, key=_when)], "feeds": self.feeds,
        }  # fmt: skip
        (folder / "play.json").write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _when(act: tuple[tuple[str, str | int], ...]) -> int:
    return int(dict(act)["at"])
