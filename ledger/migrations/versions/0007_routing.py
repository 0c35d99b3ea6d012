"""Routing"""

import sqlalchemy as sa
from alembic import op

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("address", sa.Text(), nullable=False, server_default=""))
    op.add_column("deliveries", sa.Column("digest_at", WHOLE))
    op.add_column("deliveries", sa.Column("bundle", KEY))
    waiting = sa.text("digest_at is not null")
    op.create_index("deliveries_digest_at", "deliveries", ["digest_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "directories",
        sa.Column("version", WHOLE, nullable=False, autoincrement=False),
        sa.Column("imported_at", WHOLE, nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("directory_json", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "told_counts",
        sa.Column("channel", KEY, nullable=False),
        sa.Column("address", KEY, nullable=False),
        sa.Column("day", KEY, nullable=False),
        sa.Column("messages", WHOLE, nullable=False),
        sa.Column("deferred", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", "day"),
    )
    op.create_table(
        "held_cards",
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("since_at", WHOLE, nullable=False),
        sa.Column("cards", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
