"""``mingdeng explain``: why a case has its light."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daemon.cli.judging import known_by, law_of_files, read_source
from daemon.cli.language import chosen
from daemon.cli.options import CONFIG, Config, instant
from daemon.cli.secrets import of_environment
from rules.problems import UserError, refuse

if TYPE_CHECKING:
    from daemon.law import Law
    from rules.explanation import Explanation, Known
    from rules.facts import Case, Instant


class Form(StrEnum):
    """How the explanation is written."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("explain")
    def explain(
        case: Annotated[str, typer.Argument(help="The case, as namespace/kind/number.")],
        at: Annotated[str | None, typer.Option(help="As of this instant; now if not given.")] = None,
        as_known_at: Annotated[
            str | None, typer.Option(help="What was known and judged at this instant, not what is known now.")
        ] = None,
        form: Annotated[Form, typer.Option("--format", help="How it is written.")] = Form.TEXT,
        source: Annotated[
            Path | None, typer.Option(help="Mapping of a source that holds the case; else the ledger is read.")
        ] = None,
        path: Annotated[Path | None, typer.Option(help="File or folder that the source reads.")] = None,
        rulebook: Annotated[
            list[Path] | None, typer.Option(help="With --source: rulebook; may be repeated. Else the shipped ones.")
        ] = None,
        items: Annotated[Path | None, typer.Option(help="With --source: item catalogue.")] = None,
        calendar: Annotated[str | None, typer.Option(help="With --source: calendar of clocks that name none.")] = None,
        config: Config = CONFIG,
    ) -> None:
        """Say why a case has its light: clocks day by day, findings with values, articles and source rows."""
        if source is not None:
            print(_written(_of_source(case, source, path, law_of_files(rulebook or [], calendar, items), at), form))
            return
        from daemon.law import read_law
        from daemon.published import in_use
        from daemon.settingsfile import load_settings
        from rules.engine import ChildEngine
        from rules.explaining import explained

        settings = load_settings(config)
        zone = settings.rules.zone
        then = instant(as_known_at, zone, "--as-known-at") if as_known_at is not None else None
        now = instant(at, zone, "--at") if at is not None else then if then is not None else int(time.time())
        found, known = _read(settings.ledger.url, case, then)
        with in_use(settings, then) as rules:
            law = read_law(
                rules.books,
                profile=rules.profile,
                calendar=rules.calendar,
                calendars=rules.calendars,
                items=rules.items,
            )
        with ChildEngine() as engine:
            units = {code: name.model_dump() for code, name in settings.units.items()}
            print(_written(explained(found, law.context(engine), now, known, units), form))


def _of_source(case: str, source: Path, path: Path | None, law: Law, at: str | None) -> Explanation:
    """Return why a case of a source has its light, without a ledger; a number is enough where it is the only one."""
    from connectors.registry import load_source, open_connector
    from rules.engine import ChildEngine
    from rules.explaining import explained
    from rules.facts import fold

    now = instant(at, law.default_calendar.zone, "--at") if at is not None else int(time.time())
    connector = open_connector(load_source(source), of_environment(), Path.cwd(), path)
    try:
        events = read_source(connector, now, lambda _: None).events
    finally:
        connector.close()
    named = [case_id for case_id in events if case in {str(case_id), case_id.case_no}]
    if len(named) != 1:
        raise _not_in(source, case)
    with ChildEngine() as engine:
        return explained(known_by(fold(named[0], events[named[0]]), now), law.context(engine), now)


def _read(url: str, case: str, then: Instant | None) -> tuple[Case, Known | None]:
    """Return the case as it stands, or as it was known and judged ``then``."""
    from ledger import Ledger, views
    from rules.explanation import Known
    from rules.facts import CaseId

    if case.count("/") < 2:
        raise _unknown(case)
    case_id, ledger = CaseId.parse(case), Ledger(url)
    try:
        ledger.check()
        if then is None:
            view = views.case(ledger, case_id)
            if view is None:
                raise _unknown(case)
            return view.case, None
        known = views.known_at(ledger, case_id, then)
    finally:
        ledger.close()
    if known is None:
        raise _unknown_then(case)
    return known.case, Known(then, known.light, known.state, known.because, known.spans)


def _written(explanation: Explanation, form: Form) -> str:
    if form is Form.JSON:
        import msgspec

        return msgspec.json.format(msgspec.json.encode(explanation), indent=1).decode()
    if form is Form.HTML:
        from console.explained import fragment

        return fragment(explanation, chosen())
    from rules.explain import as_text

    return as_text(explanation, chosen())


def _not_in(source: Path, case: str) -> UserError:
    return refuse(
        "cli/case-source", source, f"The source holds no case {case}, or several.", f"来源中没有案件 {case}，或不止一件。",
        mend_en="Copy the number from the first column of 'mingdeng review', or name it as namespace/kind/number.",
        mend_zh="请照抄 mingdeng review 第一列的编号，或写成 命名空间/类别/编号。",
    )  # fmt: skip


def _unknown(case: str) -> UserError:
    return refuse(
        "cli/case", case, "The ledger knows no such case.", "台账中没有这个案件。",
        mend_en="Name it as namespace/kind/number, such as licensing/application/2024-00017.",
        mend_zh="请写成 命名空间/类别/编号，如 licensing/application/2024-00017。",
    )  # fmt: skip


def _unknown_then(case: str) -> UserError:
    return refuse(
        "cli/case-then", case, "The ledger knew no such case at that instant.", "台账当时还没有这个案件。",
        mend_en="Leave out --as-known-at, or choose a later instant.", mend_zh="请去掉 --as-known-at，或选更晚的时刻。",
    )  # fmt: skip
