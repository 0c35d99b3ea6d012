"""The settings of a running Mingdeng: ``mingdeng.toml``, then secret files, then the environment, the later one ruling.

Environment variables are named ``MINGDENG_SECTION__KEY``. A file ``section__key`` in ``secrets_dir`` sets that key;
every other file there is a secret by its own name, for sources and channels to refer to. Relative paths are taken from
the folder of the settings file.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def duration(value: object) -> object:
    """Return the seconds of a length of time written as ``"30"``, ``"5m"`` or ``"1h"``; else the value as it is."""
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d+)\s*([smhd]?)\s*", value)
        if match is None:
            raise PydanticCustomError("duration", "is not a length of time")
        return int(match[1]) * SECONDS[match[2] or "s"]
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise PydanticCustomError("zone", "is not a time zone")
    return value


Duration = Annotated[int, BeforeValidator(duration), Field(ge=1, le=86_400)]
ZoneName = Annotated[str, AfterValidator(_zone)]
WallTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]


class Section(BaseModel):
    """A table of the settings file; a key that it does not know is a problem."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class LedgerSettings(Section):
    """Where everything is remembered (台账)."""

    url: str = "sqlite:///var/mingdeng.sqlite3"
    """SQLite file (`sqlite:///path`) or PostgreSQL (`postgresql+psycopg://user@host/name`)."""


class ConsoleSettings(Section):
    """The window: pages, health and metrics."""

    host: str = "127.0.0.1"
    """Address to listen on; anything but the machine itself belongs behind a proxy that knows who asks."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 8600
    """Port to listen on; 0 takes a free one."""
    language: Literal["zh", "en"] = "zh"
    """Language of a page that does not ask for another."""
    refresh: Duration = 10
    """How often a page renews itself."""
    public_url: str = ""
    """Address of the pages for links in messages, where a proxy stands before them."""


class RulesSettings(Section):
    """By which law cases are judged."""

    books: tuple[Path, ...] = ()
    """Rulebooks, or folders of them; none given means those that are shipped."""
    profile: str | None = None
    """Severity profile: a shipped name or a file."""
    calendar: str = "cn"
    """The calendar that counts where a unit has none of its own."""
    calendars: tuple[Path, ...] = ()
    """Folders with further calendars."""
    items: Path | None = None
    """Catalogue of service items with their limits."""
    zone: ZoneName = "Asia/Shanghai"
    """Zone in which instants are shown."""


class SourceSettings(Section):
    """A departmental system that is read."""

    mapping: Path
    """File that says how its fields become events."""
    interval: Duration = 60
    """How long to wait between two readings."""
    path: Path | None = None
    """File or folder to read, where the mapping leaves it open."""


class Elsewhere(Section):
    """Where somebody is told when the first way fails."""

    channel: Word
    """Name of a table under `[channels]`."""
    address: Annotated[str, Field(min_length=1, max_length=500)]
    """Address as that channel wants it."""


class Recipient(Section):
    """One address over one channel."""

    channel: Word
    """Name of a table under `[channels]`."""
    address: Annotated[str, Field(min_length=1, max_length=500)]
    """Mail address, URL or name, as the channel wants it."""
    language: Literal["zh", "en"] | None = None
    """Language of the message; the console's where none is given."""
    fallback: Elsewhere | None = None
    """Another `{channel = ..., address = ...}`, used when a message fails for good or the channel is out of order for long."""
    at_once: bool = False
    """Told at once whatever the hour: a program reads there, no person."""


class OwnerSettings(Section):
    """The supervision owner (纪检监察、效能办), who is told of every card."""

    name: Annotated[str, Field(min_length=1)]
    """How the office is called in messages and on documents."""
    code: Annotated[str, Field(min_length=1, max_length=20)] = "监督"
    """The office's word in the numbers of its documents, as in 监督〔2026〕第 12 号."""
    contact: Annotated[str, Field(max_length=200)] = ""
    """Whom documents and messages name to be asked: telephone, room."""
    tell: Annotated[tuple[Recipient, ...], Field(min_length=1)]
    """Where the office receives them; at least one."""


