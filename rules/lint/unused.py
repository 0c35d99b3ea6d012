"""What a rulebook declares it uses; what nothing reads is a slip of the pen or a rule that was forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from rules.draft import Draft
from rules.problems import Problem
from rules.schema import ClockPart, TriggerPart

_NAMES: Final = {
    "parameters": ("parameter", "参数"), "clocks": ("clock", "时钟"), "basis": ("basis", "依据"),
    "registers": ("register", "登记簿"), "attributes": ("attribute", "属性"),
}  # fmt: skip


def check(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for each parameter, clock, basis, register and attribute that nothing in the file reads."""
    if any(path[0] == "rules" for path in draft.touched):
        return
    text = "\n".join(_conditions(draft))
    part = draft.part
    unused = {
        "parameters": [name for name in part.parameters if not _stands(f"param.{name}", text)],
        "clocks": [name for name, clock in part.clocks.items() if not _read(name, draft, text)],
        "basis": [name for name in part.basis if name not in {rule.basis for rule in part.rules}],
        "registers": [name for name in part.registers if not _stands(name, text)],
        "attributes": [name for name in part.attributes if not _stands(name.partition(".")[2], text)],
    }
    for kind, names in unused.items():
        en, zh = _NAMES[kind]
        for name in names:
            if any(f"{name}'" in problem.mend_en for problem in draft.problems):
                continue  # a misspelt word was probably meant to be this one
            yield Problem(
                "lint/unused", draft.document.key_place((kind, name)), f"Nothing uses the {en} '{name}'.",
                f"{zh}“{name}”没有被使用。", "Remove it, or write the rule that was meant to use it.",
                "请删除，或补写使用它的规则。", "warning",
            )  # fmt: skip


def _conditions(draft: Draft) -> Iterator[str]:
    """Yield every text of the file that may read a word."""
    for rule in draft.part.rules:
        yield from (rule.when, *rule.given.values(), *rule.asks, rule.against or "")
        if rule.say is not None:
            yield from (rule.say.zh, rule.say.en)
    for clock in draft.part.clocks.values():
        yield from clock.limit
        yield from (clock.due or "", clock.by or "")
        yield from (trigger.where or "" for trigger in _triggers(clock))
    yield from draft.part.show.values()


def _triggers(clock: ClockPart) -> Iterable[TriggerPart]:
    found = [*clock.starts, *clock.stops]
    found += [clock.pauses.begins, clock.pauses.ends] if clock.pauses is not None else []
    return [*found, clock.extends.by] if clock.extends is not None else found


def _read(name: str, draft: Draft, text: str) -> bool:
    """Say whether a rule is about a clock or reads it, or another clock starts by it."""
    deemed = {trigger.deemed for clock in draft.part.clocks.values() for trigger in clock.starts}
    return name in deemed or name in {rule.clock for rule in draft.rules} or _stands(f"clock.{name}", text)


def _stands(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None
