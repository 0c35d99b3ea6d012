"""The tables of accounts and of what people did, beside the other tables and in the same metadata.

Secrets that are shown once (session ids, tokens, links, recovery codes) are kept as SHA-256; only ``acts`` is written
once and never changed.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Index, LargeBinary, Table, Text, text

from ledger.tables import KEY, WHOLE, metadata

accounts: Final = Table(
    "accounts",
    metadata,
    Column("account", KEY, primary_key=True),
    Column("name", Text, nullable=False),
    Column("roles_json", LargeBinary, nullable=False),
    Column("regions_json", LargeBinary, nullable=False),
    Column("units_json", LargeBinary, nullable=False),
    Column("identity", Text),
    Column("password_hash", Text, nullable=False, server_default=""),
    Column("password_at", WHOLE),
    Column("totp_secret", Text, nullable=False, server_default=""),
    Column("totp_step", WHOLE, nullable=False, server_default="0"),
    Column("locked", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", WHOLE, nullable=False),
    Column("signed_in_at", WHOLE),
)
"""Who may sign in: ``identity`` is that of an OIDC provider (issuer and subject), ``totp_step`` the last one used."""

Index("accounts_identity", accounts.c.identity, unique=True)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("session", LargeBinary, primary_key=True),
    Column("account", KEY, nullable=False),
    Column("stage", Text, nullable=False),
    Column("form_token", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("agent", Text, nullable=False, server_default=""),
    Column("created_at", WHOLE, nullable=False),
    Column("seen_at", WHOLE, nullable=False),
)
"""Who is signed in; ``stage`` says what is still owed: nothing, a second factor, or a new password."""

Index("sessions_account", sessions.c.account)

tokens: Final = Table(
    "tokens",
    metadata,
    Column("token", KEY, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    Column("account", KEY, nullable=False),
    Column("label", Text, nullable=False, server_default=""),
    Column("acts_json", LargeBinary, nullable=False),
    Column("created_at", WHOLE, nullable=False),
    Column("expires_at", WHOLE, nullable=False),
    Column("used_at", WHOLE),
    Column("revoked_at", WHOLE),
)
"""Tokens of the API: the prefix that is shown, the hash of the rest, and the acts to which each is held."""

Index("tokens_account", tokens.c.account)

links: Final = Table(
    "links",
    metadata,
    Column("link", LargeBinary, primary_key=True),
    Column("account", KEY, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("created_at", WHOLE, nullable=False),
    Column("expires_at", WHOLE, nullable=False),
    Column("used_at", WHOLE),
)
"""Links that sign in once."""

recovery_codes: Final = Table(
    "recovery_codes",
    metadata,
    Column("account", KEY, primary_key=True),
    Column("code", LargeBinary, primary_key=True),
    Column("used_at", WHOLE),
)
"""Codes that stand in for a lost second factor, each once."""

failures: Final = Table(
    "failures",
    metadata,
    Column("name", KEY, primary_key=True),
    Column("count", WHOLE, nullable=False),
    Column("until_at", WHOLE, nullable=False),
    Column("last_at", WHOLE, nullable=False),
)
"""Failed sign-ins by the name that was typed, whether or not there is such an account, and until when it has to wait."""

handshakes: Final = Table(
    "handshakes",
    metadata,
    Column("state", LargeBinary, primary_key=True),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("goal", Text, nullable=False),
    Column("created_at", WHOLE, nullable=False),
)
"""Sign-ins that are under way at an OIDC provider."""

acts: Final = Table(
    "acts",
    metadata,
    Column("position", WHOLE, primary_key=True, autoincrement=False),
    Column("at", WHOLE, nullable=False),
    Column("who", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Every act and every look at personal data, in the audit chain."""

Index("acts_who", acts.c.who, acts.c.position)
Index("acts_target", acts.c.target, acts.c.position)
