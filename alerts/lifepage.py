"""Writes docs/cards.md and docs/牌的办理.md from the table of moves and the rulebook of supervisors: ``python -m alerts.lifepage``.

So the pages cannot disagree with the program; a test holds them against each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict

from alerts.model import Deed, Stage
from alerts.moves import MOVES, Move
from rules.documents import load, validate
from rules.glossary import label, worded
from rules.judgement import Amount
from rules.loader import BOOKS
from rules.policy import Rank
from rules.problems import Language
from rules.quantities import Quantity

PAGES: Final[dict[Language, Path]] = {"en": Path("docs/cards.md"), "zh": Path("docs/牌的办理.md")}

_WRITTEN: Final = (
    "<!-- written by `python -m alerts.lifepage` from alerts/moves.py and rules/books/supervisors.yaml -->"
)

_TEXTS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "title": "# The life of a card",
        "intro": "What may follow what, who may do it, what it takes, and until when. [中文](牌的办理.md)",
        "picture": "## The picture",
        "first": "A card begins as issued, or as to be confirmed where its rule says so.",
        "table": "## The table",
        "head": "| deed | from | to | by | has to say | not by who did |\n|---|---|---|---|---|---|",
        "stays": "(stays)",
        "open": "every stage from “{first}” to “{last}”",
        "before_too": "“{stage}” and {rest}",
        "stages": "## Deadlines",
        "deadlines": "Each stage has its clock in the rulebook `supervisors`; the values below are its defaults, and an office "
        "changes them by publishing a version of its own. While an appeal is pending, the clocks of rectification and of the "
        "consequence pause; the clock of the case never does.",
        "clock_head": "| clock | limit | what is found of it, and which rank is told |\n|---|---|---|",
        "facts": "## What the facts do",
        "facts_text": "Corrected data may change a card without anybody's deed: it rises, it is corrected, its condition ends (the "
        "card stands), it is revoked with its reason, and a closed card whose condition comes back is open again.",
        "evidence": "Papers have to bear a date before the card. A signature may be taken back for a few minutes. Of two people who act at "
        "once one wins, and the other is told who was first and looks again. A measure against a person names the person with his post.",
    },
    "zh": {
        "title": "# 牌的办理",
        "intro": "何种状态之后可做什么、由谁做、须填什么、何时到期。[English](cards.md)",
        "picture": "## 状态图",
        "first": "牌自“待签收”开始；规则规定须经确认的，自“待确认”开始。",
        "table": "## 状态表",
        "head": "| 办理 | 起始状态 | 到达状态 | 由谁 | 须填 | 回避（曾办理下列事项者） |\n|---|---|---|---|---|---|",
        "stays": "（不变）",
        "open": "“{first}”至“{last}”各状态",
        "before_too": "“{stage}”及{rest}",
        "stages": "## 期限",
        "deadlines": "每个环节在规则集 `supervisors` 中都有时钟。下表为默认值，各地可发布自己的版本予以调整。申诉期间，整改和处理结果的时钟中止；"
        "办件本身的时钟从不中止。",
        "clock_head": "| 时钟 | 时限 | 所认定的情形及告知层级 |\n|---|---|---|",
        "facts": "## 数据引起的变化",
        "facts_text": "数据更正后，牌可不经人办理而变化：升级、更正、情形终止（牌仍有效）、撤销并载明理由；已销号的牌情形再次出现时重新启动。",
        "evidence": "附件形成日期须早于发牌。签收后数分钟内可以撤回。两人同时办理的，先者有效，后者会被告知由谁先办，再看再办。对个人作出的处理须写明其人及职务。",
    },
}  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Titled(_Part):
    title: dict[str, str]


class _Clock(_Titled):
    limit: str


class _Rule(_Titled):
    id: str
    when: str
    tell: str = ""


class _Value(_Part):
    value: str | int


class _Book(_Part):
    parameters: dict[str, tuple[_Value, ...]]
    clocks: dict[str, _Clock]
    rules: tuple[_Rule, ...]


class _Deadline(NamedTuple):
    title: str
    limit: str
    rules: tuple[_Rule, ...]


def page(language: Language) -> str:
    """Return the text of the page in one language."""
    said = _TEXTS[language]
    parts = [
        said["title"], _WRITTEN, said["intro"], said["picture"], said["first"], picture(language), said["table"],
        "\n".join((said["head"], *(_row(move, language) for move in MOVES))), said["evidence"], said["facts"],
        said["facts_text"], said["stages"], said["deadlines"],
        "\n".join((said["clock_head"], *_deadline_rows(language))),
        "\n".join(f"- {rank.value}: {label('ranks', rank, language)}" for rank in Rank),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def picture(language: Language) -> str:
    """Return the stages and what leads from one to another, as a Mermaid state diagram."""
    lines = ["```mermaid", "stateDiagram-v2", "  direction LR"]
    lines += [f"  {stage.value}: {label('stages', stage, language)}" for stage in Stage]
    lines += ["  [*] --> proposed", "  [*] --> issued"]
    arrows: dict[tuple[Stage, Stage], list[Deed]] = {}
    for move in MOVES:
        for stage in Stage:
            if move.to is not None and stage in move.stages:
                arrows.setdefault((stage, move.to), []).append(move.deed)
    for (start, end), deeds in arrows.items():
        named = ("、" if language == "zh" else ", ").join(label("deeds", deed, language) for deed in deeds)
        lines.append(f"  {start.value} --> {end.value}: {named}")
    lines += ["  closed --> [*]", "  revoked --> [*]", "```"]
    return "\n".join(lines)


def _row(move: Move, language: Language) -> str:
    def listed(group: str, keys: Iterable[str]) -> str:
        return (" / " if language == "zh" else ", ").join(label(group, key, language) for key in keys)

    to = label("stages", move.to, language) if move.to is not None else _TEXTS[language]["stays"]
    cells = (
        label("deeds", move.deed, language),
        _open(move, language) or listed("stages", (stage for stage in Stage if stage in move.stages)), to,
        label("sides", move.side, language), listed("deed_fields", move.needs), listed("deeds", move.apart),
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _open(move: Move, language: Language) -> str:
    """Name the stages of a move that may be done while the card is open, "" if it needs a certain stage."""
    every = frozenset(Stage) - {Stage.PROPOSED, Stage.REVOKED, Stage.CLOSED}
    if not move.stages >= every:
        return ""
    names = {stage: label("stages", stage, language) for stage in Stage}
    said = _TEXTS[language]["open"].format(first=names[Stage.ISSUED], last=names[Stage.VERIFIED])
    if Stage.PROPOSED in move.stages:
        return _TEXTS[language]["before_too"].format(stage=names[Stage.PROPOSED], rest=said)
    return said


def _deadline_rows(language: Language) -> Iterator[str]:
    for each in _deadlines(language):
        found = "；" if language == "zh" else "; "
        rules = found.join(f"{rule.id} {rule.title[language]}{_rank(rule)}" for rule in each.rules)
        yield f"| {each.title} | {each.limit} | {rules} |"


def _rank(rule: _Rule) -> str:
    return f" ({rule.tell})" if rule.tell else ""


def _deadlines(language: Language) -> Iterator[_Deadline]:
    book = validate(_Book, load(BOOKS / "supervisors.yaml"))
    for name, clock in book.clocks.items():
        quantity = Quantity.parse(str(book.parameters[clock.limit.removeprefix("param.")][-1].value))
        limit = worded(Amount(str(quantity.amount), quantity.unit.value), language)
        rules = tuple(rule for rule in book.rules if re.search(rf"\bclock\.{name}\.", rule.when))
        yield _Deadline(clock.title[language], limit, rules)


if __name__ == "__main__":
    for each, path in PAGES.items():
        path.write_text(page(each), encoding="utf-8")
