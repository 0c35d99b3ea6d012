"""Accounts, sessions, tokens, and the audit chain of acts"""

import sqlalchemy as sa
from alembic import op

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("account", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles_json", sa.LargeBinary(), nullable=False),
        sa.Column("regions_json", sa.LargeBinary(), nullable=False),
        sa.Column("units_json", sa.LargeBinary(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("password_at", WHOLE, nullable=True),
        sa.Column("totp_secret", sa.Text(), server_default="", nullable=False),
        sa.Column("totp_step", WHOLE, server_default="0", nullable=False),
        sa.Column("locked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("signed_in_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_index("accounts_identity", "accounts", ["identity"], unique=True)
    op.create_table(
        "sessions",
        sa.Column("session", sa.LargeBinary(), nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("form_token", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("seen_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("session"),
    )
    op.create_index("sessions_account", "sessions", ["account"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("token", KEY, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("acts_json", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.Column("used_at", WHOLE, nullable=True),
        sa.Column("revoked_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("tokens_account", "tokens", ["account"], unique=False)
    op.create_table(
        "links",
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.Column("used_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("link"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("account", KEY, nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("account", "code"),
    )
    op.create_table(
        "failures",
        sa.Column("name", KEY, nullable=False),
        sa.Column("count", WHOLE, nullable=False),
        sa.Column("until_at", WHOLE, nullable=False),
        sa.Column("last_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "handshakes",
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("state"),
    )
    op.create_table(
        "acts",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("acts_target", "acts", ["target", "position"], unique=False)
    op.create_index("acts_who", "acts", ["who", "position"], unique=False)


def downgrade() -> None:
    op.drop_index("acts_target", table_name="acts")
    op.drop_index("acts_who", table_name="acts")
    op.drop_table("acts")
    op.drop_table("handshakes")
    op.drop_table("failures")
    op.drop_table("recovery_codes")
    op.drop_table("links")
    op.drop_index("tokens_account", table_name="tokens")
    op.drop_table("tokens")
    op.drop_index("sessions_account", table_name="sessions")
    op.drop_table("sessions")
    op.drop_index("accounts_identity", table_name="accounts")
    op.drop_table("accounts")
