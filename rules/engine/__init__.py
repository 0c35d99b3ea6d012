"""The rule engine: durable-rules as a pure function over a batch of facts, in a process of its own.

Names are looked up when they are asked for: the engine's process loads this package too, and needs little of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rules.engine.base import Engine, Outcome
    from rules.engine.client import ChildEngine
    from rules.engine.direct import DirectEngine
    from rules.engine.process import EngineUnusable
    from rules.language import Fact, Program, compile_rules

__all__ = ["ChildEngine", "DirectEngine", "Engine", "EngineUnusable", "Fact", "Outcome", "Program", "compile_rules"]

_WHERE: Final = {
    "Engine": "rules.engine.base", "Outcome": "rules.engine.base", "ChildEngine": "rules.engine.client",
    "EngineUnusable": "rules.engine.process", "DirectEngine": "rules.engine.direct", "Fact": "rules.language",
    "Program": "rules.language", "compile_rules": "rules.language",
}  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
