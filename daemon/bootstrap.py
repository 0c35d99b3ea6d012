"""The one place of assembly: from settings to a house that runs and can be stopped."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Final

import uvicorn
from pydantic import SecretStr

from alerts.channels.base import Channel
from alerts.channels.registry import open_channel
from alerts.documents.model import Office
from connectors.base import Connector
from connectors.registry import load_source, open_connector
from console.access.access import Access
from console.app import create_app
from daemon.access import access_of
from daemon.alerting import Alerting, routes_of, timing_of
from daemon.appeals import counts_from
from daemon.duties.digest import Digest
from daemon.duties.gather import Gather
from daemon.duties.ingest import Ingest, lag_hours
from daemon.duties.marking import LawfulReview
from daemon.duties.notify import Notify
from daemon.duties.review import Review
from daemon.duties.sweep import Sweep
from daemon.duties.watch import Concern, Look, Watch, calendar_horizon, clock, disk, work_in_time
from daemon.explainer import Explainer
from daemon.law import Law, Problems, read_law
from daemon.lawinforce import LawInForce, policies, titles
from daemon.metrics import Exposition
from daemon.metrics.snapshot import Snapshot
from daemon.readiness import troubles
from daemon.settings import Settings, SourceSettings
from daemon.settling import settle
from daemon.supervisor import Job, Supervisor
from daemon.telling import RoutingInForce
from daemon.version import product_version
from daemon.workshop import Bench
from ledger import Ledger, views
from rules.context import Context
from rules.engine import ChildEngine
from rules.facts import Instant
from rules.gathering import Terms, terms_of
from rules.problems import Place, Problem, refuse
from rules.remaining import remaining
from rules.review import review
from rules.supervised import supervised
from rules.tracing import tracing

EVER: Final = 0
"""Judged from the beginning of time: recording compares all spans with those that are stored."""


@dataclass
class House:
    """Everything that runs: duties in their loop, pages on their port. ``stop`` may be called twice."""

    settings: Settings
    ledger: Ledger
    supervisor: Supervisor
    server: uvicorn.Server
    listening: socket.socket
    closing: Sequence[Callable[[], None]]
    ending: Event
    _serving: Thread | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """Where the pages are."""
        host, port = self.listening.getsockname()[:2]
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104  # only compared

    def start(self) -> None:
        """Open the pages and begin with the duties."""
        settle()
        self._serving = Thread(target=partial(self.server.run, [self.listening]), name="console", daemon=True)
        self._serving.start()
        self.supervisor.start()

    def stop(self) -> None:
        """Let duties in flight finish, close pages, sources, channels, engines and the ledger."""
        self.ending.set()
        self.supervisor.stop()
        self.server.should_exit = True
        if self._serving is not None:
            self._serving.join(10)
        self.listening.close()
        for close in self.closing:
            close()
        self.ledger.close()


@dataclass(frozen=True, slots=True)
class Parts:
    """What the settings name, read and connected to nothing yet."""

    law: Law
    access: Access
    connectors: Sequence[Connector]
    channels: Mapping[str, Channel]


def assemble(settings: Settings, file: str, now: Callable[[], float] = time.time) -> House:
    """Put the house together; raise ``UserError`` with everything that is wrong before anything is started."""
    parts = read_parts(settings, file)
    ledger = open_ledger(settings.ledger.url)
    return _built(settings, parts, ledger, listen(settings.console.host, settings.console.port), now)


def read_parts(settings: Settings, file: str) -> Parts:
    """Read everything that the settings name; raise ``UserError`` with the problems of all of it."""
    problems, folder = Problems(), Path(file).resolve().parent
    law = problems.attempt(lambda: law_of(settings))
    access = problems.attempt(lambda: access_of(settings))
    sources = [
        problems.attempt(partial(_open_source, each, settings.secret_values(), folder)) for each in settings.sources
    ]
    channels = _open_channels(settings, Path(file), folder, problems)
    _one_reader_each([each for each in sources if each is not None], problems)
    if law is None or access is None or problems.found:
        raise problems.error()
    return Parts(law, access, [each for each in sources if each is not None], channels)


def law_of(settings: Settings) -> Law:
    """Read the law that the settings name."""
    rules = settings.rules
    return read_law(
        rules.books, profile=rules.profile, calendar=rules.calendar, calendars=rules.calendars, items=rules.items
    )


def open_ledger(url: str) -> Ledger:
    """Return the ledger at head: the embedded one is brought there, a server's only after ``mingdeng db upgrade``."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(url)
    if url.startswith("sqlite:"):
        ledger.upgrade()
    ledger.check()
    return ledger


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound but serves nobody yet; raise ``UserError`` where it cannot be had."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)  # who comes before the pages are up waits a moment instead of being turned away
    except OSError as error:
        listening.close()
        raise refuse(
            "console/address", f"{host}:{port}",
            f"The pages cannot be opened there: {error.strerror}.", f"无法在此地址打开页面：{error.strerror}。",
            mend_en="Choose another port: MINGDENG_CONSOLE__PORT=8601, or console.port in the settings.",
            mend_zh="请换一个端口：MINGDENG_CONSOLE__PORT=8601，或修改配置中的 console.port。",
        ) from error  # fmt: skip
    return listening


