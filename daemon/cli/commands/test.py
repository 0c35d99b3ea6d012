"""``mingdeng test``: runs the tests that stand in rulebooks, and says what they do not prove."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daemon.cli.language import chosen, say
from rules.problems import render
from rules.statistics import Ratio

if TYPE_CHECKING:
    from rules.booktests import Report


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("test")
    def test(
        path: Annotated[
            Path | None, typer.Argument(help="Rulebook, or a folder of them; else the shipped ones.")
        ] = None,
        profile: Annotated[str | None, typer.Option(help="Severity profile.")] = None,
        calendar: Annotated[str, typer.Option(help="Calendar of tests that name none.")] = "cn",
        mutants: Annotated[
            bool, typer.Option("--mutants", help="Make each rule wrong in one place and say what no test notices.")
        ] = False,
    ) -> None:
        """Run the tests in the rulebooks and say which rules no test proves; exit 1 if one fails."""
        paths = [path] if path is not None else []
        folder = [path if path.is_dir() else path.parent] if path is not None else []
        if mutants:
            _mutants(paths, folder, calendar)
        else:
            _tests(paths, folder, calendar, Path(profile) if profile and Path(profile).suffix else profile)


def _mutants(paths: list[Path], folder: list[Path], calendar: str) -> None:
    from rules.calendarbook import open_calendars
    from rules.mutation import run_mutants

    mutation = run_mutants(paths, open_calendars(folder), calendar=calendar)
    print(mutation.table(chosen()))
    if mutation.survivors:
        raise typer.Exit(1)


def _tests(paths: list[Path], folder: list[Path], calendar: str, profile: Path | str | None) -> None:
    from rules.booktests import run_tests
    from rules.calendarbook import open_calendars
    from rules.engine import ChildEngine
    from rules.problems import UserError

    with ChildEngine() as engine:
        report = run_tests(paths, open_calendars(folder), calendar=calendar, engine=engine, profile=profile)
    for each in report.tests:
        mark = "ok  " if each.passed else "FAIL"
        print(f"{mark} {each.book}: {each.name}")
    _print_coverage(report)
    unproved = report.unproved()
    if unproved:
        listed = ", ".join(unproved)
        print(say(f"Not proved both ways: {listed}.", f"缺少正反两面测试的规则：{listed}。"))
    failed = [problem for each in report.tests for problem in each.problems]
    passed = sum(each.passed for each in report.tests)
    print(say(f"{passed} of {len(report.tests)} tests passed.", f"{len(report.tests)} 项测试，{passed} 项通过。"))
    if failed:
        raise UserError(failed)


def _print_coverage(report: Report) -> None:
    """Print for each rule how often tests saw it and how many of its branches, then each branch that none has seen."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(say("rule", "规则"))
    for head in (say("holds", "成立"), say("not", "不成立"), say("undetermined", "待定"), say("branches", "分支")):
        table.add_column(head, justify="right")
    for each in report.coverage:
        seen, count = report.seen[each.rule], len(each.branches)
        table.add_row(
            each.rule, str(seen["holds"]), str(seen["not"]), str(seen["undetermined"]),
            f"{count - len(each.unseen)}/{count}",
        )  # fmt: skip
    Console().print(table)
    unseen = [problem for each in report.coverage for problem in each.problems()]
    if unseen:
        print(render(unseen, chosen()))
    count = sum(len(each.branches) for each in report.coverage)
    share = Ratio(count - len(unseen), count).text(1, chosen())
    rules = sum(bool(report.seen[each.rule]["holds"]) for each in report.coverage)
    print(say(f"{rules} of {len(report.coverage)} rules seen to hold; {count - len(unseen)} of {count} branches seen ({share}).",
              f"{len(report.coverage)} 条规则中 {rules} 条见其成立；分支 {count} 个，已见 {count - len(unseen)} 个（{share}）。"))  # fmt: skip
