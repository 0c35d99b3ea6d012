"""From a provider's claims to an account of ours: which roles and units they give, and that no account is taken over."""

from __future__ import annotations

from collections.abc import Iterator

from console.access.access import Provider
from console.access.oidc import Claims
from console.access.roles import EVERY, Role, Verdict, clashing
from console.access.signing import account_name
from ledger import Ledger
from ledger.accounts import Account
from rules.facts import Instant

NO_ROLE = Verdict(False, "您在统一身份认证中没有本系统的角色。", "The provider gives you no role here.")
CLASH = Verdict(False, "统一身份认证给出的角色不相容。", "The provider gives you roles that one person cannot hold.")
TAKEN = Verdict(False, "同名账号已存在，且不属于此身份。", "An account of this name exists and does not belong to you.")
LOCKED = Verdict(False, "此账号已锁定。", "This account is locked.")


def account_for(ledger: Ledger, provider: Provider, claims: Claims, now: Instant) -> Account | Verdict:
    """Return the account of an identity, made or brought up to date by its claims; or why there is none."""
    roles = granted_roles(provider, claims)
    if not roles:
        return NO_ROLE
    if clashing(roles):
        return CLASH
    identity = f"{provider.issuer}|{claims['sub']}"
    found = ledger.accounts.of_identity(identity)
    units, regions = granted_units(provider, claims), [r for r in _values(claims, provider.regions_claim) if r != EVERY]
    account = account_name(_first(claims, provider.account_claim) or str(claims["sub"]))
    name = _first(claims, provider.name_claim) or account
    if found is None:
        if ledger.accounts.find(account) is not None:
            return TAKEN
        ledger.note_act(now, who="oidc", act="account_added", target=account, detail=identity)
        return ledger.accounts.add(account, name, roles, now, units=units, regions=regions, identity=identity)
    if found.locked:
        return LOCKED
    changed = (found.name, found.roles, found.units, found.regions) != (
        name, tuple(sorted(roles)), tuple(sorted(set(units))), tuple(sorted(set(regions))),
    )  # fmt: skip
    if changed:
        ledger.note_act(now, who="oidc", act="account_changed", target=found.account, detail=" ".join(sorted(roles)))
        return ledger.accounts.grant(found.account, name, roles, units=units, regions=regions)
    return found


def granted_roles(provider: Provider, claims: Claims) -> frozenset[Role]:
    """Return the roles that the settings give for the claim's values; whatever they do not name gives none."""
    return frozenset(
        provider.roles[value] for value in _values(claims, provider.roles_claim) if value in provider.roles
    )


def granted_units(provider: Provider, claims: Claims) -> list[str]:
    """Return the units of the claim; everything (``*``) only where the settings say so, never because a claim does."""
    return [provider.units.get(value, value) for value in _values(claims, provider.units_claim) if value != EVERY]


def _values(claims: Claims, claim: str) -> Iterator[str]:
    value = claims.get(claim)
    yield from (
        [value]
        if isinstance(value, str)
        else [v for v in value if isinstance(v, str)]
        if isinstance(value, list)
        else []
    )


def _first(claims: Claims, claim: str) -> str:
    return next(_values(claims, claim), "")
