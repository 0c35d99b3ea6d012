"""Reads a rulebook whose shape is wrong in places: what does not fit is left out or replaced, so the rest can be held too.

So one run names the faults of shape together with the faults of meaning; a file that needed this is never loaded.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rules.documents import Document, Fault, Path_, Plain, faults
from rules.problems import Place, Problem, UserError
from rules.schema import RulebookPart

ROUNDS: Final = 6
STAND_INS: Final[Mapping[str, Plain]] = {
    "rulebook": "unnamed", "title": {"zh": "", "en": ""}, "version": 1, "in_force": {"from": "1900-01-01"},
    "zh": "", "en": "", "from": "1900-01-01", "text": "", "value": 1, "event": "received", "starts": "received",
    "stops": "completed", "limit": "1 workday", "to": "received", "by": "received", "id": "X", "of": "application",
    "when": "case.no == x", "name": "", "given": [], "expect": [],
}  # fmt: skip
"""What stands for a value that is missing or wrong."""
ENTRIES: Final = frozenset({"clocks", "basis"})
"""Mappings whose entries keep their name, so that what refers to them still finds them."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What could be read: ``replaced`` are the values that had to be replaced, ``touched`` the entries that hold them."""

    part: RulebookPart
    problems: tuple[Problem, ...]
    replaced: frozenset[Path_]
    touched: frozenset[Path_]


def salvaged(document: Document) -> Salvaged:
    """Return the file as a model with the faults of its shape; raise ``UserError`` if too little remains to go on."""
    data = copy.deepcopy(document.data)
    first = found = faults(RulebookPart, document, data)
    problems = (*document.problems, *(fault.problem for fault in first if not fault.told))
    for _ in range(ROUNDS):
        if not found:
            part = RulebookPart.model_validate(data)
            paths = frozenset(fault.path for fault in first)
            readers = frozenset(_readers(part, paths))
            return Salvaged(part, problems, paths | readers, readers | {path[:2] for path in paths})
        for fault in found:
            _mend(data, fault)
        found = faults(RulebookPart, document, data)
    raise UserError(problems)


def _mend(data: Plain, fault: Fault) -> None:
    """Replace what is at fault by something that fits: an entry of a list by nothing, a key by its stand-in."""
    if not fault.path:
        return
    container, last = _container(data, fault.path)
    if isinstance(container, list) and isinstance(last, int):
        container[last] = {}
    elif isinstance(container, dict) and isinstance(last, str):
        if fault.missing:
            container[last] = copy.deepcopy(STAND_INS.get(last, ""))
        else:
            entry = container.get(last)
            if len(fault.path) == 2 and fault.path[0] in ENTRIES:
                container[last] = {**entry, "limit": STAND_INS["limit"]} if isinstance(entry, dict) else {}
            else:
                container.pop(last, None)


def _container(data: Plain, path: Path_) -> tuple[Plain, str | int]:
    """Return the list or mapping that holds the value at ``path`` as far as it can be followed, and the last step."""
    current: Plain = data
    for step in path[:-1]:
        inner: Plain = None
        if isinstance(current, dict) and isinstance(step, str):
            inner = current.get(step)
        elif isinstance(current, list) and isinstance(step, int):
            inner = current[step]
        if not isinstance(inner, dict | list):
            return current, step
        current = inner
    return current, path[-1]


def _readers(part: RulebookPart, replaced: Iterable[Path_]) -> Iterable[Path_]:
    """Yield the rules that read a parameter or attribute that was replaced: what is said of them would be guesswork."""
    words = {f"param.{path[1]}" for path in replaced if path[0] == "parameters" and len(path) > 1}
    words |= {str(path[1]) for path in replaced if path[0] == "attributes" and len(path) > 1}
    for index, rule in enumerate(part.rules):
        if any(word in rule.when for word in words):
            yield ("rules", index)


def inside(document: Document, place: Place, entries: Iterable[Path_]) -> bool:
    """Say whether a place lies within the lines of one of these entries of the file."""
    for entry in entries:
        size = len(entry)
        lines = [found.line or 0 for path, found in document.places.items() if path[:size] == entry]
        lines += [found.line or 0 for path, found in document.key_places.items() if path[:size] == entry]
        if lines and place.line is not None and min(lines) <= place.line <= max(lines):
            return True
    return False
