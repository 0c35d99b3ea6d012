"""What can be said against a rulebook that loads: one check per file, found by listing this folder.

A check is a function ``check(draft)`` that yields problems. It never judges a case: it reads what the author wrote.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeAlias

from rules.draft import Draft
from rules.problems import Problem
from rules.salvage import inside

Check: TypeAlias = Callable[[Draft], Iterator[Problem]]


def lint(draft: Draft) -> tuple[Problem, ...]:
    """Return what every check says of a rulebook file; nothing of entries in which something had to be replaced."""
    found = [problem for check in checks() for problem in check(draft)]
    return tuple(problem for problem in found if not inside(draft.document, problem.place, draft.touched))


@cache
def checks() -> tuple[Check, ...]:
    """Return the checks in the order of their files."""
    modules = sorted(info.name for info in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}").check for name in modules)