class RouteSettings(Section):
    """Who on the supervised side is told."""

    unit: str = "*"
    """Unit whose cards are meant; `*` is every unit."""
    rank: Literal["R0", "R1", "R2", "R3", "R4", "R5"]
    """Rank of the recipient; a rule that tells R2 tells R0 and R1 too."""
    name: str = ""
    """How the recipient is called in messages."""
    tell: Annotated[tuple[Recipient, ...], Field(min_length=1)]
    """Where the recipient receives them."""


class DutyTurnSettings(Section):
    """Who is on duty off hours and on holidays, and is told of red at once."""

    name: Annotated[str, Field(min_length=1)]
    """How the duty officer is called in messages."""
    from_on: dt.date | None = None
    """First day of the turn; without dates the turn is always."""
    until_on: dt.date | None = None
    """Last day of the turn."""
    tell: Annotated[tuple[Recipient, ...], Field(min_length=1)]
    """Where the duty officer receives them."""


class AlertsSettings(Section):
    """When people are told: reminders in digests, yellow in office hours, red at once."""

    at_once: bool = False
    """Tell everything at once, whatever the hour, one message each."""
    calendar: str = "cn-office"
    """Calendar whose office hours count."""
    digests: Annotated[tuple[WallTime, ...], Field(min_length=1)] = ("09:00", "15:00")
    """When digests go out on working days."""
    budget: Annotated[int, Field(ge=1)] = 30
    """Single messages that one address gets a day; what is beyond and not red goes into its next digest."""
    hold_while_silent: bool = True
    """While a source is silent, new cards of its cases wait until it speaks again."""
    duty: tuple[DutyTurnSettings, ...] = ()
    """One `[[alerts.duty]]` table for each turn; without any, red goes to the supervision owner at once."""


RoleName = Literal["inspector", "chief_inspector", "administrator", "unit_user", "leader", "auditor", "service"]


class OidcSettings(Section):
    """A provider of identities (OpenID Connect); an account is made when somebody signs in with a role."""

    issuer: Annotated[str, Field(pattern=r"^https?://")]
    """Address of the provider, as it calls itself."""
    client_id: Annotated[str, Field(min_length=1)]
    """How this console is called there; its redirect address is `<public_url>/sign-in/oidc/back`."""
    client_secret: Word
    """Name of the secret that the provider gave this console."""
    label: str = "统一身份认证"
    """What the button on the sign-in page says."""
    scopes: str = "openid profile"
    """Scopes that are asked for."""
    account_claim: str = "preferred_username"
    """Claim that names the account."""
    name_claim: str = "name"
    """Claim with the person's name."""
    roles_claim: str = "groups"
    """Claim with the values that `roles` maps."""
    roles: dict[str, RoleName] = {}
    """Which value of that claim gives which role; who has none is not let in."""
    units_claim: str = "units"
    """Claim with the units that the person sees (a list or one value; `*` is not accepted from a claim)."""
    units: dict[str, str] = {}
    """Which value of that claim is which unit (`*` is all), where the provider calls them otherwise."""
    regions_claim: str = "regions"
    """Claim with the regions that the person sees."""


