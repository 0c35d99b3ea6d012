"""Signing in through a provider (OpenID Connect, code flow with PKCE, state and nonce; RFC 6749, 7636, OIDC Core 3.1)."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Final, TypeAlias
from urllib.parse import urlencode

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from console.access.access import Provider
from ledger.sessions import Handshake
from rules.facts import Instant

ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures by key pairs only: what the client secret could sign, whoever knows it could forge."""

LEEWAY: Final = 60
TIMEOUT: Final = 10.0

Claims: TypeAlias = Mapping[str, object]


class ProviderFailed(Exception):
    """The provider did not answer, or what it said does not hold; the sentence is for the log and the audit."""


def begin(provider: Provider, redirect_uri: str, goal: str) -> tuple[str, str, Handshake]:
    """Return the provider's address to send the browser to, the state, and what has to be remembered under it."""
    with _client() as client:
        known = _discovered(client, provider)
    state, handshake = (
        secrets.token_urlsafe(32),
        Handshake(nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48), goal=goal),
    )
    asked = {
        "response_type": "code", "client_id": provider.client_id, "redirect_uri": redirect_uri,
        "scope": provider.scopes, "state": state, "nonce": handshake.nonce,
        "code_challenge": _challenge(handshake.verifier), "code_challenge_method": "S256",
    }  # fmt: skip
    endpoint = _text(known, "authorization_endpoint")
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", state, handshake


def finish(provider: Provider, redirect_uri: str, code: str, handshake: Handshake, now: Instant) -> Claims:
    """Exchange the code and return the claims about the person; raise ``ProviderFailed`` unless all of it holds."""
    with _client() as client:
        known = _discovered(client, provider)
        said = _exchanged(client, provider, known, redirect_uri, code, handshake.verifier)
        keys = _asked(client.get, _text(known, "jwks_uri"))
        claims = _validated(provider, _text(said, "id_token"), keys, handshake.nonce, now)
        endpoint = known.get("userinfo_endpoint")
        if provider.roles_claim in claims or not isinstance(endpoint, str):
            return claims
        more = _asked(client.get, endpoint, headers={"authorization": f"Bearer {_text(said, 'access_token')}"})
        if more.get("sub") != claims["sub"]:
            raise ProviderFailed("the provider's userinfo is about somebody else")
        return {**more, **claims}


def _discovered(client: httpx2.Client, provider: Provider) -> dict[str, object]:
    known = _asked(client.get, provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if known.get("issuer") != provider.issuer:
        raise ProviderFailed(f"the provider calls itself {known.get('issuer')!r}, not {provider.issuer!r}")
    return known


def _exchanged(
    client: httpx2.Client, provider: Provider, known: Claims, redirect_uri: str, code: str, verifier: str
) -> dict[str, object]:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    methods = known.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    endpoint = _text(known, "token_endpoint")
    if isinstance(methods, list) and "client_secret_basic" in methods:
        return _asked(client.post, endpoint, data=form, auth=(provider.client_id, provider.client_secret))
    secret = {"client_id": provider.client_id, "client_secret": provider.client_secret}
    return _asked(client.post, endpoint, data={**form, **secret})


def _validated(provider: Provider, token: str, keys: dict[str, object], nonce: str, now: Instant) -> Claims:
    registry = jwt.JWTClaimsRegistry(
        now=now, leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer}, aud={"essential": True, "value": provider.client_id},
        exp={"essential": True}, iat={"essential": True}, sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )  # fmt: skip
    try:
        found = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]  # checked by it
        registry.validate(found.claims)
    except (JoseError, ValueError, KeyError, TypeError) as fault:
        raise ProviderFailed(f"the identity token does not hold: {fault}") from fault
    claims: dict[str, object] = dict(found.claims)
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != provider.client_id:
        raise ProviderFailed("the identity token was made for another client")
    return claims


def _asked(ask: object, url: str, **said: object) -> dict[str, object]:
    """Return the JSON object that a request brings."""
    try:
        answer = ask(url, **said)  # type: ignore[operator]  # get or post of the client
        answer.raise_for_status()
        value = answer.json()
    except (httpx2.HTTPError, ValueError) as fault:
        raise ProviderFailed(f"the provider did not answer at {url}: {fault}") from fault
    if not isinstance(value, dict):
        raise ProviderFailed(f"the provider did not answer with an object at {url}")
    return value


def _client() -> httpx2.Client:
    return httpx2.Client(timeout=TIMEOUT, follow_redirects=False)


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _text(said: Claims, key: str) -> str:
    value = said.get(key)
    if not isinstance(value, str) or not value:
        raise ProviderFailed(f"the provider does not say {key}")
    return value
