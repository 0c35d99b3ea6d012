"""What the daemon says about access: how long sessions last, which passwords do, which provider to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from console.access.roles import Role


@dataclass(frozen=True, slots=True)
class Provider:
    """An OIDC provider: who it is, how we are called there, and which claims make which roles and scopes."""

    issuer: str
    client_id: str
    client_secret: str
    label: str = "OIDC"
    scopes: str = "openid profile"
    account_claim: str = "preferred_username"
    name_claim: str = "name"
    roles_claim: str = "groups"
    roles: Mapping[str, Role] = field(default_factory=dict)
    units_claim: str = "units"
    units: Mapping[str, str] = field(default_factory=dict)
    regions_claim: str = "regions"


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of signing in. All lengths are in seconds; ``regions`` gives the region of each unit."""

    idle: int = 1_800
    absolute: int = 43_200
    password_length: int = 12
    lock_after: int = 5
    lock_seconds: int = 30
    lock_limit: int = 3_600
    link_seconds: int = 86_400
    token_limit: int = 365 * 86_400
    second_factor_for: frozenset[Role] = frozenset()
    public_url: str = ""
    metrics_public: bool = False
    upload_limit: int = 32 * 1024 * 1024
    provider: Provider | None = None
    regions: Callable[[], Mapping[str, str]] = dict

    @property
    def https(self) -> bool:
        """Say whether browsers reach us over TLS, so that cookies may insist on it."""
        return self.public_url.startswith("https://")
