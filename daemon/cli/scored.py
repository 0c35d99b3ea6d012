"""Shows the score of a sample county: a row for each scenario, then precision and recall."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from daemon.cli.language import say
from rules.problems import Language
from rules.statistics import Ratio


class ScoredRow(Protocol):
    """One scenario of the score."""

    scenario: str
    injected: int
    found: int
    missed: int
    look_alikes: int
    false_alarms: int
    absent: tuple[str, ...]
    wrong: tuple[str, ...]


class Scored(Protocol):
    """The score of a county, as the samples count it: the product does not know its own examiners."""

    @property
    def rows(self) -> Sequence[ScoredRow]:
        """One row for each scenario, the ordinary cases last."""

    @property
    def precision(self) -> float:
        """The share of findings that were owed."""

    @property
    def recall(self) -> float:
        """The share of owed findings that were found."""

    @property
    def perfect(self) -> bool:
        """Whether all that was owed was found and nothing else."""

    @property
    def absent(self) -> tuple[str, ...]:
        """Scenarios of which something is not supervised yet."""


def _percent(share: float, language: Language) -> str:
    return Ratio(Decimal(str(share)), 1).text(2, language)


def shown(score: Scored, wrong: int) -> None:
    """Print the table, up to ``wrong`` wrong findings for each scenario, and the two figures."""
    heads = say("injected found missed look-alikes false", "植入 发现 漏报 相似件 误报").split()
    print(f"{say('scenario', '情形'):<56} " + " ".join(f"{head:>11}" for head in heads))
    for row in score.rows:
        figures = (row.injected, row.found, row.missed, row.look_alikes, row.false_alarms)
        print(f"{row.scenario:<56} " + " ".join(f"{figure:>11,}" for figure in figures))
        for each in row.wrong[:wrong]:
            print(f"    {each}")
        if row.absent:
            print("    " + say("not supervised yet: ", "尚未监察：") + ", ".join(row.absent))
    print(
        say(
            f"precision {_percent(score.precision, 'en')}  recall {_percent(score.recall, 'en')}",
            f"准确率 {_percent(score.precision, 'zh')}  召回率 {_percent(score.recall, 'zh')}",
        )
    )
