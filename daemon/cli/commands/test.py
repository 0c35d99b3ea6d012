"""``mingdeng test``: runs the tests that stand in rulebooks, and says what they do not prove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from daemon.cli.language import chosen, say


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
    unproved = report.unproved()
    if unproved:
        listed = ", ".join(unproved)
        print(say(f"Not proved both ways: {listed}.", f"缺少正反两面测试的规则：{listed}。"))
    failed = [problem for each in report.tests for problem in each.problems]
    passed = sum(each.passed for each in report.tests)
    print(say(f"{passed} of {len(report.tests)} tests passed.", f"{len(report.tests)} 项测试，{passed} 项通过。"))
    if failed:
        raise UserError(failed)
