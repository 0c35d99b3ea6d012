"""Which units an answer may speak of: every view that tells of units, cases or cards takes this, and asks the database for no more."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct


class Within(Struct, frozen=True):
    """The units that may be seen, None for all. Into a query goes ``sql(column)``, into its values ``values()``.

    The column's rows without a unit ("") belong only to whoever sees all. ``text(f"... where {within.sql('unit')}")``
    with ``{..., **within.values()}`` works on SQLite (``json_each``) and PostgreSQL.
    """

    units: frozenset[str] | None = None

    def sql(self, column: str, *, sqlite: bool) -> str:
        """Return the condition on a column of units, to be joined by ``and``; ``column`` is never a person's input."""
        if self.units is None:
            return "1 = 1"
        each = "json_each(:within)" if sqlite else "json_array_elements_text(cast(:within as json))"
        return f"{column} in (select value from {each} as w)"  # noqa: S608  # own names

    def values(self) -> dict[str, str]:
        """Return the values that the condition needs."""
        if self.units is None:
            return {}
        return {"within": msgspec.json.encode(sorted(self.units - {""})).decode()}

    def holds(self, unit: str) -> bool:
        """Say whether a unit may be seen."""
        return self.units is None or bool(unit and unit in self.units)


ALL: Final = Within()
