"""Runs a command and turns what went wrong into an exit code by whose fault it is.

0 done · 1 something that the user wrote is wrong · 2 the command was used wrongly · 3 our fault, with a report in a
file · 130 interrupted with Ctrl-C.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import Annotated, Final

import typer

import daemon.cli.commands as folder_of_commands
from daemon.cli.language import choose, chosen
from daemon.cli.report import write_report
from daemon.house import one_roof
from rules.problems import UserError, render

EXIT_USER: Final = 1
EXIT_OURS: Final = 3
EXIT_INTERRUPTED: Final = 130


def application() -> typer.Typer:
    """Return the commands: every file of the folder ``commands`` adds its own."""
    app = typer.Typer(
        name="mingdeng",
        help="明灯 · electronic supervision of a government service centre.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def options(
        lang: Annotated[str | None, typer.Option(help="Language of messages: zh or en; else as $LANG says.")] = None,
    ) -> None:
        if lang is not None and lang not in {"zh", "en"}:
            raise typer.BadParameter("zh or en", param_hint="--lang")
        choose(lang)

    for module in sorted(info.name for info in pkgutil.iter_modules(folder_of_commands.__path__)):
        importlib.import_module(f"{folder_of_commands.__name__}.{module}").add_to(app)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command of ``arguments`` (those of the process if None) and exit."""
    sys.exit(run(list(arguments) if arguments is not None else sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command and return its exit code; never raises."""
    choose(None)
    try:
        one_roof()
        code = application()(arguments, prog_name="mingdeng", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except UserError as error:
        print(render(error.problems, chosen()), file=sys.stderr)
        return EXIT_USER
    except typer.exceptions.TyperException as error:
        return _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output (head, less) has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  # whatever else it is, it is our fault, and a report says so
        print(write_report(arguments, error, chosen()), file=sys.stderr)
        return EXIT_OURS


def _misused(error: typer.exceptions.TyperException) -> int:
    """Show what was wrong with the command line, with its usage, and return the exit code."""
    show = getattr(error, "show", None)
    if callable(show):
        show()
    else:
        print(error, file=sys.stderr)
    return int(getattr(error, "exit_code", 2))