class AccessSettings(Section):
    """Who may do what: sessions, passwords, second factors, and a provider of identities."""

    idle: Duration = 1_800
    """A session ends after so long without use."""
    absolute: Duration = 43_200
    """A session ends after so long in any case."""
    password_length: Annotated[int, Field(ge=12, le=64)] = 12
    """Least length of a password."""
    lock_after: Annotated[int, Field(ge=3, le=20)] = 5
    """So many failures in a row make an account wait, longer with each further one."""
    lock: Duration = 30
    """The first wait; it doubles with each further failure."""
    lock_limit: Duration = 3_600
    """The longest wait."""
    link: Duration = 86_400
    """How long a one-time link works."""
    second_factor_for: tuple[RoleName, ...] = ()
    """Roles that have to set up a second factor (TOTP)."""
    metrics_public: bool = False
    """Whether `/metrics` is open to all; else only to this machine itself and to tokens that may read it."""
    upload_limit: Annotated[int, Field(ge=65_536)] = 32 * 1024 * 1024
    """The largest request that is taken, in bytes."""
    oidc: OidcSettings | None = None
    """A provider of identities, `[access.oidc]`."""


class UnitName(Section):
    """How a unit is called on pages and in messages: `housing = {zh = "住房和城乡建设局", en = "Housing Bureau"}`."""

    zh: str
    """Chinese name."""
    en: str = ""
    """English name."""
    region: str = ""
    """Region that the unit belongs to, for accounts that see whole regions."""


class ChannelSettings(BaseModel):
    """A way in which messages leave; further keys are those of its kind."""

    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)

    kind: Word
    """Which way: one of the kinds below, each with keys of its own."""


class DutySettings(Section):
    """How often a duty looks by itself; it is woken earlier when something is due."""

    review: Duration = 15
    """Longest rest of the review between two looks."""
    notify: Duration = 5
    """Longest rest before deliveries are looked for."""
    gather: Duration = 60
    """Longest rest before facts over many cases (batches, peers) are gathered from what has arrived."""
    digest: Duration = 60
    """Longest rest before digests are looked for."""
    sweep: Duration = 60
    """How often it is proved that every step of escalation ran."""
    watch: Duration = 30
    """How often the machine looks at itself: calendar horizon, clock, disk, leases."""
    batch: Annotated[int, Field(ge=1, le=5_000)] = 500
    """Cases that are judged in one round."""
    backoff_limit: Duration = 900
    """Longest rest before a failing source is tried again."""


class LogSettings(Section):
    """What the daemon says while it works."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least serious line that is shown."""
    format: Literal["auto", "json", "text"] = "auto"
    """`auto` is readable text on a terminal and JSON elsewhere."""


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True,
        env_prefix="MINGDENG_", env_nested_delimiter="__", secrets_prefix="", secrets_nested_delimiter="__",
    )  # fmt: skip

    owner: OwnerSettings
    """The supervision owner; without one nothing starts."""
    ledger: LedgerSettings = LedgerSettings()
    """Storage."""
    console: ConsoleSettings = ConsoleSettings()
    """Pages."""
    access: AccessSettings = AccessSettings()
    """Who may do what."""
    rules: RulesSettings = RulesSettings()
    """Law."""
    sources: tuple[SourceSettings, ...] = ()
    """One `[[sources]]` table for each departmental system."""
    routes: tuple[RouteSettings, ...] = ()
    """One `[[routes]]` table for each recipient on the supervised side."""
    alerts: AlertsSettings = AlertsSettings()
    """Timing."""
    units: dict[Word, UnitName] = {}
    """The names of units by their code."""
    channels: dict[Word, ChannelSettings] = {}
    """One `[channels.NAME]` table for each way out."""
    duties: DutySettings = DutySettings()
    """Rhythm."""
    log: LogSettings = LogSettings()
    """Log."""
    secrets_dir: Path | None = None
    """Folder with one file for each secret."""
    secrets: dict[str, SecretStr] = {}
    """Secrets by name, from `secrets_dir` or `MINGDENG_SECRETS__NAME`; never from this file."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the signature is pydantic-settings'
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # as above
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment rule over secret files, and these over what the settings file says."""
        return env_settings, NestedSecretsSettingsSource(file_secret_settings), init_settings

    def secret_values(self) -> dict[str, str]:
        """Return the secrets in the clear, for the one place that hands them to sources and channels."""
        return {name: secret.get_secret_value() for name, secret in self.secrets.items()}
