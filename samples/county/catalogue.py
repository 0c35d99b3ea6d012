"""Writes what the county's administrator would have written: catalogue, settings, mappings, recipients."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from samples.county import directory
from samples.county.departments import ITEMS, UNITS, Item, limits

TEMPLATES: Final = Path(__file__).parent / "config"
IN_FORCE: Final = "2024-01-01"


def furnish(home: Path, values: Mapping[str, str]) -> None:
    """Write the settings and mappings from their templates (``@NAME@`` stands for a value), and the catalogue."""
    known = {**values, "UNITS": units(), "ROUTES": routes(), "UNIT_CODES": unit_codes()}
    for template in sorted(path for path in TEMPLATES.rglob("*") if path.is_file()):
        text = template.read_text(encoding="utf-8")
        for name, value in known.items():
            text = text.replace(f"@{name}@", value)
        target = home / template.relative_to(TEMPLATES)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    lines = ["# The county's catalogue of service items (事项目录), as published.", "items:", *map(_item, ITEMS)]
    (home / "items.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    directory.furnish(home / "directory")


def units() -> str:
    """Return the names of the units, as lines of TOML."""
    return "\n".join(f'{unit.code} = {{zh = "{unit.zh}", en = "{unit.en}"}}' for unit in UNITS)


def routes() -> str:
    """Return the recipients on the supervised side: of each unit its window and its head."""
    return "\n".join(
        f'[[routes]]\nunit = "{unit.code}"\nrank = "{rank}"\nname = "{unit.zh}{who}"\n'
        f'tell = [{{channel = "units", address = "{unit.code}@county.example"}}]\n'
        for unit in UNITS
        for rank, who in (("R1", "窗口负责人"), ("R2", "分管领导"))
    )


def unit_codes() -> str:
    """Return the code map of units' names, as an inline mapping of YAML."""
    return "{" + ", ".join(f"{unit.zh}: {unit.code}" for unit in UNITS) + "}"


def _item(item: Item) -> str:
    said = {
        "code": item.code, "name": item.name, "from": IN_FORCE, "limits": limits(item),
        "data": {"unit": item.unit, "instant": item.instant},
    }  # fmt: skip
    return f"  - {json.dumps(said, ensure_ascii=False)}"