def _open_source(source: SourceSettings, secrets: Mapping[str, str], folder: Path) -> Connector:
    return open_connector(load_source(source.mapping), secrets, folder, source.path)


def _one_reader_each(connectors: Sequence[Connector], problems: Problems) -> None:
    """Two mappings under one name would share a cursor, and each would skip what the other read."""
    names = [connector.source for connector in connectors]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.found.append(
            Problem(
                "settings/source", Place(name),
                f"Two sources are called '{name}'.", f"有两个数据源都叫“{name}”。",
                "Give each mapping a name of its own in its line 'source:'.", "请在各映射的 source: 行使用不同名称。",
            )
        )  # fmt: skip


def _open_channels(settings: Settings, file: Path, folder: Path, problems: Problems) -> dict[str, Channel]:
    secrets = {name: SecretStr(value) for name, value in settings.secret_values().items()}
    opened: dict[str, Channel] = {}
    for name, table in settings.channels.items():
        channel = problems.attempt(partial(open_channel, name, table.model_dump(), secrets, folder, str(file)))
        if channel is not None:
            opened[name] = channel
    return opened


def _built(
    settings: Settings, parts: Parts, ledger: Ledger, listening: socket.socket, now: Callable[[], float]
) -> House:
    law, ending = LawInForce(settings.rules, ledger, parts.law), Event()
    engine, second = ChildEngine(), ChildEngine()
    address = _address(settings, listening)
    alerting = Alerting(settings, ledger, law, address)
    judging = LawfulReview(ledger, law, lambda each: _judging(settings, each.context(engine), ledger, alerting, ending))
    notify = Notify(ledger, parts.channels, lambda: int(now()), ending.is_set)
    sweep = Sweep(ledger, lambda: law.law.books.policies)
    watch = _watch(settings, law, ledger, (notify.look, sweep.look, alerting.look))
    gather = Gather(ledger, lambda: _terms(law.law), stopping=ending.is_set)
    digest = Digest(ledger, settings.rules.zone, lambda: alerting.routing.names, ending.is_set)
    supervisor = Supervisor(
        ledger, _jobs(settings, parts, ledger, (judging, notify, gather, watch, digest, sweep), ending), now
    )
    app = create_app(
        ledger,
        access=parts.access,
        metrics=Exposition(
            partial(_snapshot, ledger, supervisor, engine, law, (watch, notify, alerting, sweep), now)
        ).render,
        troubles=lambda: troubles(ledger, supervisor.duties, watch.concerns, int(now())),
        titles=titles(law, {("unit", code): n.model_dump() for code, n in settings.units.items()}),
        policies=policies(law),
        explain=Explainer(
            law, second, lambda: int(now()), {code: n.model_dump() for code, n in settings.units.items()}
        ),
        remaining=lambda at, due_at: remaining(law.law.default_calendar, at, due_at),
        covered=lambda events: supervised(law.law.books, law.law.catalogue, events),
        office=Office(settings.owner.name, settings.owner.code, settings.owner.contact),
        workshop=Bench(settings, ledger, law, lambda: int(now())).lent(
            RoutingInForce(ledger, routes_of(settings, address), settings.rules.zone).at,
            lambda: timing_of(settings, law.law),
        ),
        zone=settings.rules.zone,
        language=settings.console.language,
        refresh=settings.console.refresh,
        now=lambda: int(now()),
        loop=alerting.loop,
    )
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=3))
    closing = [
        *(connector.close for connector in parts.connectors),
        *(channel.close for channel in parts.channels.values()),
        engine.close,
        second.close,
        law.close,
    ]
    return House(settings, ledger, supervisor, server, listening, closing, ending)


