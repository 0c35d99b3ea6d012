"""What ``mingdeng rules`` and ``mingdeng items`` share: propose, approve, reject, list and show published law."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from daemon.bootstrap import open_ledger
from daemon.cli.changes import print_changes
from daemon.cli.language import say
from daemon.cli.options import iso
from daemon.cli.trying import Tried, tried, units_of
from daemon.publishing import Desk, Proposal
from daemon.settingsfile import load_settings
from ledger import LawStory
from rules.problems import refuse

STATES: Final = {"proposed": "待审核", "published": "已发布", "rejected": "已驳回", "withdrawn": "已撤回"}
KINDS: Final = {"rulebook": "规则书", "profile": "处置档", "catalogue": "事项目录", "calendar": "日历"}


class Form(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


@contextmanager
def at_desk(config: Path, who: str) -> Iterator[Desk]:
    """Give the desk of a deployment, on its ledger."""
    settings = load_settings(config)
    ledger = open_ledger(settings.ledger.url)
    try:
        with tempfile.TemporaryDirectory(prefix="mingdeng-law-") as folder:
            yield Desk(settings.rules, ledger, Path(folder), who, int(time.time()))
    finally:
        ledger.close()


def propose(file: Path, by: str, reason: str, form: Form, config: Path, *, judge: bool) -> None:
    """Print what a file would change, then lay it before a second person."""
    with at_desk(config, by) as desk:
        proposal = desk.proposal(file)
        found = tried(desk.ledger, proposal.before, proposal.would_be, desk.now) if judge else None
        if form is Form.TEXT:
            _tell(proposal, found)
        number = desk.ledger.propose_law(proposal.law, by, desk.now, reason)
        if form is Form.JSON:
            _json({"number": number, "law": proposal.law.label, "kind": proposal.law.kind, "state": "proposed",
                   **_difference(proposal, found)})  # fmt: skip
            return
        print(say(f"Number {number}, {proposal.law.label}, waits for a second person: mingdeng rules approve {number} --by NAME",
                  f"第 {number} 号 {proposal.law.label} 待第二人审核：mingdeng rules approve {number} --by 姓名"))  # fmt: skip


def approve(number: int, by: str, form: Form, config: Path) -> None:
    """Hold a proposal against the law once more, and publish it."""
    with at_desk(config, by) as desk:
        story = next((each for each in desk.ledger.law_history() if each.number == number), None)
        expected = desk.ledger.law_revision()
        if story is not None and story.state == "proposed":
            desk.waiting(story)
        revision = desk.ledger.approve_law(number, by, desk.now, expected)
        label = story.law.label if story is not None else ""
        if form is Form.JSON:
            _json({"number": number, "law": label, "state": "published", "revision": revision})
            return
        print(say(f"{label} is published as revision {revision} of the law; a running daemon takes it up by itself.",
                  f"{label} 已发布（法规第 {revision} 次发布）；运行中的服务将自动启用。"))  # fmt: skip


def reject(number: int, by: str, reason: str, form: Form, config: Path) -> None:
    """Turn a proposal down, or withdraw one's own."""
    with at_desk(config, by) as desk:
        state = desk.ledger.reject_law(number, by, desk.now, reason)
    if form is Form.JSON:
        _json({"number": number, "state": state.value})
    else:
        print(say(f"Number {number} is {state.value}.", f"第 {number} 号{STATES[state.value]}。"))


def history(name: str | None, form: Form, config: Path) -> None:
    """List what was proposed, published, rejected and withdrawn, by whom and when."""
    with at_desk(config, "") as desk:
        stories = [s for s in desk.ledger.law_history() if name in {None, s.law.name}]
        zone = desk.rules.zone
    if form is Form.JSON:
        _json([_plain(story) for story in stories])
        return
    if not stories:
        print(say("Nothing was published yet.", "尚无发布记录。"))
        return
    table = Table(box=None, pad_edge=False)
    for head in (
        say("no.", "编号"), say("kind", "类别"), say("law", "名称与版本"), say("from", "生效"), say("state", "状态"),
        say("proposed", "提出"), say("decided", "审核"), say("reason", "理由"), "sha256",
    ):  # fmt: skip
        table.add_column(head, overflow="fold")
    for story in stories:
        decided = f"{story.decided_by} {iso(story.decided_at, zone)}" if story.decided_at is not None else "—"
        table.add_row(
            str(story.number), say(story.law.kind, KINDS[story.law.kind]), story.law.label,
            str(story.law.from_on or "—"), say(story.state.value, STATES[story.state.value]),
            f"{story.proposed_by} {iso(story.proposed_at, zone)}", decided, story.reason or "—", story.sha256[:12],
        )  # fmt: skip
    console = Console()
    (console if console.is_terminal else Console(width=240)).print(table, markup=False)


def show(label: str, config: Path) -> None:
    """Print the text of a law, as ``name@version`` or by its number."""
    with at_desk(config, "") as desk:
        stories = desk.ledger.law_history()
    named = [s for s in stories if label in {s.law.label, str(s.number)}]
    named.sort(key=lambda story: (story.published_as or 0, story.number))
    if not named:
        raise refuse(
            "law/unknown", label, "No such law was proposed or published.", "没有这样的提案或发布。",
            mend_en="`mingdeng rules history` lists them.", mend_zh="请用 `mingdeng rules history` 查看。",
        )  # fmt: skip
    print(named[-1].law.text, end="")


def _tell(proposal: Proposal, found: Tried | None) -> None:
    print_changes(proposal.changes)
    if found is None:
        return
    print(
        say(
            f"Over the {found.cases:,} cases of the ledger, had it been in force: {found.cards[0]:,} cards become {found.cards[1]:,}; "
            f"{len(found.carded):,} new, {len(found.spared):,} no longer; {found.lights:,} cases have another light.",
            f"以台账 {found.cases:,} 件试算（视为已生效）：牌 {found.cards[0]:,} 张变为 {found.cards[1]:,} 张；"
            f"新增 {len(found.carded):,} 张，不再发 {len(found.spared):,} 张；{found.lights:,} 件的灯不同。",
        )
    )
    for sign, cards in (("+", found.carded), ("-", found.spared)):
        for (unit, rule, colour), count in units_of(cards).items():
            print(f"  {sign}{count} {unit or '—'} {rule} {colour}")


def _difference(proposal: Proposal, found: Tried | None) -> dict[str, object]:
    changes = [
        dict(
            zip(
                ("kind", "name", "feature", "was", "becomes"),
                (c.kind, c.name, c.feature, c.was, c.becomes),
                strict=True,
            )
        )
        for c in proposal.changes
    ]
    return {"changes": changes, "backtest": found.as_plain() if found is not None else None}


def _plain(story: LawStory) -> dict[str, object]:
    return {
        "number": story.number, "kind": story.law.kind, "law": story.law.label,
        "from": str(story.law.from_on) if story.law.from_on else None, "state": story.state.value,
        "proposed_by": story.proposed_by, "proposed_at": story.proposed_at, "decided_by": story.decided_by,
        "decided_at": story.decided_at, "reason": story.reason, "sha256": story.sha256, "revision": story.published_as,
    }  # fmt: skip


def _json(said: object) -> None:
    print(json.dumps(said, ensure_ascii=False, indent=1))
