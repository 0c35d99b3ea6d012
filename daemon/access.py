"""From settings to the rules of signing in, and the one administrator that a first start makes."""

from __future__ import annotations

from typing import Final

from console.access.access import Access, Provider
from console.access.links import one_time_link
from console.access.roles import Role
from daemon.settings import OidcSettings, Settings
from ledger import Ledger
from rules.facts import Instant
from rules.problems import refuse

FIRST: Final = "administrator"
"""The account that a first start makes."""


def access_of(settings: Settings) -> Access:
    """Return the rules of signing in; raise ``UserError`` if the provider's secret is not there."""
    said = settings.access
    regions = {code: unit.region for code, unit in settings.units.items() if unit.region}
    return Access(
        idle=said.idle,
        absolute=said.absolute,
        password_length=said.password_length,
        lock_after=said.lock_after,
        lock_seconds=said.lock,
        lock_limit=said.lock_limit,
        link_seconds=said.link,
        second_factor_for=frozenset(Role(role) for role in said.second_factor_for),
        public_url=settings.console.public_url.rstrip("/"),
        metrics_public=said.metrics_public,
        upload_limit=said.upload_limit,
        provider=_provider(said.oidc, settings.secret_values()) if said.oidc is not None else None,
        regions=lambda: regions,
    )


def first_link(ledger: Ledger, base_url: str, seconds: int, now: Instant) -> str | None:
    """Make the first administrator, and a link by which they choose their password; None if there is any account."""
    if ledger.accounts.all():
        return None
    ledger.accounts.add(FIRST, "系统管理员", [Role.ADMINISTRATOR], now, units=["*"])
    ledger.note_act(now, who="mingdeng", act="account_added", target=FIRST, detail="first start")
    return one_time_link(ledger, FIRST, base_url, now, seconds=seconds)


def _provider(oidc: OidcSettings, secrets: dict[str, str]) -> Provider:
    if oidc.client_secret not in secrets:
        raise refuse(
            "settings/oidc-secret", "access.oidc.client_secret",
            f"There is no secret '{oidc.client_secret}'.", f"没有名为“{oidc.client_secret}”的密钥。",
            mend_en="Put it into a file of that name in the folder that secrets_dir names.",
            mend_zh="请放入 secrets_dir 所指文件夹中的同名文件。",
        )  # fmt: skip
    return Provider(
        issuer=oidc.issuer, client_id=oidc.client_id, client_secret=secrets[oidc.client_secret], label=oidc.label,
        scopes=oidc.scopes, account_claim=oidc.account_claim, name_claim=oidc.name_claim,
        roles_claim=oidc.roles_claim, roles={value: Role(role) for value, role in oidc.roles.items()},
        units_claim=oidc.units_claim, units=oidc.units, regions_claim=oidc.regions_claim,
    )  # fmt: skip