def _terms(law: Law) -> Terms:
    return terms_of(law.calendars, law.default_calendar, law.catalogue)


def _address(settings: Settings, listening: socket.socket) -> str:
    """Return the address of the pages for links in messages."""
    host, port = listening.getsockname()[:2]
    return settings.console.public_url or f"http://{host}:{port}"


def _watch(settings: Settings, law: LawInForce, ledger: Ledger, more: Sequence[Look]) -> Watch:
    home = Path(settings.ledger.url.removeprefix("sqlite:///")).parent if _embedded(settings) else Path.cwd()
    return Watch([partial(_horizon, law), law.concern(), disk(home), clock(), work_in_time(ledger), *more])


def _horizon(law: LawInForce, now: Instant) -> Concern:
    """Look how far the calendar in force reaches."""
    calendar = law.law.default_calendar
    return calendar_horizon(calendar.name, calendar.horizon_on)(now)


def _judging(settings: Settings, context: Context, ledger: Ledger, alerting: Alerting, ending: Event) -> Review:
    return Review(
        ledger,
        lambda cases, at: review(cases, context, EVER, at),
        context.books.policies,
        alerting.routing,
        counts_from(context.default_calendar),
        settings.rules.zone,
        settings.duties.batch,
        ending.is_set,
        lambda case: tracing(case, context),
        timed=alerting.punctual,
        inhibiting=settings.alerts.hold_while_silent,
    )


def _jobs(
    settings: Settings,
    parts: Parts,
    ledger: Ledger,
    own: tuple[LawfulReview, Notify, Gather, Watch, Digest, Sweep],
    ending: Event,
) -> list[Job]:
    """Return one job for each duty, and one for each source, so that a slow or failing one stops no other."""
    duties, (judging, notify, gather, watch, digest, sweep) = settings.duties, own
    lag = lag_hours(parts.law.default_calendar)
    return [
        *(
            Job(Ingest(ledger, connector, duties.backoff_limit, ending.is_set, lag), source.interval, wakes=("review",))
            for connector, source in zip(parts.connectors, settings.sources, strict=True)
        ),
        Job(judging, duties.review, wakes=("notify", "digest")),
        Job(digest, duties.digest, wakes=("notify",)),
        Job(sweep, duties.sweep),
        Job(notify, duties.notify),
        Job(gather, duties.gather, wakes=("review",)),
        Job(watch, duties.watch),
    ]


def _embedded(settings: Settings) -> bool:
    return settings.ledger.url.startswith("sqlite:///")


def _snapshot(
    ledger: Ledger,
    supervisor: Supervisor,
    engine: ChildEngine,
    law: LawInForce,
    own: tuple[Watch, Notify, Alerting, Sweep],
    now: Callable[[], float],
) -> Snapshot:
    tallies, (watch, notify, alerting, sweep) = supervisor.tallies, own
    return Snapshot(
        views.figures(ledger),
        dict(tallies.runs),
        dict(tallies.failures),
        dict(tallies.misses),
        engine.restarts,
        {concern.code: concern.light for concern in watch.concerns},
        product_version(),
        {name: breaker.phase(int(now())) for name, breaker in notify.breakers.items()},
        law_revision=law.revision,
        law=law.books(),
        routing=views.routing_figures(ledger),
        vacancies=tuple((unit, rank.value) for unit, rank in alerting.vacancies),
        steps=sweep.counts,
    )
